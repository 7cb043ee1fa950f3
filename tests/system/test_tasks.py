# SPDX-License-Identifier: MPL-2.0

"""Background tasks of started servers and workers, which are killed, and lose their services."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import requests
from tests.support import servers
from tests.support.servers import Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker

PROGRAM = Path(__file__).parents[1] / "support" / "watched_tasks.py"
PERIODIC = 3


@dataclass
class Watched:
    """An installation whose tasks can be watched; nothing of it runs yet."""

    server: StartedServer
    folder: Path

    def enqueue(self, count: int = 1) -> None:
        """Add rows, as a request in some process would."""
        self.server.data_dir.mkdir(exist_ok=True)
        done = self.server.command("enqueue", str(self.folder), str(count))
        assert done.returncode == 0, done.stderr

    def let_end(self) -> None:
        """Hold no task up any longer."""
        (self.folder / "go").touch()

    def lines(self, number: int = 0) -> list[str]:
        """What the task of a row wrote so far."""
        path = self.folder / str(number)
        return path.read_text().split() if path.exists() else []

    def wait_for(self, *lines: str) -> None:
        wait_until(lambda: self.lines() == list(lines), f"the task wrote {lines}")

    def wait_until_all_are_done(self, count: int) -> None:
        query = "SELECT count(*) FROM jobs_task WHERE name = 'tests.watched' AND state = 'done'"
        wait_until(lambda: self.server.rows(query) == [(count,)], "all rows are done")

    def row(self) -> tuple[object, ...]:
        """State and attempts of the only row."""
        [row] = self.server.rows(
            "SELECT state, attempts FROM jobs_task WHERE name = 'tests.watched'"
        )
        return row


Maker = Callable[[dict[str, str]], Watched]
MakeWorker = Callable[..., StartedWorker]


@pytest.fixture
def make_watched(tmp_path: Path) -> Iterator[Maker]:
    made: list[StartedServer] = []

    def make(settings: dict[str, str]) -> Watched:
        folder = tmp_path / "watched"
        folder.mkdir()
        settings = {"DJANGO_TASK_LEASE_SECONDS": "1", **settings}
        server = StartedServer(tmp_path / "data", settings, (sys.executable, PROGRAM), workers=1)
        server.give_database()
        made.append(server)
        return Watched(server, folder)

    yield make
    for server in made:
        server.stop(signal.SIGKILL)


@pytest.fixture(params=["sqlite", "postgresql"])
def embedded(request: pytest.FixtureRequest, make_watched: Maker) -> Watched:
    """The server runs the tasks itself."""
    if request.param == "sqlite":
        return make_watched({})
    return make_watched({"DATABASE_URL": request.getfixturevalue("migrated_postgres_url")})


@pytest.fixture
def scaled_out(make_watched: Maker, migrated_postgres_url: str, redis_url: str) -> Watched:
    """Workers run the tasks."""
    redis.Redis.from_url(redis_url).flushall()
    return make_watched({"DATABASE_URL": migrated_postgres_url, "REDIS_URL": redis_url})


@pytest.fixture
def make_worker() -> Iterator[MakeWorker]:
    """Return a function that starts a worker of an installation; it is ended after the test.

    It has one process, unless several are the point.
    """
    made: list[StartedWorker] = []

    def make(watched: Watched, *options: str, name: str = "worker") -> StartedWorker:
        made.append(StartedWorker(watched.server, name))
        made[-1].start("--concurrency", "1", *options)
        return made[-1]

    yield make
    for worker in made:
        worker.stop(signal.SIGKILL)


def test_a_server_killed_in_a_task_does_it_once_more(embedded: Watched) -> None:
    embedded.server.start()
    embedded.enqueue()
    embedded.wait_for("began")
    embedded.server.stop(signal.SIGKILL)
    assert embedded.row() == ("running", 1)

    embedded.server.start()
    embedded.wait_for("began", "began")
    embedded.let_end()
    embedded.wait_until_all_are_done(1)
    assert embedded.lines() == ["began", "began", "ended"]
    assert embedded.row() == ("done", 2)


def test_a_server_that_is_told_to_end_finishes_its_task(make_watched: Maker) -> None:
    watched = make_watched({})
    watched.server.start()
    watched.enqueue()
    watched.wait_for("began")
    process = watched.server.process
    assert process is not None
    process.send_signal(signal.SIGTERM)

    def refuses() -> bool:
        try:
            requests.get(watched.server.url, timeout=10)
        except requests.ConnectionError:
            return True
        return False

    wait_until(refuses, "the server takes no requests")
    watched.let_end()
    assert process.wait(30) == 0
    assert watched.lines() == ["began", "ended"]
    assert watched.row() == ("done", 1)
    assert watched.server.rows("SELECT count(*) FROM jobs_runner") == [(0,)]


def test_processes_share_rows_and_run_each_once(embedded: Watched) -> None:
    embedded.let_end()
    embedded.server.start("--workers", "2")
    embedded.enqueue(50)
    embedded.wait_until_all_are_done(50)
    assert all(embedded.lines(number) == ["began", "ended"] for number in range(50))
    query = "SELECT name, count(*) FROM jobs_task WHERE slot IS NOT NULL GROUP BY name, slot"
    assert {count for _, count in embedded.server.rows(query)} == {1}


def test_a_task_outlives_a_restart_of_the_database(
    make_watched: Maker, stoppable_postgres: tuple[Server, str]
) -> None:
    postgres, database = stoppable_postgres
    url = servers.postgres_url(postgres, database)
    watched = make_watched({"DATABASE_URL": url, "DJANGO_TASK_LEASE_SECONDS": "60"})
    watched.server.start()
    watched.enqueue(2)
    watched.wait_for("began")
    postgres.stop()
    postgres.start()
    watched.let_end()
    watched.wait_until_all_are_done(2)
    assert watched.lines(0) == watched.lines(1) == ["began", "ended"]


def test_a_task_started_by_a_request_is_seen_by_the_next(make_watched: Maker) -> None:
    server = make_watched({}).server
    server.start("--workers", "2")
    url = f"{server.url}/__task_tester__"
    assert requests.get(url, timeout=10).status_code == 400
    assert requests.post(url, timeout=10).status_code == 201
    assert requests.get(url, timeout=10).text == "It works!\n"


def test_tasks_wait_for_a_worker_that_is_away(scaled_out: Watched, make_worker: MakeWorker) -> None:
    server = scaled_out.server
    server.start()
    url = f"{server.url}/__task_tester__"
    assert requests.post(url, timeout=10).status_code == 201
    assert requests.get(url, timeout=10).status_code == 500
    make_worker(scaled_out)
    wait_until(lambda: requests.get(url, timeout=10).status_code == 200, "the task ran")


def test_a_worker_killed_in_a_task_leaves_it_to_another(
    scaled_out: Watched, make_worker: MakeWorker
) -> None:
    first = make_worker(scaled_out, name="first")
    scaled_out.enqueue()
    scaled_out.wait_for("began")
    first.stop(signal.SIGKILL)
    make_worker(scaled_out, name="second")
    scaled_out.wait_for("began", "began")
    scaled_out.let_end()
    scaled_out.wait_until_all_are_done(1)
    assert scaled_out.lines() == ["began", "began", "ended"]
    assert scaled_out.row() == ("done", 2)


def test_workers_share_rows_and_run_each_once(scaled_out: Watched, make_worker: MakeWorker) -> None:
    scaled_out.let_end()
    for name in ("first", "second"):
        make_worker(scaled_out, name=name)
    scaled_out.enqueue(50)
    scaled_out.wait_until_all_are_done(50)
    assert all(scaled_out.lines(number) == ["began", "ended"] for number in range(50))
    # As if the first period of this installation had gone by.
    hurry = "UPDATE jobs_task SET run_after = created_at WHERE slot IS NOT NULL RETURNING slot"
    wait_until(lambda: len(scaled_out.server.rows(hurry)) >= PERIODIC, "they were added")
    done = "SELECT name, slot, attempts FROM jobs_task WHERE slot IS NOT NULL AND state = 'done'"
    wait_until(lambda: len(scaled_out.server.rows(done)) >= PERIODIC, "periodic tasks ran")
    turns = scaled_out.server.rows(done)
    assert len({slot for _, slot, _ in turns}) == len(turns)
    assert {attempts for *_, attempts in turns} == {1}


def test_a_worker_that_is_told_to_end_finishes_its_task(
    scaled_out: Watched, make_worker: MakeWorker
) -> None:
    worker = make_worker(scaled_out)
    scaled_out.enqueue()
    scaled_out.wait_for("began")
    process = worker.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "Warm shutdown" in worker.log(), "the worker takes no more tasks")
    scaled_out.let_end()
    assert process.wait(60) == 0
    assert scaled_out.row() == ("done", 1)


def test_no_process_outlives_a_killed_worker(scaled_out: Watched, make_worker: MakeWorker) -> None:
    worker = make_worker(scaled_out, "--concurrency", "2")
    process = worker.process
    assert process is not None
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(map(is_alive, children)), "its processes have gone")


def test_a_process_that_hangs_is_killed_and_its_task_run_again(
    scaled_out: Watched, make_worker: MakeWorker
) -> None:
    worker = make_worker(scaled_out, "--concurrency", "2")
    added = scaled_out.server.command("enqueue-stuck", str(scaled_out.folder))
    assert added.returncode == 0, added.stderr
    query = "SELECT state, attempts FROM jobs_task WHERE name = 'tests.stuck'"
    wait_until(lambda: scaled_out.server.rows(query) == [("done", 2)], "it was run again")
    [pid] = (scaled_out.folder / "stuck").read_text().split()
    wait_until(lambda: not is_alive(pid), "the process was killed")
    assert worker.process is not None
    assert worker.process.poll() is None
    scaled_out.let_end()
    scaled_out.enqueue(4)
    scaled_out.wait_until_all_are_done(4)


def is_alive(pid: str) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_lost_message_is_sent_again(
    scaled_out: Watched, make_worker: MakeWorker, redis_url: str
) -> None:
    scaled_out.let_end()
    scaled_out.enqueue()
    redis.Redis.from_url(redis_url).flushall()
    make_worker(scaled_out)
    scaled_out.wait_until_all_are_done(1)


def test_a_task_that_no_worker_was_told_of_runs_when_redis_is_back(
    make_watched: Maker, make_worker: MakeWorker, migrated_postgres_url: str, own_redis: Server
) -> None:
    url = servers.redis_url(own_redis)
    watched = make_watched({"DATABASE_URL": migrated_postgres_url, "REDIS_URL": url})
    make_worker(watched, "--concurrency", "2")
    watched.let_end()
    own_redis.stop()
    watched.enqueue()
    assert watched.row() == ("waiting", 0)
    own_redis.start()
    watched.wait_until_all_are_done(1)
    assert watched.lines() == ["began", "ended"]


def test_a_worker_started_with_purge_loses_nothing(
    scaled_out: Watched, make_worker: MakeWorker
) -> None:
    scaled_out.let_end()
    scaled_out.enqueue(3)
    worker = make_worker(scaled_out, "--purge")
    assert "--purge drops nothing any more" in worker.log()
    scaled_out.wait_until_all_are_done(3)


def test_a_worker_that_is_not_there_is_seen(scaled_out: Watched, make_worker: MakeWorker) -> None:
    server = scaled_out.server
    server.start()
    assert heartbeat(server)[0] == "warning"
    assert "No worker is alive, so background tasks do not run" in heartbeat(server)[1]["workers"]
    worker = make_worker(scaled_out)
    # On a busy machine, a worker may give no sign for a second, which is as long as its lease.
    wait_until(lambda: heartbeat(server) == ("ok", {}), "it is seen")
    wait_until(lambda: check(server) == (0, []), "it is seen by the command")

    worker.stop(signal.SIGKILL)
    scaled_out.enqueue(2)
    wait_until(lambda: heartbeat(server)[0] == "warning", "it is missed")
    text = heartbeat(server)[1]["workers"]
    assert text.startswith("No worker is alive (the last sign of one was at 20")
    assert re.search(r"; [2-9] are due$", text)
    code, errors = check(server)
    assert code == 1
    assert errors[0].startswith("error    tasks: No worker is alive (the last sign")
    listed = json.loads(server.command("tasks", "--state", "waiting", "--json").stdout)
    assert [task["name"] for task in listed["tasks"]].count("tests.watched") == 2
    assert listed["runners"] == []

    scaled_out.let_end()
    worker.start("--concurrency", "1")
    scaled_out.wait_until_all_are_done(2)
    wait_until(lambda: heartbeat(server) == ("ok", {}), "it is seen again")
    worker.stop()
    assert heartbeat(server)[0] == "warning", "one that was told to end is missed at once"


def test_tasks_that_fail_or_do_not_move_are_seen(make_watched: Maker) -> None:
    watched = make_watched({"DJANGO_TASK_OVERDUE_SECONDS": "1"})
    server = watched.server
    server.start()
    assert server.command("enqueue-failing", "hunter2").returncode == 0
    told = "1 task has failed, the last is tests.failing"
    wait_until(lambda: told in heartbeat(server)[1].get("tasks", ""), "the failure is told")
    assert "hunter2" not in str(heartbeat(server))
    assert "dropped: tests.failing" in server.command("tasks", "drop", "--failed").stdout
    assert heartbeat(server) == ("ok", {})

    watched.enqueue(2)
    watched.wait_for("began")
    told = "1 task has waited for more than 1 s, tests.watched"
    wait_until(lambda: told in heartbeat(server)[1].get("tasks", ""), "the queue is told of")
    code, [line] = check(server)
    assert code == 1
    assert "see the log of the server, and `tecken tasks`" in line
    server.stop(signal.SIGKILL)
    time.sleep(1.1)  # the lease, after which nobody is believed to run tasks
    assert check(server) == (0, []), "tasks wait for a server that is not running"


def heartbeat(server: StartedServer) -> tuple[str, dict[str, str]]:
    """Return the status, and what is wrong; it never takes a web node out of service."""
    answer = requests.get(f"{server.url}/__heartbeat__", timeout=20)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["status"], found["details"]


def check(server: StartedServer) -> tuple[int, list[str]]:
    """Return the exit code of ``tecken check``, and its errors."""
    done = server.command("check")
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("error ")]


def test_a_worker_without_a_broker_says_who_runs_the_tasks(make_watched: Maker) -> None:
    server = make_watched({}).server
    done = server.command("worker")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: REDIS_URL is not set: the server runs its background tasks itself\n"
    )
