# SPDX-License-Identifier: MPL-2.0

"""Asking a server: what is asked again, what is told, where the token goes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.client.errors import ClientError, RefusedByServerError, ServerUnavailableError
from tecken.client.server import RetryPolicy, Server

BUSY = Answer(503, b'{"error": "Storage is down"}', {"Content-Type": "application/json"})


class Waits(list[float]):
    """Remembers the waits instead of waiting."""

    def policy(self, **options: float) -> RetryPolicy:
        return RetryPolicy(sleep=self.append, **options)


@pytest.fixture
def waits() -> Waits:
    return Waits()


def get(server: Server, url: str) -> bytes:
    return server.get(url, lambda response: response.read())


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again(scripted: ScriptedServer, waits: Waits, status: int) -> None:
    scripted.script = [Answer(status), Answer(status), Answer(200, b"here")]
    with Server(scripted.url, retry=waits.policy()) as server:
        assert server.post("/upload/") == b"here"
    assert waits == [1, 2]


def test_waits_double_up_to_a_limit(scripted: ScriptedServer, waits: Waits) -> None:
    scripted.script = [BUSY] * 6
    with (
        Server(scripted.url, retry=waits.policy(max_wait_seconds=5)) as server,
        pytest.raises(ServerUnavailableError, match=r"Storage is down \(tried 6 times\)"),
    ):
        get(server, "/")
    assert waits == [1, 2, 4, 5, 5]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7),
        ("0", 0),
        ("3600", 60),
        ("soon", 1),
        ("", 1),
        ("Tue, 14 Nov 99999999999999999999 22:13:20 GMT", 1),
    ],
)
def test_the_wait_is_what_the_server_asks_for_within_the_limit(
    scripted: ScriptedServer, waits: Waits, asked: str, waited: float
) -> None:
    scripted.script = [Answer(503, headers={"Retry-After": asked}), Answer()]
    with Server(scripted.url, retry=waits.policy()) as server:
        get(server, "/")
    assert waits == [waited]


def test_the_server_may_name_a_date(scripted: ScriptedServer, waits: Waits) -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    far = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    scripted.script = [Answer(429, headers={"Retry-After": when}) for when in (past, far)]
    scripted.script.append(Answer())
    with Server(scripted.url, retry=waits.policy()) as server:
        get(server, "/")
    assert waits == [0, 60]


def test_a_refusal_is_the_servers_own_sentence_and_final(
    scripted: ScriptedServer, waits: Waits
) -> None:
    scripted.script = [
        Answer(403, b'{"error": "API Token not matched"}', {"Content-Type": "application/json"})
    ]
    with (
        Server(scripted.url, retry=waits.policy()) as server,
        pytest.raises(RefusedByServerError, match=r"^API Token not matched$") as refused,
    ):
        server.post("/upload/")
    assert refused.value.status == 403
    assert len(scripted.received) == 1


@pytest.mark.parametrize(
    ("content_type", "body", "sentence"),
    [
        ("text/plain", b"Symbol Not Found", "Symbol Not Found"),
        ("application/json", b'{"errors": {"size": ["too big"]}}', "size: ['too big']"),
        ("application/json", b"[" * 50_000, "the server answered 400 Bad Request"),
        ("text/html", b"<html>", "the server answered 400 Bad Request"),
        ("text/plain", b"\x1b[2Jgone", "\ufffd[2Jgone"),
    ],
)
def test_a_refusal_in_any_form_gives_one_safe_line(
    scripted: ScriptedServer, content_type: str, body: bytes, sentence: str
) -> None:
    scripted.script = [Answer(400, body, {"Content-Type": content_type})]
    with Server(scripted.url) as server, pytest.raises(RefusedByServerError) as refused:
        get(server, "/")
    assert str(refused.value) == sentence


def test_nobody_there_is_told_with_the_url(waits: Waits) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    with (
        Server(url, retry=waits.policy(retries=2)) as server,
        pytest.raises(ServerUnavailableError, match=f"{url}: .*refused.* .tried 3 times"),
    ):
        get(server, "/")
    assert waits == [1, 2]


def test_each_wait_is_told(scripted: ScriptedServer) -> None:
    told: list[str] = []
    scripted.script = [Answer(503, BUSY.body, BUSY.headers | {"Retry-After": "0"}), Answer()]
    with Server(scripted.url, retry=RetryPolicy(notify=told.append)) as server:
        get(server, "/")
    assert told == ["Storage is down; trying again in 0 s"]


def test_the_token_goes_to_the_server(scripted: ScriptedServer) -> None:
    scripted.script = [Answer()]
    with Server(scripted.url, "abc-my laptop") as server:
        server.post("/upload/")
    assert scripted.received[0].headers["Auth-Token"] == "abc-my laptop"


def test_the_token_does_not_follow_a_redirect_to_another_origin(scripted: ScriptedServer) -> None:
    with ScriptedServer() as bucket:
        bucket.script = [Answer(200, b"symbols")]
        scripted.script = [Answer(302, headers={"Location": f"{bucket.url}/v1/xul.sym"})]
        with Server(scripted.url, "abc") as server:
            assert get(server, "/xul.sym") == b"symbols"
        assert "Auth-Token" in scripted.received[0].headers
        assert "Auth-Token" not in bucket.received[0].headers


def test_a_post_that_is_redirected_is_not_sent_as_something_else(scripted: ScriptedServer) -> None:
    scripted.script = [Answer(301, headers={"Location": "https://elsewhere/upload/"})]
    with (
        Server(scripted.url) as server,
        pytest.raises(ClientError, match="redirects to https://elsewhere/upload/"),
    ):
        server.post("/upload/")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/", "https://", "", "http://u:p@h/"])
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ClientError) as refused:
        Server(url)
    assert "u:p" not in str(refused.value)


@pytest.mark.parametrize("token", ["sec\nret", "s\u00e9cret"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ClientError) as refused:
        Server("http://localhost", token)
    assert "cret" not in str(refused.value)


def test_a_url_may_have_a_path(scripted: ScriptedServer) -> None:
    scripted.script = [Answer()]
    with Server(f"{scripted.url}/symbols/") as server:
        server.post("/upload/")
    assert scripted.received[0].path == "/symbols/upload/"
