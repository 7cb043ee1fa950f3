# SPDX-License-Identifier: MPL-2.0

"""Workers that are stopped, killed, and killed again; and a server that ends with clients that stall."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from benchmarks.hostile_crowd import crowd
from benchmarks.polite import TIMEOUT_SECONDS, Load, ask
from tests.support.overload import prepared_target, target_of
from tests.support.processes import children
from tests.support.started_server import ServerMaker, StartedServer, wait_until

CONNECTIONS = 40
ENDED_WITHIN_SECONDS = 45.0  # these stall for a minute, and the drain may take as long
LIMITS = {
    "DJANGO_BODY_IDLE_SECONDS": "2",
    "DJANGO_ANSWER_IDLE_SECONDS": "2",
    "DJANGO_HEADER_SECONDS": "2",
}


def workers(server: StartedServer) -> set[int]:
    assert server.process is not None
    return set(children(server.process.pid))


def is_up(server: StartedServer) -> bool:
    assert server.process is not None
    return server.process.poll() is None


def answered(server: StartedServer) -> int:
    """Return how many of the connections are answered before a client gives up."""
    target, count = target_of(server), 0
    for _ in range(CONNECTIONS):
        with suppress(OSError):
            answer, _ = ask(target, "GET", "/__lbheartbeat__", timeout=TIMEOUT_SECONDS)
            count += answer.status == 200
            if count == 0:
                break
    return count


@contextmanager
def stopped(worker: int) -> Iterator[None]:
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it was replaced
            os.kill(worker, signal.SIGCONT)


def test_a_stopped_worker_takes_no_connections_with_it(make_server: ServerMaker) -> None:
    server = make_server("--workers", "2")
    with stopped(min(workers(server))):
        assert answered(server) == CONNECTIONS


def test_a_stopped_worker_is_replaced_after_its_time(make_server: ServerMaker) -> None:
    server = make_server("--workers", "2", GUNICORN_TIMEOUT="3")
    before = workers(server)
    victim = min(before)
    with stopped(victim):
        wait_until(lambda: victim not in workers(server), "it was ended", 40)
        wait_until(lambda: len(workers(server)) == len(before), "another took its place", 40)
    time.sleep(4)  # longer than that: those that work are left alone
    assert len(workers(server) & before) == len(before) - 1
    assert answered(server) == CONNECTIONS


def test_two_workers_killed_at_once_do_not_end_the_server(make_server: ServerMaker) -> None:
    server = make_server("--workers", "3")
    before = workers(server)
    for victim in sorted(before)[:2]:
        os.kill(victim, signal.SIGKILL)
        time.sleep(0.5)  # the second dies while the first is replaced
    assert answered(server) == CONNECTIONS
    wait_until(lambda: len(workers(server) - before) == 2, "others took their places", 40)
    wait_until(lambda: len(workers(server)) == len(before), "the killed ones are gone", 40)
    assert is_up(server)
    assert answered(server) == CONNECTIONS


def test_all_workers_killed_at_once_do_not_end_the_server(make_server: ServerMaker) -> None:
    server = make_server("--workers", "2")
    before = workers(server)
    for victim in before:
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(workers(server) - before) == len(before), "others took their places", 40)
    assert is_up(server)
    assert ask(target_of(server), "GET", "/__lbheartbeat__", timeout=30)[0].status == 200


def test_a_worker_that_dies_again_and_again_comes_back_more_and_more_slowly(
    make_server: ServerMaker,
) -> None:
    """The others serve meanwhile."""
    server = make_server("--workers", "2")
    survivor, victim = sorted(workers(server))
    load, ended, failures = Load(target_of(server), [], "", b""), threading.Event(), []

    def be_served() -> None:
        while not ended.is_set():
            failures.extend(load.run(0.5, ("lbheartbeat",))["lbheartbeat"].failures)

    served = threading.Thread(target=be_served)
    served.start()
    pauses = []
    try:
        for _ in range(4):
            os.kill(victim, signal.SIGKILL)
            begun = time.monotonic()
            wait_until(lambda: bool(workers(server) - {survivor, victim}), "it was back", 60)  # noqa: B023
            pauses.append(time.monotonic() - begun)
            [victim] = workers(server) - {survivor, victim}
            time.sleep(0.3)  # it serves for a moment
    finally:
        ended.set()
        served.join()
    assert survivor in workers(server)
    # Connections that the dying worker had just taken are lost; each kill may cost one or two.
    assert len(failures) <= 8, failures
    assert max(pauses[2:]) > 1.5 * min(pauses[:2]) + 0.2, pauses


@pytest.mark.parametrize("form", ["gzip", "inflated"])
def test_sigterm_waits_for_no_client_that_stalls(
    make_server: ServerMaker, tmp_path: Path, form: str
) -> None:
    server = make_server("--workers", "1", **LIMITS)
    target = prepared_target(server, tmp_path)
    kinds = ["silent", "stalled body: symbolication", "stalled body: upload"]
    kinds += [
        f"unread file: {form}",
        "stalled body: no such path",
        "idle after one request",
        "half the headers",
    ]
    process = server.process
    assert process is not None
    with ExitStack() as crowds:
        for kind in kinds:
            crowds.enter_context(crowd(kind, target, 30, pause_seconds=60))
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(90)
        assert time.monotonic() - begun < ENDED_WITHIN_SECONDS
    assert process.returncode == 0
