# SPDX-License-Identifier: MPL-2.0

import threading
from collections.abc import Iterator

import pytest

from tecken.core.concurrency.read_ahead import read_ahead

CHUNKS = [b"%d" % n for n in range(50)]


def test_the_chunks_come_in_their_order() -> None:
    assert list(read_ahead(CHUNKS)) == CHUNKS


def test_nothing_gives_nothing() -> None:
    assert list(read_ahead([])) == []


def test_another_thread_makes_them_and_only_two_ahead() -> None:
    made: list[int] = []

    def chunks() -> Iterator[bytes]:
        for chunk in CHUNKS:
            made.append(threading.get_ident())
            yield chunk

    for used, _ in enumerate(read_ahead(chunks()), 1):
        assert len(made) <= used + 2
    assert threading.get_ident() not in made


def test_an_error_comes_after_the_chunks_before_it() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"good"
        raise ValueError("bad")

    ahead = read_ahead(chunks())
    assert next(ahead) == b"good"
    with pytest.raises(ValueError, match="bad"):
        next(ahead)


def test_closing_it_ends_the_thread() -> None:
    before = threading.active_count()
    ahead = read_ahead(CHUNKS)
    next(ahead)
    assert threading.active_count() == before + 1
    ahead.close()
    assert threading.active_count() == before
