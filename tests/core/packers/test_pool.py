# SPDX-License-Identifier: MPL-2.0

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.core.packers.conftest import TEXT, MakeJob
from tests.support.files import NamelessFile
from tests.support.processes import is_there, packers
from tests.support.started_server import wait_until

from tecken.core.packers.packer import PackerLostError
from tecken.core.packers.pool import PackerPool
from tecken.core.tempfiles.spooling import Scratch

MakePool = Callable[..., PackerPool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    pools = []

    def make_pool(at_most: int = 2, idle_seconds: float = 600) -> PackerPool:
        pools.append(PackerPool(at_most, niceness=0, idle_seconds=idle_seconds))
        return pools[-1]

    yield make_pool
    for pool in pools:
        pool.end()


def read(pool: PackerPool, make_job: MakeJob) -> int:
    archive, job = make_job()
    return pool.read(job, archive, Scratch(NamelessFile())).inspected.digest.size


def test_none_is_started_before_it_is_needed(make_pool: MakePool) -> None:
    before = packers(os.getpid())
    make_pool()
    assert packers(os.getpid()) == before


def test_one_is_used_again(make_pool: MakePool, make_job: MakeJob) -> None:
    pool, before = make_pool(), set(packers(os.getpid()))
    assert read(pool, make_job) == len(TEXT)
    ours = set(packers(os.getpid())) - before
    assert read(pool, make_job) == len(TEXT)
    assert set(packers(os.getpid())) - before == ours
    assert len(ours) == 1


def test_there_are_no_more_than_may_be(make_pool: MakePool, make_job: MakeJob) -> None:
    pool, before = make_pool(at_most=2), set(packers(os.getpid()))
    seen, ended = set(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.001):
            seen.update(packers(os.getpid()))

    with ThreadPoolExecutor(7) as threads:
        threads.submit(watch)
        sizes = list(threads.map(lambda _: read(pool, make_job), range(6)))
        ended.set()
    assert sizes == [len(TEXT)] * 6
    assert 1 <= len(seen - before) <= 2


def test_those_that_have_nothing_to_do_are_ended(make_pool: MakePool, make_job: MakeJob) -> None:
    pool, before = make_pool(idle_seconds=0), set(packers(os.getpid()))
    for _ in range(2):  # and those that come after the first have been ended
        read(pool, make_job)
        ours = set(packers(os.getpid())) - before
        wait_until(lambda ours=ours: not any(map(is_there, ours)), "it was ended")
    assert set(packers(os.getpid())) == before


def test_one_that_was_lost_is_replaced(make_pool: MakePool, make_job: MakeJob) -> None:
    pool, before = make_pool(at_most=1), set(packers(os.getpid()))
    read(pool, make_job)
    [lost] = set(packers(os.getpid())) - before
    os.kill(lost, signal.SIGKILL)
    with pytest.raises(PackerLostError, match="status -9"):
        read(pool, make_job)
    assert not is_there(lost)
    assert read(pool, make_job) == len(TEXT)
