# SPDX-License-Identifier: MPL-2.0

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from builtins import eval as evaluate
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.processes import is_there, workers_of
from tests.support.started_server import wait_until

from tecken.core.errors import TeckenError
from tecken.core.identifiers import SymbolKey
from tecken.core.process_pool.errors import (
    TaskCancelledError,
    TaskMemoryError,
    TaskTimeoutError,
    WorkerDiedError,
)
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.process_pool.worker_process import TaskLimits

MIB = 1024 * 1024
NICENESS = os.getpriority(os.PRIO_PROCESS, 0) + 1
MakePool = Callable[..., ProcessPool]

# A server that is in the middle of a task in another thread than the one that waits.
SERVER = """
import os, threading, time
from tecken.core.process_pool.pool import ProcessPool
pool = ProcessPool(2, niceness=0, idle_seconds=600)
print(pool.run(os.getpid), flush=True)
threading.Thread(target=pool.run, args=[time.sleep, 600]).start()
"""


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    pools = []

    def make_pool(max_workers: int = 2, idle_seconds: float = 600) -> ProcessPool:
        pools.append(ProcessPool(max_workers, NICENESS, idle_seconds))
        return pools[-1]

    yield make_pool
    for pool in pools:
        pool.close()


def test_none_is_started_before_it_is_needed(make_pool: MakePool) -> None:
    before = workers_of(os.getpid())
    make_pool()
    assert workers_of(os.getpid()) == before


def test_one_is_used_again(make_pool: MakePool) -> None:
    pool = make_pool()
    worker = pool.run(os.getpid)
    assert worker in workers_of(os.getpid())
    assert pool.run(os.getpid) == worker


def test_twenty_tasks_at_once_have_no_more_processes_than_may_be(make_pool: MakePool) -> None:
    pool = make_pool(max_workers=2)

    def work(number: int) -> tuple[int, int]:
        return pool.run(evaluate, f"(__import__('os').getpid(), {number})")

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(work, range(20)))
    assert [number for _, number in answers] == list(range(20))
    assert 1 <= len({worker for worker, _ in answers}) <= 2


def test_those_that_have_nothing_to_do_are_ended(make_pool: MakePool) -> None:
    pool = make_pool(idle_seconds=0)
    for _ in range(2):  # and those that come after the first have been ended
        worker = pool.run(os.getpid)
        wait_until(lambda worker=worker: not is_there(worker), "it was ended")


def test_one_that_is_killed_when_it_has_nothing_to_do_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool(max_workers=1)
    worker = pool.run(os.getpid)
    os.kill(worker, signal.SIGKILL)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    assert pool.run(os.getpid) != worker
    assert not is_there(worker)


def test_one_that_is_killed_harms_its_own_task_alone(make_pool: MakePool) -> None:
    pool, before = make_pool(), set(workers_of(os.getpid()))
    with ThreadPoolExecutor(2) as threads:
        killed = threads.submit(pool.run, time.sleep, 600)
        wait_until(lambda: set(workers_of(os.getpid())) - before, "its process was started")
        [worker] = set(workers_of(os.getpid())) - before
        other = threads.submit(pool.run, evaluate, "__import__('time').sleep(0.5) or 'done'")
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match=f"{worker} ended with status -9"):
            killed.result()
        assert other.result() == "done"
    assert not is_there(worker)
    assert pool.run(os.getpid) != worker


def test_errors_of_the_domain_pass_through(make_pool: MakePool) -> None:
    pool = make_pool()
    worker = pool.run(os.getpid)
    with pytest.raises(TeckenError) as here:
        SymbolKey.parse("nothing")
    with pytest.raises(type(here.value)) as there:
        pool.run(SymbolKey.parse, "nothing")
    assert str(there.value) == str(here.value)
    assert pool.run(os.getpid) == worker


def test_any_other_error_ends_it_and_is_in_the_log(
    make_pool: MakePool, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WorkerDiedError, match="ended with status 1"):
        make_pool().run(int, "x")
    assert "ValueError: invalid literal" in capfd.readouterr().err


def test_a_task_that_needs_too_much_memory_is_ended(make_pool: MakePool) -> None:
    pool, limits = make_pool(max_workers=1), TaskLimits(max_memory_bytes=64 * MIB)
    assert len(pool.run(bytes, 16 * MIB, limits=limits)) == 16 * MIB
    worker = pool.run(os.getpid)
    with pytest.raises(TaskMemoryError, match="more memory than it may have"):
        pool.run(bytes, 64 * MIB, limits=limits)
    assert not is_there(worker)
    assert pool.run(evaluate, f"len(bytes({64 * MIB}))") == 64 * MIB


def test_the_memory_limit_of_a_task_is_its_own(make_pool: MakePool) -> None:
    pool, limits = make_pool(max_workers=1), TaskLimits(max_memory_bytes=64 * MIB)
    soft, hard = pool.run(resource.getrlimit, resource.RLIMIT_DATA, limits=limits)
    assert soft == 64 * MIB
    with pytest.raises(TeckenError):
        pool.run(SymbolKey.parse, "nothing", limits=limits)
    assert pool.run(resource.getrlimit, resource.RLIMIT_DATA)[0] in {hard, resource.RLIM_INFINITY}


def test_a_task_that_takes_too_long_is_ended(make_pool: MakePool) -> None:
    pool = make_pool(max_workers=1)
    worker = pool.run(os.getpid)
    with pytest.raises(TaskTimeoutError, match=r"longer than 0\.1 s"):
        pool.run(time.sleep, 600, limits=TaskLimits(timeout_seconds=0.1))
    assert not is_there(worker)
    assert pool.run(os.getpid) != worker


def test_a_task_that_nobody_wants_any_more_is_ended(make_pool: MakePool) -> None:
    pool, wanted = make_pool(max_workers=1), threading.Event()
    wanted.set()
    worker = pool.run(os.getpid)
    with ThreadPoolExecutor(1) as thread:
        limits = TaskLimits(is_wanted=wanted.is_set)
        task = thread.submit(lambda: pool.run(time.sleep, 600, limits=limits))
        wanted.clear()
        with pytest.raises(TaskCancelledError):
            task.result()
    assert not is_there(worker)


@pytest.mark.parametrize("is_idle", [True, False], ids=["idle", "in the middle of a task"])
def test_they_end_with_a_server_that_is_killed(*, is_idle: bool) -> None:
    program = SERVER.replace("threading.Thread", "#") if is_idle else SERVER
    server = subprocess.Popen(
        [sys.executable, "-c", f"{program}\nimport time; time.sleep(600)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout:
        worker = int(server.stdout.readline())
    assert worker in workers_of(server.pid)
    server.kill()
    server.wait()
    wait_until(lambda: not is_there(worker), "the worker was gone")


def test_closing_ends_them_after_their_tasks(make_pool: MakePool) -> None:
    pool = make_pool()
    before = set(workers_of(os.getpid()))
    with ThreadPoolExecutor(2) as threads:
        task = threads.submit(pool.run, evaluate, "__import__('time').sleep(0.5) or 'done'")
        wait_until(lambda: set(workers_of(os.getpid())) - before, "its process was started")
        pool.close()
        assert task.result() == "done"
    assert set(workers_of(os.getpid())) == before


def test_it_finishes_when_all_processes_are_told_to_end(make_pool: MakePool) -> None:
    pool = make_pool(max_workers=1)
    worker = pool.run(os.getpid)
    for kind in (signal.SIGTERM, signal.SIGINT):
        pool.run(os.kill, worker, kind)
    assert pool.run(os.getpid) == worker


def test_a_program_that_cannot_be_started_is_told(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(WorkerDiedError, match="cannot be started"):
        make_pool().run(os.getpid)


def test_it_has_no_files_of_its_server(make_pool: MakePool) -> None:
    folder = Path(f"/proc/{make_pool().run(os.getpid)}/fd")
    files = {entry.name: os.readlink(entry) for entry in folder.iterdir()}
    assert files.pop("0") == files.pop("1") == "/dev/null"
    assert files.pop("2") == os.readlink("/proc/self/fd/2")
    assert [kind.partition(":")[0] for kind in files.values()] == ["socket"]


def test_it_loads_nothing_that_requests_need(make_pool: MakePool) -> None:
    loaded = make_pool().run(evaluate, "set(__import__('sys').modules)")
    assert "tecken.core.process_pool.worker" not in loaded  # once, as the program
    assert not loaded & {"django", "celery", "ssl", "sqlite3", "http.client", "asyncio"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SCHED_IDLE")
def test_it_works_in_spare_time(make_pool: MakePool) -> None:
    pool = make_pool()
    assert pool.run(os.sched_getscheduler, 0) == os.SCHED_IDLE
    assert pool.run(os.getpriority, os.PRIO_PROCESS, 0) == min(NICENESS, 19)
    started = "__import__('concurrent.futures').futures.ThreadPoolExecutor(1)"
    policy = f"{started}.submit(__import__('os').sched_getscheduler, 0).result()"
    assert pool.run(evaluate, policy) == os.SCHED_IDLE
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SCHED_IDLE")
def test_a_task_that_hardly_gets_on_is_begun_again_with_a_higher_priority(
    make_pool: MakePool, tmp_path: Path
) -> None:
    """One that sleeps has no more of the processor than one that is starved. It is looked at every 2 s."""
    pool = make_pool()
    begun = "open({!r}, 'a').write(str(__import__('os').sched_getscheduler(0)) + ' ')".format(
        str(tmp_path / "begun")
    )
    starved = f"({begun}, __import__('os').sched_getscheduler(0) and __import__('time').sleep(60))"
    pool.run(evaluate, starved)
    assert (tmp_path / "begun").read_text() == f"{os.SCHED_IDLE} {os.SCHED_OTHER} "
    assert (
        pool.run(os.sched_getscheduler, 0) == os.SCHED_OTHER
    )  # and the next ones, for half a minute
