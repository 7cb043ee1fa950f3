# SPDX-License-Identifier: MPL-2.0

"""One address for one's own symbols and those of others: real servers, and some that hang, drip, lie and die."""

import gzip
import itertools
import os
import signal
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.native_files import BUILD_ID, DEBUG_ID, PROGRAM, PROGRAM_DEBUG
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_nodes import two_nodes
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import background_of
from tests.support.symbol_servers import debuginfod, publish, web_server
from tests.support.symbol_texts import HELLO_ID, hello, write_zip
from tests.support.upstreams import drip_body, hang, raw_server
from tests.support.windows_files import windows_file

Maker = Callable[..., StartedServer]


@pytest.fixture
def make_node(form: Form, tmp_path: Path) -> Iterator[Maker]:
    """Return a function that starts a server with other servers behind its own bucket.

    It has one process unless more are the point, and what runs its tasks, if it ``derives``.
    """
    opened, numbers = ExitStack(), itertools.count()

    def make(
        *upstreams: str, workers: int = 1, derives: bool = False, **settings: str
    ) -> StartedServer:
        folder = tmp_path / f"node{next(numbers)}"
        node = StartedServer(folder, dict(settings), workers=workers)
        form(node)
        bucket = node.settings.get("DJANGO_SYMBOL_URLS", (node.data_dir / "bucket").as_uri())
        node.settings["DJANGO_SYMBOL_URLS"] = ",".join([bucket, *upstreams])
        opened.callback(node.stop, signal.SIGKILL)
        node.start()
        if derives:
            opened.enter_context(background_of(node))
        opened.callback(lambda: print(node.log()))  # noqa: T201 - it is shown when a test fails
        return node

    with opened:
        yield make


def symbolicate(
    node: StartedServer, *modules: list[str], offset: int = 0x1004
) -> requests.Response:
    stack = [[number, offset] for number in range(len(modules))]
    job = {"memoryMap": modules, "stacks": [stack]}
    return requests.post(f"{node.url}/symbolicate/v5", json=job, timeout=60)


def result_of(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    [result] = answer.json()["results"]
    found: dict[str, Any] = result
    return found


def test_one_address_for_our_own_and_the_worlds_symbols(make_node: Maker, tmp_path: Path) -> None:
    other = StartedServer(tmp_path / "other", workers=1)
    other.begin()
    try:
        token = other.token("upload_symbols")
        archive = write_zip(tmp_path / "hello.zip", {f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
        assert other.upload(archive, token).status_code == 201
        files, store = tmp_path / "files", tmp_path / "store"
        files.mkdir()
        (files / "crash").write_bytes(PROGRAM)
        (files / "crash.debug").write_bytes(PROGRAM_DEBUG)
        for name in ("sample.pdb", "sample.dll"):
            (tmp_path / name).write_bytes(windows_file(f"x64/{name}"))
        publish(store, tmp_path / "sample.pdb", tmp_path / "sample.dll")
        [folder] = (store / "sample.pdb").iterdir()
        guid, age = folder.name[:32], folder.name[32:]
        with web_server(store) as symsrv, debuginfod(files, BUILD_ID) as elf:
            node = make_node(
                f"{other.url}?layout=breakpad",
                f"{symsrv}?layout=symsrv",
                f"{elf}?layout=debuginfod&at_once=2&rate=20",
                derives=True,
                DJANGO_UPSTREAM_WAIT_SECONDS="50",
            )
            ours = f"{0:031X}11"
            archive = write_zip(
                tmp_path / "ours.zip", {f"ours.pdb/{ours}/ours.sym": hello("ours.pdb", ours)}
            )
            assert node.upload(archive, node.token("upload_symbols")).status_code == 201
            modules = [
                ["ours.pdb", ours],
                ["hello.pdb", HELLO_ID],
                ["sample.pdb", guid + age.upper()],
                ["crash", DEBUG_ID, BUILD_ID],
            ]
            result = result_of(symbolicate(node, *modules))
            assert [frame.get("function") for frame in result["stacks"][0]] == [
                "main",
                "main",
                None,
                None,
            ]
            errors = [error[0]["name"] for error in result["module_errors"].values()]
            assert errors == ["pending", "pending"]
            wait_until(
                lambda: all(result_of(symbolicate(node, *modules))["found_modules"].values()),
                "what the stores have is derived",
            )
            assert (
                result_of(symbolicate(node, modules[3], offset=0x114))["stacks"][0][0]["function"]
                == "outer"
            )
            path = f"hello.pdb/{HELLO_ID}/hello.sym"
            assert requests.get(f"{node.url}/{path}", timeout=30).text == hello()
            command = ("debuginfod-find", "debuginfo", BUILD_ID)
            debugger = subprocess.run(
                command,
                env={
                    "PATH": os.environ["PATH"],
                    "DEBUGINFOD_URLS": node.url,
                    "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache"),
                },
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert Path(debugger.stdout.strip()).read_bytes() == PROGRAM_DEBUG
    finally:
        other.stop(signal.SIGKILL)
    # All of it stays when the others have gone.
    assert all(result_of(symbolicate(node, *modules))["found_modules"].values())
    assert "Traceback" not in node.log()


@pytest.mark.parametrize(
    ("form", "trouble"),
    # What does not answer at all is remembered for all processes, by the cache of the form.
    [("embedded", hang), ("scaled out", hang), ("embedded", drip_body)],
    indirect=["form"],
)
def test_others_are_served_while_a_server_hangs_or_drips(
    make_node: Maker,
    tmp_path: Path,
    trouble: Callable[[socket.socket], None],
    record_property: Callable[[str, object], None],
) -> None:
    with raw_server(trouble) as server:
        node = make_node(
            f"{server.url}?layout=breakpad",
            workers=2,
            DJANGO_UPSTREAM_READ_TIMEOUT="5",
            DJANGO_UPSTREAM_WAIT_SECONDS="5",
        )
        archive = write_zip(tmp_path / "hello.zip", {f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
        assert node.upload(archive, node.token("upload_symbols")).status_code == 201
        ended = threading.Event()
        statuses: list[int] = []

        def ask(number: int) -> None:
            while not ended.is_set():
                number += 1000
                path = f"lost.pdb/{number:032X}1/lost.sym"
                statuses.append(requests.get(f"{node.url}/{path}", timeout=60).status_code)
                # The edge has 16 threads for requests such as this one, in each of two processes: all are taken
                # if each waits. What they do is not to keep the processors busy, which would make others wait as well.
                time.sleep(2)

        seconds = []
        with ThreadPoolExecutor(60) as clients:
            asking = [clients.submit(ask, number) for number in range(60)]
            until = time.monotonic() + 4
            while time.monotonic() < until:
                started = time.monotonic()
                assert (
                    result_of(symbolicate(node, ["hello.pdb", HELLO_ID]))["stacks"][0][0][
                        "function"
                    ]
                    == "main"
                )
                assert requests.get(f"{node.url}/hello.pdb/{HELLO_ID}/hello.sym", timeout=30).ok
                seconds.append(time.monotonic() - started)
                time.sleep(0.1)
            ended.set()
            for each in asking:
                each.result()
        figures = (
            f"p50 {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s of two requests"
        )
        asked = f"{len(statuses)} for what the server may have, which was asked {len(server.paths)} times"
        record_property("summary", f"{figures}, beside {asked}")
        assert set(statuses) == {503}
        assert max(seconds) < 5  # what requests wait for the server, whose threads would be missed
        # A server that gives no sign of life is tried once in a while, by one; each process has a first time.
        if trouble is hang:
            assert len(server.paths) < 40
    assert "Traceback" not in node.log()


@EMBEDDED_ONLY
def test_a_server_that_lies_is_never_believed(make_node: Maker) -> None:
    def endless() -> Iterator[bytes]:
        yield hello(debug_id=ids[3]).encode()
        while True:
            yield b"FUNC 1 1 0 lie\n" * 10_000

    ids = [f"{number:032X}1" for number in range(6)]
    bomb = gzip.compress(hello(debug_id=ids[4]).encode() + b"FUNC 1 1 0 lie\n" * 1_000_000, 1)
    with ScriptedServer() as server:
        answers = {
            ids[0]: Answer(body=hello(debug_id=HELLO_ID).encode()),
            ids[1]: Answer(body=b"<html>a portal</html>"),
            ids[2]: Answer(body=hello(debug_id=ids[2]).encode(), cut_after=100),
            ids[3]: Answer(chunks=endless),
            ids[4]: Answer(body=bomb, headers={"Content-Encoding": "gzip"}),
            ids[5]: Answer(body=hello("hello.pdb", ids[5]).encode()),
        }
        for debug_id, answer in answers.items():
            server.routes[f"/hello.pdb/{debug_id}/hello.sym"] = answer
        node = make_node(
            f"{server.url}?layout=breakpad&credentials=LIAR",
            DJANGO_UPSTREAM_CREDENTIALS_LIAR="Bearer not-for-logs",
            DJANGO_UPSTREAM_MAX_FILE_BYTES="5000000",
        )
        found = {}
        for debug_id in ids:
            path = f"{node.url}/hello.pdb/{debug_id}/hello.sym"
            found[debug_id] = requests.get(path, timeout=60).status_code
        assert found == dict(zip(ids, [404, 404, 503, 404, 404, 200], strict=True))
        for debug_id in (ids[0], ids[3], ids[4]):
            result = result_of(symbolicate(node, ["hello.pdb", debug_id]))
            assert not any(result["found_modules"].values())
        assert server.received[0].headers["Authorization"] == "Bearer not-for-logs"
        shown = node.command("settings").stdout
        assert f"{server.url}?layout=breakpad&credentials=LIAR" in shown
    assert "not-for-logs" not in node.log() + shown
    left = [*(node.data_dir / "tmp" / "upstreams").glob("*")]
    assert left == []


def test_a_server_that_is_killed_is_503_until_it_is_back(make_node: Maker) -> None:
    path = f"hello.pdb/{HELLO_ID}/hello.sym"
    with ScriptedServer() as server:
        port, url = server.port, server.url
        node = make_node(f"{url}?layout=breakpad")
        assert requests.get(f"{node.url}/{path}?_refresh", timeout=30).status_code == 404
    for number in range(4):
        answer = symbolicate(node, ["hello.pdb", f"{number:032X}1"])
        assert (answer.status_code, f"127.0.0.1:{port}" in answer.text) == (503, True)
        assert "Retry-After" in answer.headers

    def answer_found(connection: socket.socket) -> None:
        body = hello().encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with raw_server(answer_found, port):
        wait_until(
            lambda: requests.get(f"{node.url}/{path}?_refresh", timeout=30).ok,
            "the server is asked again",
        )


def behind(server: ScriptedServer, scale_out: Form) -> Callable[[StartedServer], None]:
    """Return what puts a server behind the bucket of nodes, which share what is fetched."""

    def with_server(node: StartedServer) -> None:
        scale_out(node)
        bucket = node.settings["DJANGO_SYMBOL_URLS"]
        node.settings["DJANGO_SYMBOL_URLS"] = f"{bucket},{server.url}?layout=breakpad"
        node.settings["DJANGO_UPSTREAM_CACHE_URL"] = f"{bucket}/kept"

    return with_server


def test_nodes_that_want_one_file_at_once_fetch_it_once(scale_out: Form, tmp_path: Path) -> None:
    def slowly() -> Iterator[bytes]:
        time.sleep(1)  # any other node asks meanwhile
        yield hello().encode()

    path = f"/hello.pdb/{HELLO_ID}/hello.sym"
    with (
        ScriptedServer() as server,
        two_nodes(behind(server, scale_out), tmp_path, workers=1) as nodes,
        ThreadPoolExecutor(8) as clients,
    ):
        server.routes[path] = Answer(chunks=slowly)
        urls = [f"{nodes[number % 2].url}{path}" for number in range(8)]
        answers = list(clients.map(lambda url: requests.get(url, timeout=30), urls))
        assert [answer.text for answer in answers] == [hello()] * 8
        assert [received.path for received in server.received] == [path]


def test_nodes_share_what_one_has_fetched(scale_out: Form, tmp_path: Path) -> None:
    with ScriptedServer() as server:
        server.routes[f"/hello.pdb/{HELLO_ID}/hello.sym"] = Answer(body=hello().encode())
        with two_nodes(behind(server, scale_out), tmp_path, workers=1) as nodes:
            missing = f"hello.pdb/{1:032X}1/hello.sym"
            for node in nodes:
                assert requests.get(f"{node.url}/{missing}", timeout=30).status_code == 404
                assert (
                    result_of(symbolicate(node, ["hello.pdb", HELLO_ID]))["stacks"][0][0][
                        "function"
                    ]
                    == "main"
                )
                answer = requests.get(f"{node.url}/hello.pdb/{HELLO_ID}/hello.sym", timeout=30)
                assert (answer.text, answer.history[0].status_code) == (hello(), 302)
        paths = [received.path for received in server.received]
        assert sorted(paths) == sorted([f"/{missing}", f"/hello.pdb/{HELLO_ID}/hello.sym"])
