# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What two nodes answer while the Redis between them is away: at most 30 s of an older file."""

import signal
import time
from collections.abc import Callable

import pytest
from redis import Redis
from tests.support import servers
from tests.support.servers import Server
from tests.support.started_server import StartedServer
from tests.support.versioned_load import Load

GRACE_SECONDS = 30
SECONDS_AWAY = 40  # longer than the grace, so that the checker sees what comes after it


def pause(server: Server) -> None:
    assert server.process
    server.process.send_signal(signal.SIGSTOP)


def resume(server: Server) -> None:
    assert server.process
    server.process.send_signal(signal.SIGCONT)


def wipe_again_and_again(server: Server) -> None:
    with Redis(port=server.port, protocol=2) as admin:
        for _ in range(100):
            admin.flushall()
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("begin", "end", "seconds", "grace"),
    [
        (Server.stop, Server.start, SECONDS_AWAY, GRACE_SECONDS),
        (pause, resume, SECONDS_AWAY, GRACE_SECONDS),
        (wipe_again_and_again, lambda server: None, 0, 0),
    ],
    ids=["stopped", "paused", "wiped"],
)
def test_answers_are_of_one_version_and_at_most_30_seconds_old(
    nodes: list[StartedServer],
    begin: Callable[[Server], None],
    end: Callable[[Server], None],
    seconds: float,
    grace: float,
) -> None:
    token = nodes[0].token("upload_symbols")
    with servers.redis() as redis:
        for node in nodes:
            node.stop()
            node.settings = {**node.settings, "REDIS_URL": servers.redis_url(redis)}
            node.start()
        load = Load(nodes, token)
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
