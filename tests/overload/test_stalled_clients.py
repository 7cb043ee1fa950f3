# SPDX-License-Identifier: MPL-2.0

"""Clients that stall, drip, do not read or reset, by the hundred, beside polite ones.

Each kind was seen to stop a server that gave a body or an answer a thread. CI tries the kinds that
differ most; ``TECKEN_TEST_FULL_LOAD=true`` tries all, with more clients. Exact figures are the
business of ``benchmarks.hostile``: here none may fail, and margins are wide, since the machine
also runs the clients.
"""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import crowd, raise_descriptors
from benchmarks.hostile_kinds import KINDS
from benchmarks.polite import Load, Measured
from tests.support.nginx import started_nginx
from tests.support.overload import exchange, prepared_target
from tests.support.started_server import StartedServer
from tests.support.versioned_load import FULL_LOAD

# More than the threads and permits of all workers together.
CLIENTS = 500 if FULL_LOAD else 200
SECONDS = 6.0 if FULL_LOAD else 1.0
SETTLE_SECONDS = 15.0
ASKED = ("lbheartbeat", "heartbeat", "symbolication")
MOST_TELLING = [
    "stalled body: symbolication",
    "stalled body: no such path",
    "stalled body: upload",
    "dripped body: refused upload",
    "dripped size of a chunk",
    "half the headers",
    "unread file: gzip",
    "unread file: inflated",
    "unread answers: pipelined",
    "unread answers: the last closes",
    "reset in a body",
]
BEHIND_NGINX = ["stalled body: no such path", "stalled body: upload", "unread file: gzip"]
EMBEDDED_KINDS = list(KINDS) if FULL_LOAD else MOST_TELLING
NGINX_KINDS = [kind for kind in KINDS if not KINDS[kind].plain] if FULL_LOAD else BEHIND_NGINX


class Besieged:
    """A server that is started again for a test when it did not survive the one before."""

    def __init__(self, folder: Path) -> None:
        raise_descriptors(10_000)
        self._folder = folder
        self._server = StartedServer(folder / "data")
        self._server.give_database()
        self._target: Target | None = None

    def target(self) -> Target:
        """Return where it answers, and what clients know of it."""
        if self._server.process is None:
            self._server.start()
        if self._target is None:
            self._target = prepared_target(self._server, self._folder)
        port = int(self._server.url.rpartition(":")[2])
        return replace(self._target, port=port)

    def end(self) -> str:
        """End it, whatever it does, and return its log."""
        self._server.stop(signal.SIGKILL)
        return self._server.log()


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    server = Besieged(tmp_path_factory.mktemp("besieged"))
    yield server
    log = server.end()
    assert "Traceback" not in log, log[-3000:]


def besiege(besieged: Besieged, target: Target, kind: str) -> None:
    load = Load(target, [exchange(target)], "", b"")
    alone = load.run(0.5, ASKED)
    try:
        with crowd(kind, target, CLIENTS) as running:
            settle(load, alone)
            beside = load.run(SECONDS, ASKED)
        assert running.told, "nobody was told anything"
        check(alone, beside)
    except AssertionError:
        besieged.end()
        raise


def settle(load: Load, alone: dict[str, Measured]) -> None:
    """Wait until the crowd has sent its requests, which cost what requests cost; it stays then."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        now = load.run(0.5, ("lbheartbeat",))["lbheartbeat"]
        if not now.failures and now.percentile(0.5) <= 3 * alone["lbheartbeat"].percentile(0.5):
            return


def check(alone: dict[str, Measured], beside: dict[str, Measured]) -> None:
    for asked in ASKED:
        assert not beside[asked].failures, (asked, beside[asked].failures)
        assert not alone[asked].failures, (asked, alone[asked].failures)
        before, now = alone[asked].percentile(0.5), beside[asked].percentile(0.5)
        # A second is what a very busy machine may add; who waits for the stalled waits for their end.
        assert now <= max(5 * before, before + 1000), f"{asked}: {before:.1f} became {now:.1f} ms"


@pytest.mark.parametrize("kind", EMBEDDED_KINDS)
def test_they_cost_nobody_else_anything(besieged: Besieged, kind: str) -> None:
    besiege(besieged, besieged.target(), kind)


@pytest.mark.parametrize("kind", NGINX_KINDS)
def test_they_cost_nobody_anything_behind_nginx(
    besieged: Besieged, kind: str, tmp_path: Path
) -> None:
    target = besieged.target()
    with started_nginx(tmp_path, "localhost", f"127.0.0.1:{target.port}") as front:
        tls = replace(target, port=front.https_port, certificate=str(front.certificate))
        besiege(besieged, tls, kind)
