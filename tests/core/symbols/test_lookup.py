# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tecken.core.symbols.lookup import KeptTexts


@pytest.fixture
def _switching() -> Iterator[None]:
    """Threads that take turns so often that a count that can lose an update does."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def counted(kept: KeptTexts) -> int:
    """What the texts that there are count for, one by one."""
    total = 0
    for texts in (kept._used, kept._older):
        for form, by_address in texts._by_form.items():
            alone = KeptTexts()
            alone.keep(form, by_address)
            total += alone.memory_bytes
    return total


@pytest.mark.usefixtures("_switching")
def test_the_bytes_of_texts_are_exact_whatever_threads_do() -> None:
    """They keep the same texts as others, and use those that others are about to forget."""
    kept = KeptTexts()

    def work(thread: int) -> None:
        for number in range(2_000):
            address = (number * 7 + thread) % 64
            kept.keep("v5", {address: b"x" * (100 + address)})
            kept.find("v5", [address, (address + 1) % 64])
            if number % 50 == thread and number < 1_000:
                kept.forget_unused()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert kept.memory_bytes == counted(kept)
