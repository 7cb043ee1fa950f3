# SPDX-License-Identifier: MPL-2.0

"""Whether a client reads is told by what it has taken, not by what waits for it: a chunk, or all."""

import asyncio

from tecken.edge.heads import Ends
from tecken.edge.wire import Wire

CHUNK = bytes(65_536)
ENDS = Ends(("127.0.0.1", 1), ("127.0.0.1", 2), lambda: True)


class Waiting(asyncio.Transport):
    """For a client of whose answer so many bytes wait."""

    waiting = len(CHUNK)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: object) -> None:
        pass


def test_who_takes_a_chunk_whenever_another_is_sent_does_not_stall() -> None:
    now = 0.0
    wire = Wire(Waiting(), ENDS, lambda: now)
    wire.write(CHUNK)
    while now < 10:
        now += 1
        wire.write(CHUNK)
        assert wire.stalled_seconds() == 0
    now += 7
    assert wire.stalled_seconds() == 7


def test_who_takes_less_than_a_chunk_stalls_until_it_has_all() -> None:
    now = 0.0
    transport = Waiting()
    wire = Wire(transport, ENDS, lambda: now)
    wire.write(CHUNK)
    for now in range(1, 100):
        transport.waiting -= 100
        assert wire.stalled_seconds() == now
    transport.waiting = 0
    assert wire.stalled_seconds() == 0
    assert wire.has_delivered
