# SPDX-License-Identifier: MPL-2.0

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartedServer]:
    server = StartedServer(tmp_path / "data")
    server.give_database()
    yield server
    server.stop()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=30).close()
    except ConnectionRefusedError:
        return False
    return True


def test_it_answers_when_it_says_so(server: StartedServer) -> None:
    (server.data_dir / "tecken.sqlite3").unlink()  # as at the very first start
    server.start()
    assert requests.get(server.url, timeout=10).status_code == 200
    assert server.trouble() == []


def test_it_answers_when_it_watches_the_code(server: StartedServer) -> None:
    server.start("--reload", "--workers", "1")
    assert requests.get(server.url, timeout=10).status_code == 200
    assert "Traceback" not in server.log()


def test_it_says_so_whatever_its_host_names_are(server: StartedServer) -> None:
    server.settings["DJANGO_ALLOWED_HOSTS"] = "symbols.example.com"
    server.start()
    assert requests.get(server.url, timeout=10).status_code == 400


def test_workers_that_are_told_to_stop_as_they_start_do(server: StartedServer) -> None:
    # Many workers, so that one of them has just been forked when the first answers; one that
    # missed the signal would be waited for until it is killed, after 60 seconds.
    for _ in range(2):
        server.start("--workers", "12")
        assert server.process is not None
        server.process.terminate()
        assert server.process.wait(40) == 0
        server.stop()


def test_no_worker_outlives_a_killed_main_process(server: StartedServer) -> None:
    server.start()
    assert server.process is not None
    workers = workers_of(server.process)
    assert len(workers) == 2
    os.kill(server.process.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)), "the workers have gone", 30)


def test_a_killed_worker_is_replaced(server: StartedServer) -> None:
    server.start("--workers", "1")
    assert server.process is not None
    (worker,) = workers_of(server.process)
    os.kill(worker, signal.SIGKILL)

    def answers() -> bool:
        try:
            return requests.get(f"{server.url}/__lbheartbeat__", timeout=10).ok
        except requests.ConnectionError:
            return False

    wait_until(answers, "another worker answers", 30)
    assert worker not in workers_of(server.process)


def test_a_request_under_way_is_finished_after_sigterm(server: StartedServer) -> None:
    server.start("--workers", "1")
    assert server.process is not None
    body = b'{"jobs": [{"memoryMap": [], "stacks": []}]}'
    host, port = server.url.removeprefix("http://").split(":")
    address = (host, int(port))
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST /symbolicate/v5 HTTP/1.1\r\nHost: localhost\r\n"
            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        # A worker asks for the body, so it has the request.
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(address), "no connection is accepted", 30)
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert server.process.wait(30) == 0


def test_an_upload_under_way_is_finished_after_sigterm(
    server: StartedServer, tmp_path: Path
) -> None:
    server.start("--workers", "1")
    assert server.process is not None
    key = f"hello.pdb/{HELLO_ID}/hello.sym"
    archive = write_zip(tmp_path / "a.zip", {key: hello()}).read_bytes()
    head = b'--b\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\n'
    body = head + archive + b"\r\n--b--\r\n"
    token = server.token("upload_symbols").encode()
    host, port = server.url.removeprefix("http://").split(":")
    address = (host, int(port))
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(
            b"POST /upload/ HTTP/1.1\r\nHost: localhost\r\nAuth-Token: " + token + b"\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n"
            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        # The server asks for the body, so it has checked who uploads.
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(address), "no connection is accepted", 30)
        middle = len(body) // 2
        connection.sendall(body[:middle])
        time.sleep(0.5)  # a slow client
        assert server.process.poll() is None
        connection.sendall(body[middle:])
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201"), (answer, server.log())
    assert server.process.wait(30) == 0
    assert server.rows("SELECT count(*) FROM upload_upload WHERE completed_at IS NOT NULL") == [
        (1,)
    ]
    assert list(server.objects.versions()) == [f"v1/{key}"]


def test_a_port_in_use_is_one_line(server: StartedServer) -> None:
    server.start()
    port = server.url.rpartition(":")[2]
    second = server.command("serve", "--port", port)
    assert second.returncode == 1
    assert second.stderr == (f"Error: cannot listen on 127.0.0.1:{port}: it is already in use\n")


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    server = StartedServer(tmp_path, {"DJANGO_SYMBOL_URLS": "nowhere"})
    done = server.command("serve")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: DJANGO_SYMBOL_URLS has 'nowhere'")
    assert done.stderr.count("\n") == 1


def test_each_wrong_setting_has_its_line(tmp_path: Path) -> None:
    server = StartedServer(tmp_path, {"DJANGO_CONFIGURATION": "Prod", "PORT": "http"})
    done = server.command("serve")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: DJANGO_SYMBOL_URLS is required and not set",
        "Error: DJANGO_UPLOAD_DEFAULT_URL is required and not set",
        "Error: DJANGO_SECRET_KEY is required and not set",
        "Error: PORT is 'http', which is not a whole number",
    ]


KEY = "/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
# What each part alone answers, and how when nothing else was sent.
PARTS = {
    "web": {("GET", "/"): 200, ("GET", "/__auth_debug__"): 200, ("GET", "/contribute.json"): 200},
    "upload": {("POST", "/upload/"): 403},
    "download": {("GET", KEY): 404},
    "symbolication": {("POST", "/symbolicate/v5"): 400, ("POST", "/symbolicate/v4"): 400},
}


@pytest.mark.parametrize("parts", [*((part,) for part in PARTS), ("download", "web")])
def test_a_part_alone_answers_nothing_else(server: StartedServer, parts: tuple[str, ...]) -> None:
    server.start("--workers", "1", *(option for part in parts for option in ("--only", part)))
    for part, urls in PARTS.items():
        for (method, path), status in urls.items():
            headers = {"Accept": "application/json"} if part == "web" else {"Accept": "text/html"}
            answer = requests.request(method, server.url + path, headers=headers, timeout=10)
            is_error = answer.headers["Content-Type"] == "application/json"
            unrouted = is_error and "path" in answer.json()
            if part in parts:
                assert (answer.status_code, unrouted) == (status, False), path
            elif "web" in parts:  # whose page a browser gets
                assert answer.status_code == 404
                assert answer.text != "Symbol Not Found"
            else:
                assert answer.status_code in {404, 405}, path
                assert path == "/" or unrouted, path
    for path in ("/__lbheartbeat__", "/__heartbeat__", "/__version__", "/metrics"):
        assert requests.get(server.url + path, timeout=30).status_code == 200
    page = requests.get(f"{server.url}/uploads", timeout=10)
    assert (page.status_code == 200) is ("web" in parts)


def test_queries_are_logged_on_demand(server: StartedServer) -> None:
    server.settings["DJANGO_LOG_SQL"] = "True"
    server.start("--workers", "1")
    requests.get(f"{server.url}/__heartbeat__", timeout=30)
    assert "django.db.backends" in server.log()
    assert "SELECT 1" in server.log()


def test_django_s_own_commands_are_reached(server: StartedServer) -> None:
    assert "migrate" in server.command("manage", "help").stdout
    assert server.command("manage", "check").returncode == 0
    assert server.command("manage", "dance").returncode == 1
