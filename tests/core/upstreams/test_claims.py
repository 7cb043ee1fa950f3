# SPDX-License-Identifier: MPL-2.0

"""Of all processes of a fleet one fetches a file, and the others wait for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.upstreams import VerdictCache

from tecken.core.upstreams.claims import Claims


class Work:
    """Fetches what is known from then on."""

    def __init__(self, seconds: float = 0.1) -> None:
        self.seconds = seconds
        self.count = 0
        self.found: str | None = None

    def known(self) -> str | None:
        return self.found

    def fetch(self) -> str:
        self.count += 1
        time.sleep(self.seconds)
        self.found = "it"
        return self.found


class Away(VerdictCache):
    """As a Redis that cannot be reached, whose errors are ignored."""

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        return False


class Leases(VerdictCache):
    """A cache whose leases end."""

    def __init__(self, *, renews: bool = True) -> None:
        super().__init__()
        self.renews = renews
        self.until: dict[str, float] = {}

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        if time.monotonic() >= self.until.get(key, 0):
            self.delete(key)
        if is_ours := super().add(key, value, seconds):
            self.until[key] = time.monotonic() + seconds
        return is_ours

    def touch(self, key: str, seconds: float) -> bool:
        if self.renews:
            self.until[key] = time.monotonic() + seconds
        return super().touch(key, seconds)


def claim(cache: VerdictCache, work: Work, wait: float = 5, lease: float = 15) -> str:
    return Claims("server", cache, lease).once("a/1/a.sym", work.known, work.fetch, wait)


def test_one_fetches_and_the_others_find_it() -> None:
    cache, work = VerdictCache(), Work()
    with ThreadPoolExecutor(16) as nodes:
        assert set(nodes.map(lambda _: claim(cache, work), range(16))) == {"it"}
    assert (work.count, cache.kept) == (1, {})


def test_what_fails_is_given_back() -> None:
    cache, work = VerdictCache(), Work()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - ours, from above
        Claims("server", cache).once("a/1/a.sym", work.known, fail, 5)
    assert (claim(cache, work), work.count) == ("it", 1)


def test_a_claim_of_a_process_that_died_ends_with_its_lease() -> None:
    cache, work, end = Leases(renews=False), Work(0), threading.Event()
    with ThreadPoolExecutor(1) as nodes:
        nodes.submit(Claims("server", cache, 0.3).once, "a/1/a.sym", work.known, end.wait, 5)
        while not cache.kept:
            time.sleep(0.01)
        started = time.monotonic()
        assert claim(cache, work) == "it"
        assert 0.1 < time.monotonic() - started < 2
        end.set()


def test_a_claim_lasts_as_long_as_the_fetch() -> None:
    cache, work = Leases(), Work(0.6)
    with ThreadPoolExecutor(4) as nodes:
        assert set(nodes.map(lambda _: claim(cache, work, lease=0.15), range(4))) == {"it"}
    assert work.count == 1


def test_who_has_waited_as_long_as_it_may_fetches_too() -> None:
    cache, slow, other = VerdictCache(), Work(1), Work(0)
    with ThreadPoolExecutor(1) as nodes:
        first = nodes.submit(claim, cache, slow)
        while not slow.count:
            time.sleep(0.01)
        assert claim(cache, other, wait=0.1) == "it"
        assert other.count == 1
        assert first.result() == "it"


def test_without_the_cache_nobody_waits() -> None:
    work = Work(0)
    started = time.monotonic()
    assert claim(Away(), work) == "it"
    assert time.monotonic() - started < 0.5
