# SPDX-License-Identifier: MPL-2.0

"""Requests as large, and as long, as they may be, beside small ones, on a started server."""

import json
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tests.support.costly_symbols import equal_ranges
from tests.support.processes import children, processor_seconds
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

FRAMES = 300_000
LARGE_REQUESTS = 2
SMALL_REQUESTS = 100
SLOW_MODULES = 4  # each takes some two seconds at its first lookup
MAX_SECONDS = 2


def upload(server: StartedServer, folder: Path, members: dict[str, str]) -> None:
    answer = server.upload(
        write_zip(folder / "symbols.zip", members), server.token("upload_symbols")
    )
    assert answer.status_code == 201, answer.text


def send(server: StartedServer, body: bytes) -> socket.socket:
    """Send a request whole; what is answered is not read."""
    address = urlsplit(server.url)
    assert address.hostname is not None
    assert address.port is not None
    client = socket.create_connection((address.hostname, address.port), timeout=120)
    head = f"POST /symbolicate/v5 HTTP/1.0\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}"
    client.sendall(head.encode() + b"\r\n\r\n" + body)
    return client


def read_all(client: socket.socket) -> tuple[bytes, bytes]:
    """Return head and body of an answer that ends with its connection."""
    answer = bytearray()
    while chunk := client.recv(1024 * 1024):
        answer += chunk
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    return head, body


def test_small_requests_are_served_while_the_largest_are_answered(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server()
    upload(server, tmp_path, {f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
    stack = [[0, 0x1000 + number % 64] for number in range(FRAMES)]
    large = json.dumps({"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [stack]}).encode()
    small = {"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]] * 20]}
    clients = [send(server, large) for _ in range(LARGE_REQUESTS)]
    try:
        for _ in range(SMALL_REQUESTS):
            answer = requests.post(f"{server.url}/symbolicate/v5", json=small, timeout=60)
            assert answer.status_code == 200, answer.text
            [frames] = answer.json()["results"][0]["stacks"]
            assert [frame["function"] for frame in frames] == ["main"] * 20
        answers = [read_all(client) for client in clients]
    finally:
        for client in clients:
            client.close()
    statuses = [head.split()[1] for head, _ in answers]
    assert b"200" in statuses
    assert set(statuses) <= {b"200", b"429"}
    for status, (head, body) in zip(statuses, answers, strict=True):
        if status == b"200":
            [frames] = json.loads(body)["results"][0]["stacks"]
            assert len(frames) == FRAMES
        else:
            assert b"\r\nRetry-After: " in head


def test_a_request_ends_when_its_time_is_over(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server(DJANGO_SYMBOLICATION_MAX_SECONDS=str(MAX_SECONDS))
    modules = [equal_ranges(number) for number in range(SLOW_MODULES)]
    members = {key: text for module in modules for key, text in module.member.items()}
    upload(server, tmp_path, {**members, f"hello.pdb/{HELLO_ID}/hello.sym": hello()})
    stack = [[module, 0x1000 + at] for at in range(40) for module in range(SLOW_MODULES)]
    memory_map = [[module.debug_file, module.debug_id] for module in modules]
    body = json.dumps({"memoryMap": memory_map, "stacks": [stack]}).encode()
    assert server.process is not None
    workers = children(server.process.pid)
    before = processor_seconds(*workers)
    with closing(send(server, body)) as client:
        head, answer = read_all(client)
    assert head.split()[1] == b"413", answer
    assert b"seconds" in answer
    # Of the processor, since others may have it meanwhile; all of it takes some eight seconds.
    assert processor_seconds(*workers) - before < MAX_SECONDS + 1
    assert server.function_in("hello.pdb") == "main"
