# SPDX-License-Identifier: MPL-2.0

"""A scrape says what all worker processes have counted, also those that were killed."""

import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from tests.support import servers
from tests.support.processes import children
from tests.support.servers import Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.symbol_texts import HELLO_ID

Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]

SYMBOL = f"/a.pdb/{HELLO_ID}/a.sym"


def scrape(url: str) -> tuple[Numbers, Numbers]:
    """What only grows, and the gauges. Each scrape has a connection of its own, so any worker answers."""
    counted: Numbers = {}
    gauges: Numbers = {}
    answer = requests.get(f"{url}/metrics", timeout=60)
    assert answer.status_code == 200
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            numbers = gauges if family.type == "gauge" else counted
            numbers[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return counted, gauges


def misses(numbers: Numbers) -> float:
    return sum(
        value
        for (name, labels), value in numbers.items()
        if name == "tecken_http_seconds_count"
        and {("kind", "download"), ("code", "404")} <= set(labels)
    )


def gauge(server: StartedServer, name: str) -> float:
    return scrape(server.url)[1][name, ()]


def test_counters_never_go_down_when_workers_are_killed(tmp_path: Path) -> None:
    server = StartedServer(tmp_path / "data")
    server.begin("--workers", "3", "--only", "download")
    try:
        wait_until(lambda: gauge(server, "tecken_server_workers") == 3, "all workers run")
        before, asked = scrape(server.url)[0], 0
        assert server.process is not None
        for pid in children(server.process.pid):
            for _ in range(20):
                assert requests.get(server.url + SYMBOL, timeout=60).status_code == 404
            asked += 20
            os.kill(pid, signal.SIGKILL)
            for _ in range(10):
                with suppress(requests.ConnectionError):  # it was the dead one's
                    now = scrape(server.url)[0]
                    assert {key for key, value in before.items() if now[key] < value} == set()
                    before = now
        wait_until(
            lambda: gauge(server, "tecken_server_workers") == 3, "others have taken their place"
        )
        # That of the scrape is open; others are closed a moment after their answer.
        wait_until(lambda: gauge(server, "tecken_http_connections") == 1, "no other is open")
        counted, gauges = scrape(server.url)
        assert misses(counted) == asked
        assert counted["tecken_http_sent_bytes_total", ()] > 60 * 500
        assert gauges["tecken_tasks", (("state", "failed"),)] == 0
        assert gauges["tecken_metrics_unread", (("reading", "tasks"),)] == 0
    finally:
        server.stop(signal.SIGKILL)


def done(url: str) -> float:
    return scrape(url)[0].get(
        ("tecken_tasks_done_seconds_count", (("task", "tests.watched"),)), 0.0
    )


def test_a_worker_of_tasks_has_metrics_of_its_own(own_redis: Server, tmp_path: Path) -> None:
    program = Path(__file__).parents[1] / "support" / "watched_tasks.py"
    settings = {"REDIS_URL": servers.redis_url(own_redis)}
    server = StartedServer(tmp_path / "data", settings, program=(sys.executable, program))
    worker = StartedWorker(server)
    server.give_database()
    (tmp_path / "go").touch()
    worker.start("--port", "0")
    try:
        [url] = re.findall(r"on (http://\S+)", worker.log())
        for path, status in (("__heartbeat__", 200), ("upload/", 404), ("", 404)):
            assert requests.get(f"{url}/{path}", timeout=60).status_code == status
        assert server.command("enqueue", str(tmp_path), "2").returncode == 0
        wait_until(lambda: done(url) == 2, "two tasks were counted")
        assert worker.process is not None
        for pid in sorted(children(worker.process.pid))[1:]:  # the first is the one that answers
            os.kill(pid, signal.SIGKILL)
        assert server.command("enqueue", str(tmp_path), "1").returncode == 0
        wait_until(lambda: done(url) == 3, "one more was counted")
        worker.stop()
        with pytest.raises(requests.ConnectionError):
            scrape(url)
    finally:
        worker.stop(signal.SIGKILL)
