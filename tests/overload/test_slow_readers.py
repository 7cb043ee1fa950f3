# SPDX-License-Identifier: MPL-2.0

"""Who reads slowly is served, however little its system takes at a time; who does not read is ended, and nothing kept for it.

The limit is a tenth of the default: within six seconds a client must take 64 KiB, or all that waits for it.
"""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product

import pytest
from benchmarks.hostile_kinds import head
from tests.support.overload import (
    is_held_by_server,
    is_kept_by_system,
    path_of_noise,
    read_all,
    target_of,
    upload_noise,
    with_window,
)
from tests.support.started_server import StartedServer, wait_until

LIMIT_SECONDS = 6  # shorter, and a busy machine's clients would be too slow themselves
ENDED_WITHIN_SECONDS = 30.0
TURN_SECONDS = 0.05
# Window -> paces. A turn's bytes are ten times 5, 10, 20 and 40 KB/s, as the limit is a tenth. The system of a client with
# a large window asks for more only when much of it is free, so that a busy machine's would take too long at the slower paces.
BYTES_A_TURN = {
    4_096: [2_500, 5_000, 10_000],
    16_000: [2_500, 5_000, 10_000],
    64_000: [10_000, 20_000],
    256_000: [10_000, 20_000],
}
SMALL_BYTES = 250_000  # of an answer that the system takes at once
SMALL_TURN_BYTES = 1_600  # so that it takes longer than the limit
ENCODINGS = ["gzip", "identity"]

AskForFile = Callable[[int, dict[str, str]], socket.socket]


@pytest.fixture(scope="module")
def with_large_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    folder = tmp_path_factory.mktemp("large")
    idle = {"DJANGO_ANSWER_IDLE_SECONDS": str(LIMIT_SECONDS)}
    server = StartedServer(folder / "data", {"DJANGO_LOCAL_PROVIDER": "false", **idle})
    server.begin()
    upload_noise(server, server.token("upload_symbols"), folder)
    yield server
    log = server.log()
    server.stop(signal.SIGKILL)
    assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def ask_for_file(with_large_file: StartedServer) -> Iterator[AskForFile]:
    """Return a function that asks for a large file, with so large a window and these headers."""
    opened: list[socket.socket] = []

    def ask_for(window_bytes: int, headers: dict[str, str]) -> socket.socket:
        target = target_of(with_large_file)
        opened.append(with_window(target, window_bytes))
        opened[-1].sendall(head(target, "GET", path_of_noise(with_large_file), headers))
        return opened[-1]

    yield ask_for
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_who_does_not_read_is_ended(ask_for_file: AskForFile, encoding: str) -> None:
    connection = ask_for_file(4_096, {"Accept-Encoding": encoding})
    time.sleep(LIMIT_SECONDS / 4)
    assert is_held_by_server(connection)  # not before its time
    wait_until(lambda: not is_kept_by_system(connection), "it was let go", ENDED_WITHIN_SECONDS)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_who_reads_slowly_but_steadily_gets_all(
    with_large_file: StartedServer, ask_for_file: AskForFile, encoding: str
) -> None:
    connection = ask_for_file(256_000, {"Accept-Encoding": encoding})
    received = 0
    begun = time.monotonic()
    while time.monotonic() - begun < 1.5 * LIMIT_SECONDS:
        received += len(connection.recv(40_000))
        time.sleep(TURN_SECONDS)  # a pace at which the file takes longer than the limit
    target = target_of(with_large_file)
    connection.sendall(head(target, "GET", "/__lbheartbeat__", {"Connection": "close"}))
    rest = read_all(connection)
    assert received + len(rest) > 8_000_000
    assert b"HTTP/1.1 200 OK" in rest[-2_000:]


@pytest.mark.parametrize("end", [{}, {"Connection": "close"}], ids=["kept", "closed"])
def test_what_the_system_holds_waits_for_who_reads_and_for_nobody_else(
    ask_for_file: AskForFile, end: dict[str, str]
) -> None:
    small = {"Accept-Encoding": "identity", "Range": f"bytes=0-{SMALL_BYTES - 1}"}
    reads, reads_not = ask_for_file(4_096, small | end), ask_for_file(4_096, small | end)
    received, begun = 0, time.monotonic()
    while received < SMALL_BYTES:
        received += len(data := reads.recv(SMALL_TURN_BYTES))
        assert data
        time.sleep(TURN_SECONDS)
    assert time.monotonic() - begun > LIMIT_SECONDS
    wait_until(lambda: not is_kept_by_system(reads_not), "it was let go", ENDED_WITHIN_SECONDS)


def test_the_size_of_a_window_ends_nobody_who_reads(ask_for_file: AskForFile) -> None:
    readers = {
        (encoding, window, most): ask_for_file(window, {"Accept-Encoding": encoding})
        for encoding, (window, paces) in product(ENCODINGS, BYTES_A_TURN.items())
        for most in paces
    }
    for connection in readers.values():
        connection.setblocking(False)
    end = time.monotonic() + 2.5 * LIMIT_SECONDS
    while time.monotonic() < end:
        next_turn = time.monotonic() + TURN_SECONDS
        for (_, _, most), connection in readers.items():
            with suppress(BlockingIOError):  # nothing new has come
                assert connection.recv(most)
        time.sleep(max(0, next_turn - time.monotonic()))
    ended = [reader for reader, connection in readers.items() if not is_held_by_server(connection)]
    assert not ended
