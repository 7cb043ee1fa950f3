# SPDX-License-Identifier: MPL-2.0

"""What tests of overload share: the server as clients know it, and connections that do as they are told."""

import io
import json
import random
import socket
import zipfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import requests
from benchmarks.clients import Exchange
from benchmarks.hostile_clients import Target
from benchmarks.polite import ask
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import large, write_zip

LARGE_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7891"
LARGE_KEY = f"noise.pdb/{LARGE_ID}/noise.sym"
WARM_NUMBER = 1
_FUNCTIONS = 4_000
_NOISE_KILOBYTES = 10_000  # five million bytes gzipped: a socket's buffer grows to four, here and in nginx's defaults
_FRAMES = 40
_TCP_ESTABLISHED = "01"


def target_of(server: StartedServer, token: str = "") -> Target:
    """Return where a server answers, without a proxy."""
    return Target("127.0.0.1", urlsplit(server.url).port or 0, token=token)


def upload_noise(server: StartedServer, token: str, folder: Path, kilobytes: int = 16_000) -> None:
    """Upload a symbol file that is larger than all buffers between two sockets, gzipped too."""
    rng = random.Random(1)
    names = (f"PUBLIC {at * 16:x} 0 {rng.randbytes(500).hex()}" for at in range(kilobytes))
    text = "\n".join([f"MODULE windows x86_64 {LARGE_ID} noise.pdb", *names, ""])
    archive = folder / "noise.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
        writer.writestr(LARGE_KEY, text)
    assert server.upload(archive, token).status_code == 201


def path_of_noise(server: StartedServer) -> str:
    """Return where the bytes of it are."""
    found = requests.get(f"{server.url}/{LARGE_KEY}", timeout=60, allow_redirects=False)
    assert found.status_code == 302, found.text
    return urlsplit(found.headers["Location"]).path


def prepared_target(server: StartedServer, folder: Path) -> Target:
    """Upload what all kinds of clients need, and return what they know."""
    token = server.token("upload_symbols")
    upload_noise(server, token, folder, _NOISE_KILOBYTES)
    warm = write_zip(folder / "warm.zip", dict([large(WARM_NUMBER, _FUNCTIONS)]))
    assert server.upload(warm, token).status_code == 201
    return replace(
        target_of(server, token),
        file_path=path_of_noise(server),
        small_request=_question(_FRAMES),
        large_request=_question(20_000),
    )


def _question(frames: int) -> str:
    key, _ = large(WARM_NUMBER, 0)
    debug_file, debug_id, _ = key.split("/")
    stack = [[0, 0x1000 + at * 97 % _FUNCTIONS * 0x40 + 4] for at in range(frames)]
    return json.dumps({"jobs": [{"memoryMap": [[debug_file, debug_id]], "stacks": [stack]}]})


def exchange(target: Target) -> Exchange:
    """Ask all workers for what is asked later on; return it with its answer, which is checked."""
    body = target.small_request.encode()
    for _ in range(8):
        answer, content = ask(target, "POST", "/symbolicate/v5", body, timeout=60)
        assert answer.status == 200, content
    [frames] = json.loads(content)["results"][0]["stacks"]
    names = [
        f"ns{WARM_NUMBER}::function_{at * 97 % _FUNCTIONS * 7919 % 10007}(int)"
        for at in range(_FRAMES)
    ]
    assert [frame["function"] for frame in frames] == names
    return body, content


def with_window(target: Target, window_bytes: int) -> socket.socket:
    """Connect as a client for whom the system takes about so much at most."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window_bytes)
    connection.settimeout(60)
    connection.connect((target.address, target.port))
    return connection


def is_held_by_server(connection: socket.socket) -> bool:
    """Say whether the other end of a connection to this machine is still open."""
    return _state_at_server(connection) == _TCP_ESTABLISHED


def is_kept_by_system(connection: socket.socket) -> bool:
    """Say whether the system still has something for a connection to this machine."""
    return _state_at_server(connection) is not None


def _state_at_server(connection: socket.socket) -> str | None:
    """Return the state of the other end (``/proc/net/tcp``)."""
    _, client_port = connection.getsockname()
    try:
        _, server_port = connection.getpeername()
    except OSError:  # it was reset
        return None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        ports = int(local.split(":")[1], 16), int(remote.split(":")[1], 16)
        if ports == (server_port, client_port):
            return state
    return None


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes; a reset counts as a close."""
    received = io.BytesIO()
    try:
        while data := connection.recv(65_536):
            received.write(data)
    except ConnectionResetError:
        pass
    return received.getvalue()
