# SPDX-License-Identifier: MPL-2.0

"""Every reason to refuse an upload without its body, for every kind of client: each reads why.

The body is larger than what the buffers between two sockets take, so that a connection that was
closed too early would be seen. ``TECKEN_REFUSAL_BYTES`` and ``TECKEN_REFUSAL_TIMES`` make it larger
and repeat each case.
"""

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from tests.support.started_server import StartedServer

BODY_BYTES = int(os.environ.get("TECKEN_REFUSAL_BYTES", "20_000_000"))
TIMES = int(os.environ.get("TECKEN_REFUSAL_TIMES", "1"))
FORM = "multipart/form-data; boundary=refused"
PIECE = bytes(64 * 1024)
MAKE_SESSION = """
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, BACKEND_SESSION_KEY
from tecken.accounts.session_store import SessionStore
from tecken.accounts.models import User
user = User.objects.get(email="builder@example.com")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print("session", session.session_key)
"""
EXPIRE = """
from datetime import timedelta
from django.utils import timezone
from tecken.accounts.tokens.models import Token
past = timezone.now() - timedelta(days=1)
Token.objects.filter(user__email="late@example.com").update(expires_at=past)
"""


@dataclass(frozen=True)
class Request:
    """What is sent; ``body`` is the file of it. ``read``: the server has to look into it first."""

    method: str
    url: str
    headers: dict[str, str]
    body: Path
    read: bool = False

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)


Answer = tuple[int, dict[str, str]]


def chunks(request: Request) -> Iterator[bytes]:
    with request.body.open("rb") as file:
        while chunk := file.read(len(PIECE)):
            yield chunk


def curl(request: Request, *options: str) -> tuple[Answer, int]:
    """Return the answer, and how many bytes of the body were sent."""
    headers = [part for item in request.headers.items() for part in ("-H", ": ".join(item))]
    command = ["curl", "-sS", "-m", "60", "-X", request.method, *headers]
    command += ["--data-binary", f"@{request.body}"]
    command += [*options, "-w", "\n%{http_code} %{size_upload}", request.url]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    text, _, numbers = done.stdout.rpartition("\n")
    status, sent = numbers.split()
    return (int(status), json.loads(text)), int(sent)


def with_curl(request: Request) -> Answer:
    return curl(request, "-H", "Expect:")[0]


def with_curl_that_asks_first(request: Request) -> Answer:
    answer, sent = curl(request, "-H", "Expect: 100-continue", "--expect100-timeout", "30")
    assert request.read or sent == 0
    return answer


def with_curl_in_chunks(request: Request) -> Answer:
    return curl(request, "-H", "Expect:", "-H", "Transfer-Encoding: chunked")[0]


def http_client(request: Request, *, chunked: bool, again: bool = False) -> Answer:
    length = {"Content-Length": str(request.body.stat().st_size)}
    more = {"Transfer-Encoding": "chunked"} if chunked else length
    connection = request.connect()
    headers = {**request.headers, **more}
    connection.request(
        request.method, request.path, chunks(request), headers, encode_chunked=chunked
    )
    answer = connection.getresponse()
    result = answer.status, json.loads(answer.read())
    if again:
        connection.request("GET", "/__lbheartbeat__")
        assert connection.getresponse().read() is not None
    connection.close()
    return result


def with_http_client(request: Request) -> Answer:
    return http_client(request, chunked=False)


def with_http_client_in_chunks(request: Request) -> Answer:
    return http_client(request, chunked=True)


def with_a_connection_that_is_used_again(request: Request) -> Answer:
    return http_client(request, chunked=False, again=True)


def with_requests(request: Request) -> Answer:
    with request.body.open("rb") as file:
        answer = requests.request(
            request.method, request.url, data=file, headers=request.headers, timeout=60
        )
    return answer.status_code, answer.json()


CLIENTS: list[Callable[[Request], Answer]] = [
    with_curl,
    with_curl_that_asks_first,
    with_curl_in_chunks,
    with_http_client,
    with_http_client_in_chunks,
    with_a_connection_that_is_used_again,
    with_requests,
]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., StartedServer]]:
    """Embedded servers: what is refused early has not come to what the forms differ in."""
    started: list[StartedServer] = []

    def start(**settings: str) -> StartedServer:
        server = StartedServer(tmp_path_factory.mktemp("refusing") / "data", settings)
        started.append(server)
        server.begin("--workers", "1")
        return server

    yield start
    for server in started:
        server.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("body") / "body"
    head = b'--refused\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\n'
    path.write_bytes(head + bytes(BODY_BYTES) + b"\r\n--refused--\r\n")
    return path


@pytest.fixture(scope="module")
def refusals(
    start: Callable[..., StartedServer], body: Path
) -> dict[str, tuple[Request, int, str]]:
    """Return by reason: what is sent, and the status and the beginning of the sentence."""
    server = start()
    good = {"Auth-Token": server.token("upload_symbols")}
    late = {"Auth-Token": server.token("upload_symbols", email="late@example.com")}
    reader = {"Auth-Token": server.token("view_all_uploads", email="reader@example.com")}
    session = server.command("manage", "shell", "-c", EXPIRE + MAKE_SESSION).stdout.split()[-1]
    cookie = {"Cookie": f"sessionid={session}"}
    wrong = {"Cookie": f"sessionid={session}; csrftoken={'a' * 32}", "X-CSRFToken": "b" * 32}

    def to(server: StartedServer, headers: dict[str, str], path: str = "/upload/") -> Request:
        return Request("POST", server.url + path, {"Content-Type": FORM, **headers}, body)

    small = start(DJANGO_UPLOAD_MAX_ARCHIVE_BYTES=str(BODY_BYTES // 2))
    full = start(DJANGO_UPLOAD_MIN_FREE_BYTES=str(1 << 60))
    large = to(small, {"Auth-Token": small.token("upload_symbols")})
    no_room = to(full, {"Auth-Token": full.token("upload_symbols")})
    return {
        "no token": (to(server, {}), 403, "This requires an Auth-Token"),
        "unknown token": (to(server, {"Auth-Token": "0" * 32}), 403, "API Token not matched"),
        "expired token": (to(server, late), 403, "API Token found but expired"),
        "no permission": (to(server, reader), 403, "Forbidden"),
        "no CSRF cookie": (to(server, cookie), 403, "CSRF verification failed."),
        # The form may have the right one.
        "wrong CSRF token": (
            replace(to(server, wrong), read=True),
            403,
            "CSRF verification failed.",
        ),
        "too large": (large, 413, "The archive is too large"),
        "no room": (no_room, 503, "uploads: the disk has no room for the archive"),
        "method": (replace(to(server, good), method="PUT"), 405, "Method Not Allowed (PUT)"),
        "path": (to(server, good, "/uploads-of/"), 404, "Not Found"),
    }


REASONS = [
    "no token",
    "unknown token",
    "expired token",
    "no permission",
    "no CSRF cookie",
    "wrong CSRF token",
    "too large",
    "no room",
    "method",
    "path",
]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__[5:])
@pytest.mark.parametrize("reason", REASONS)
def test_the_client_reads_why(
    refusals: dict[str, tuple[Request, int, str]],
    reason: str,
    client: Callable[[Request], Answer],
) -> None:
    request, status, sentence = refusals[reason]
    for _ in range(TIMES):
        answered, content = client(request)
        assert (answered, content["error"][: len(sentence)]) == (status, sentence)


def test_all_reasons_are_tried(refusals: dict[str, tuple[Request, int, str]]) -> None:
    assert list(refusals) == REASONS
