# SPDX-License-Identifier: MPL-2.0

"""What two nodes answer while the Redis between them is away: an older file for a while.

That while is 30 seconds in production, and in this test when the load is a full one.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.redis_faults import PAUSED, STOPPED, Fault, wipe
from tests.support.servers import Server
from tests.support.started_nodes import two_nodes
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import write_zip
from tests.support.versioned_load import FULL_LOAD, Load
from tests.support.versions import VersionedFile, versions_in

GRACE_SECONDS = 30 if FULL_LOAD else 2
# Longer than the grace, so that the checker sees what comes after it.
SECONDS_AWAY = GRACE_SECONDS + (10 if FULL_LOAD else 2)
FILES = 60
SOME_REQUESTS = 25
CLIENTS = 4  # while it is wiped

_first_files = itertools.count(0, FILES)


@pytest.fixture
def nodes(
    own_redis: Server,
    scale_out: Callable[[StartedServer], None],
    tmp_path: Path,
) -> Iterator[list[StartedServer]]:
    """Two nodes on a Redis of their own, of one process each: those of one node share what they know.

    They are new for each test: processes that Redis did not answer leave it alone for a while, and are
    uncertain as long.
    """
    settings = {
        "REDIS_URL": servers.redis_url(own_redis),
        "DJANGO_REDIS_UNCERTAIN_SECONDS": str(GRACE_SECONDS),
    }
    with two_nodes(scale_out, tmp_path / "nodes", workers=1, **settings) as started:
        yield started


@pytest.mark.parametrize("fault", [STOPPED, PAUSED], ids=lambda fault: fault.name)
def test_answers_are_of_one_version_and_not_too_old_while_redis_is_away(
    nodes: list[StartedServer], own_redis: Server, fault: Fault
) -> None:
    load = new_load(nodes)
    load.ledger.grace_seconds = GRACE_SECONDS
    with load.running(clients=3, uploads=0.2, pause=0.4):
        load.go_on_for(SOME_REQUESTS)
        fault.begin(own_redis)
        time.sleep(SECONDS_AWAY)  # clients go on meanwhile
        fault.end(own_redis)
        load.go_on_for(SOME_REQUESTS)
    assert_all_right(load)


def test_answers_are_of_the_current_version_while_redis_is_wiped(
    nodes: list[StartedServer], own_redis: Server
) -> None:
    load = new_load(nodes)
    with load.running(CLIENTS, uploads=0.2):
        for _ in range(100 if FULL_LOAD else 25):
            load.go_on_for(CLIENTS)
            wipe(own_redis)
    assert_all_right(load)


def new_load(nodes: list[StartedServer]) -> Load:
    token = nodes[0].token("upload_symbols")
    return Load(nodes, token, files=FILES, first_file=next(_first_files))


def assert_all_right(load: Load) -> None:
    print(dict(load.counts), load.ledger.checked)  # noqa: T201
    assert load.failures == []
    assert load.ledger.wrong == []
    assert load.counts["upload"] > 5


def test_what_the_other_node_remembers_ends_with_the_grace(
    nodes: list[StartedServer], own_redis: Server, tmp_path: Path
) -> None:
    uploading, asked = nodes
    token = uploading.token("upload_symbols")
    file = VersionedFile(next(_first_files))

    def upload(version: int) -> None:
        archive = write_zip(tmp_path / f"{version}.zip", {file.key: file.text(version)})
        assert uploading.upload(archive, token).status_code == 201

    upload(0)
    own_redis.stop()
    try:
        assert _versions_known_to(asked, file) == {0}
        upload(1)
        time.sleep(GRACE_SECONDS + 1)  # after which it is not believed any more
        assert _versions_known_to(asked, file) == {1}
    finally:
        own_redis.start()


def _versions_known_to(node: StartedServer, file: VersionedFile) -> set[int]:
    """Ask several times, as a process remembers what it has answered."""
    job = {"memoryMap": [[file.debug_file, file.debug_id]], "stacks": [[[0, 0x1018]]]}
    versions = set()
    for _ in range(10):
        answer = requests.post(f"{node.url}/symbolicate/v5", json=job, timeout=60)
        assert answer.status_code == 200
        versions |= versions_in(file.number, answer.text)
    return versions
