# SPDX-License-Identifier: MPL-2.0

"""Whether a client reads is told by what it has taken, not by what waits for it."""

import asyncio

from tecken.edge.heads import Ends
from tecken.edge.wire import Wire

CHUNK = bytes(65_536)


class AsMuchAlwaysWaits(asyncio.Transport):
    def get_write_buffer_size(self) -> int:
        return len(CHUNK)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: object) -> None:
        pass


def test_who_takes_a_chunk_whenever_another_is_sent_does_not_stall() -> None:
    now = 0.0
    ends = Ends(("127.0.0.1", 1), ("127.0.0.1", 2), lambda: True)
    wire = Wire(AsMuchAlwaysWaits(), ends, lambda: now)
    wire.write(CHUNK)
    while now < 10:
        now += 1
        wire.write(CHUNK)
        assert wire.stalled_seconds() == 0
    now += 7
    assert wire.stalled_seconds() == 7
