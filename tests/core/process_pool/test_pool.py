# SPDX-License-Identifier: MPL-2.0

import os
import resource
import signal
import subprocess
import sys
import time
from builtins import eval as evaluate
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
    WorkerError,
)
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.process_pool.worker_process import TaskLimits

MIB = 1024 * 1024
NICENESS = os.getpriority(os.PRIO_PROCESS, 0) + 1

# A server with a worker process that has nothing to do, and one in the middle of a task.
SERVER = """
import builtins, os, sys, threading, time
from tecken.core.process_pool.pool import ProcessPool
pool = ProcessPool(2, niceness=0, idle_seconds=600)
task = f"open({sys.argv[1]!r}, 'w') and __import__('time').sleep(600)"
threading.Thread(target=pool.run, args=[builtins.eval, task]).start()
time.sleep(0.1)  # it has taken its process
pool.run(os.getpid)
"""


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    pool = ProcessPool(2, NICENESS, idle_seconds=600)
    yield pool
    pool.close()


def is_gone(worker: int) -> bool:
    return not is_there(worker)


def new_workers(before: list[int]) -> set[int]:
    """Return those of the pools of a test; those of others may end meanwhile."""
    return set(workers_of(os.getpid())) - set(before)


def test_one_is_started_when_it_is_needed_and_used_again() -> None:
    before = workers_of(os.getpid())
    pool = ProcessPool(2, NICENESS, idle_seconds=600)
    assert not new_workers(before)
    assert [pool.run(os.getpid), pool.run(os.getpid)] == 2 * list(new_workers(before))
    pool.close()
    assert not new_workers(before)


def test_twenty_tasks_at_once_have_no_more_processes_than_may_be(pool: ProcessPool) -> None:
    texts = [f"(__import__('os').getpid(), {number})" for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        workers, numbers = zip(*threads.map(partial(pool.run, evaluate), texts), strict=True)
    assert numbers == tuple(range(20))
    assert 1 <= len(set(workers)) <= 2


def test_those_that_have_nothing_to_do_are_ended() -> None:
    pool = ProcessPool(2, NICENESS, idle_seconds=0)
    for _ in range(2):  # and those that come after the first have been ended
        worker = pool.run(os.getpid)
        wait_until(partial(is_gone, worker), "it was ended")


def test_one_that_is_killed_when_it_has_nothing_to_do_is_replaced(pool: ProcessPool) -> None:
    worker = pool.run(os.getpid)
    os.kill(worker, signal.SIGKILL)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    assert pool.run(os.getpid) != worker
    assert is_gone(worker)


def test_one_that_is_killed_harms_its_own_task_alone(pool: ProcessPool) -> None:
    before = workers_of(os.getpid())
    with ThreadPoolExecutor(2) as threads:
        killed = threads.submit(pool.run, time.sleep, 600)
        wait_until(lambda: bool(new_workers(before)), "its process was started")
        [worker] = new_workers(before)
        other = threads.submit(pool.run, evaluate, "__import__('time').sleep(0.5) or 'done'")
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerDiedError, match=f"{worker} ended with status -9"):
            killed.result()
        assert other.result() == "done"
    assert is_gone(worker)
    assert pool.run(os.getpid) != worker


def test_errors_of_the_domain_pass_through(pool: ProcessPool) -> None:
    worker = pool.run(os.getpid)
    with pytest.raises(TeckenError) as here:
        SymbolKey.parse("nothing")
    with pytest.raises(type(here.value)) as there:
        pool.run(SymbolKey.parse, "nothing")
    assert str(there.value) == str(here.value)
    assert pool.run(os.getpid) == worker


def test_any_other_error_ends_it_and_is_in_the_log(
    pool: ProcessPool, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WorkerDiedError, match="ended with status 1"):
        pool.run(int, "x")
    assert "ValueError: invalid literal" in capfd.readouterr().err


def test_a_task_that_needs_too_much_memory_is_ended(pool: ProcessPool) -> None:
    limits = TaskLimits(max_memory_bytes=64 * MIB)
    assert len(pool.run(bytes, 16 * MIB, limits=limits)) == 16 * MIB
    worker = pool.run(os.getpid)
    with pytest.raises(TaskMemoryError, match="more memory than it may have"):
        pool.run(bytes, 64 * MIB, limits=limits)
    assert is_gone(worker)
    assert pool.run(evaluate, f"len(bytes({64 * MIB}))") == 64 * MIB


def test_the_memory_limit_of_a_task_is_its_own(pool: ProcessPool) -> None:
    limits = TaskLimits(max_memory_bytes=64 * MIB)
    soft, hard = pool.run(resource.getrlimit, resource.RLIMIT_DATA, limits=limits)
    assert soft == 64 * MIB
    with pytest.raises(TeckenError):
        pool.run(SymbolKey.parse, "nothing", limits=limits)
    assert pool.run(resource.getrlimit, resource.RLIMIT_DATA)[0] in {hard, resource.RLIM_INFINITY}


@pytest.mark.parametrize(
    ("limits", "error", "words"),
    [
        (TaskLimits(timeout_seconds=0.1), TaskTimeoutError, r"longer than 0\.1 s"),
        (TaskLimits(is_wanted=lambda: False), TaskCancelledError, "not wanted any more"),
    ],
    ids=["takes too long", "is not wanted any more"],
)
def test_a_task_is_ended_that(
    pool: ProcessPool, limits: TaskLimits, error: type[WorkerError], words: str
) -> None:
    worker = pool.run(os.getpid)
    with pytest.raises(error, match=words):
        pool.run(time.sleep, 600, limits=limits)
    assert is_gone(worker)
    assert pool.run(os.getpid) != worker


def test_they_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path / "begun")]) as server:
        try:
            wait_until((tmp_path / "begun").exists, "one had nothing to do, and one was at work")
            workers = workers_of(server.pid)  # two, if this is not slow; the one at work, if it is
            assert workers
        finally:
            server.kill()
    wait_until(lambda: all(map(is_gone, workers)), "they were gone")


def test_closing_ends_them_after_their_tasks(pool: ProcessPool) -> None:
    before = workers_of(os.getpid())
    with ThreadPoolExecutor(2) as threads:
        task = threads.submit(pool.run, evaluate, "__import__('time').sleep(0.5) or 'done'")
        wait_until(lambda: bool(new_workers(before)), "its process was started")
        pool.close()
        assert task.result() == "done"
    assert not new_workers(before)


def test_it_finishes_when_all_processes_are_told_to_end(pool: ProcessPool) -> None:
    worker = pool.run(os.getpid)
    for kind in (signal.SIGTERM, signal.SIGINT):
        pool.run(os.kill, worker, kind)
    assert pool.run(os.getpid) == worker


def test_a_program_that_cannot_be_started_is_told(
    pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(WorkerDiedError, match="cannot be started"):
        pool.run(os.getpid)


def test_it_has_no_files_of_its_server(pool: ProcessPool) -> None:
    folder = Path(f"/proc/{pool.run(os.getpid)}/fd")
    files = {entry.name: os.readlink(entry) for entry in folder.iterdir()}
    assert files.pop("0") == files.pop("1") == "/dev/null"
    assert files.pop("2") == os.readlink("/proc/self/fd/2")
    assert [kind.partition(":")[0] for kind in files.values()] == ["socket"]


def test_it_loads_nothing_that_requests_need(pool: ProcessPool) -> None:
    loaded = pool.run(evaluate, "set(__import__('sys').modules)")
    assert "tecken.core.process_pool.worker" not in loaded  # once, as the program
    assert not loaded & {"django", "celery", "ssl", "sqlite3", "http.client", "asyncio"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SCHED_IDLE")
def test_it_works_in_spare_time(pool: ProcessPool) -> None:
    assert pool.run(os.sched_getscheduler, 0) == os.SCHED_IDLE
    assert pool.run(os.getpriority, os.PRIO_PROCESS, 0) == min(NICENESS, 19)
    started = "__import__('concurrent.futures').futures.ThreadPoolExecutor(1)"
    policy = f"{started}.submit(__import__('os').sched_getscheduler, 0).result()"
    assert pool.run(evaluate, policy) == os.SCHED_IDLE
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has SCHED_IDLE")
def test_a_task_that_hardly_gets_on_is_begun_again_with_a_higher_priority(
    pool: ProcessPool, tmp_path: Path
) -> None:
    """One that sleeps has no more of the processor than one that is starved. It is looked at every 2 s."""
    begun = "open({!r}, 'a').write(str(__import__('os').sched_getscheduler(0)) + ' ')".format(
        str(tmp_path / "begun")
    )
    starved = f"({begun}, __import__('os').sched_getscheduler(0) and __import__('time').sleep(60))"
    pool.run(evaluate, starved)
    assert (tmp_path / "begun").read_text() == f"{os.SCHED_IDLE} {os.SCHED_OTHER} "
    assert pool.run(os.sched_getscheduler, 0) == os.SCHED_OTHER  # and the next ones, for a minute
