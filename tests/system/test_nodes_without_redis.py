# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What two nodes answer while the Redis between them is away: an older file for a while.

That while is 30 seconds in production, and in this test when the load is a full one.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis
from tests.support import servers
from tests.support.servers import Server
from tests.support.started_nodes import two_nodes
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import write_zip
from tests.support.versioned_load import FULL_LOAD, Load
from tests.support.versions import VersionedFile, versions_in

GRACE_SECONDS = 30 if FULL_LOAD else 4
# Longer than the grace, so that the checker sees what comes after it.
SECONDS_AWAY = GRACE_SECONDS + (10 if FULL_LOAD else 3)
FILES = 60

_first_files = itertools.count(0, FILES)


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    with servers.redis() as server:
        yield server


@pytest.fixture
def nodes(
    redis: Server,
    scale_out: Callable[[StartedServer], None],
    tmp_path: Path,
) -> Iterator[list[StartedServer]]:
    """Two nodes on a Redis of their own.

    They are new for each test: processes that Redis did not answer leave it alone for a while, and are
    uncertain as long.
    """
    settings = {
        "REDIS_URL": servers.redis_url(redis),
        "DJANGO_REDIS_UNCERTAIN_SECONDS": str(GRACE_SECONDS),
    }
    with two_nodes(scale_out, tmp_path / "nodes", **settings) as started:
        yield started


def wipe_again_and_again(server: Server) -> None:
    with Redis(port=server.port, protocol=2) as admin:
        for _ in range(100 if FULL_LOAD else 40):
            admin.flushall()
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("begin", "end", "seconds", "grace"),
    [
        (Server.stop, Server.start, SECONDS_AWAY, GRACE_SECONDS),
        (Server.pause, Server.resume, SECONDS_AWAY, GRACE_SECONDS),
        (wipe_again_and_again, lambda server: None, 0, 0),
    ],
    ids=["stopped", "paused", "wiped"],
)
def test_answers_are_of_one_version_and_not_too_old(
    nodes: list[StartedServer],
    redis: Server,
    begin: Callable[[Server], None],
    end: Callable[[Server], None],
    seconds: float,
    grace: float,
) -> None:
    token = nodes[0].token("upload_symbols")
    load = Load(nodes, token, files=FILES, first_file=next(_first_files))
    load.ledger.grace_seconds = grace
    with load.running(clients=4):
        time.sleep(1)
        begin(redis)
        time.sleep(seconds)
        end(redis)
        time.sleep(2)
    print(dict(load.counts), load.ledger.checked)  # noqa: T201
    assert load.failures == []
    assert load.ledger.wrong == []
    assert load.counts["upload"] > 5


def test_what_the_other_node_remembers_ends_with_the_grace(
    nodes: list[StartedServer], redis: Server, tmp_path: Path
) -> None:
    uploading, asked = nodes
    token = uploading.token("upload_symbols")
    file = VersionedFile(next(_first_files))

    def upload(version: int) -> None:
        archive = write_zip(tmp_path / f"{version}.zip", {file.key: file.text(version)})
        assert uploading.upload(archive, token).status_code == 201

    upload(0)
    redis.stop()
    try:
        assert _versions_known_to(asked, file) == {0}
        upload(1)
        time.sleep(GRACE_SECONDS + 1)
        assert _versions_known_to(asked, file) == {1}
    finally:
        redis.start()


def _versions_known_to(node: StartedServer, file: VersionedFile) -> set[int]:
    """Ask so often that every worker process has answered, in all likelihood."""
    job = {"memoryMap": [[file.debug_file, file.debug_id]], "stacks": [[[0, 0x1018]]]}
    versions = set()
    for _ in range(40):
        answer = requests.post(f"{node.url}/symbolicate/v5", json=job, timeout=60)
        assert answer.status_code == 200
        versions |= versions_in(file.number, answer.text)
    return versions
