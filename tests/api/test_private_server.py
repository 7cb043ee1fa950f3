# SPDX-License-Identifier: MPL-2.0

"""A server where reading needs a login: nobody else reads, in whatever way, and everybody who may does."""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from tests.api.permission_matrix import KINDS, OWNER, Asker, Call, calls, store_a_file
from tests.support.minidumps import STACKWALK
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, make_token

from tecken.accounts.models import User
from tecken.accounts.tokens import known
from tecken.accounts.tokens.known import BELIEVED_SECONDS, KnownTokens, known_tokens
from tecken.accounts.tokens.models import Token
from tecken.core.errors import NotPermittedError
from tecken.web.private import is_reading
from tecken.web.sentry import _without_secrets

V5 = json.dumps({"memoryMap": [["xul.pdb", DEBUG_ID]], "stacks": [[[0, 4096]]]})
V4 = json.dumps({**json.loads(V5), "version": 4})
PRIVATE = "This server is private: sign in, or send an API token"
# What tells nothing of symbols, and what asks by itself who that is.
OPEN = {
    "tecken.accounts.provider_views": {"view", "finish_sign_in"},
    "tecken.accounts.views": {"logout", "signin_link"},
    "tecken.api.urls": {"_schema", "/api/_app/", "/api/_auth/"},
    "tecken.jobs.views": {"task_tester"},
    "tecken.upload.chunked.views": {"about_token", "assemble_files", "chunk_upload"},
    "tecken.upload.resumable.views": {"upload", "uploads"},
    "tecken.upload.views": {"auth_info", "check", "upload"},
    "tecken.web.about": {"contribute", "version"},
    "tecken.web.auth_debug": {"auth_debug"},
    "tecken.web.errors": {"not_found"},
    "tecken.web.health": {"heartbeat", "lbheartbeat"},
    "tecken.web.prometheus": {"metrics"},
    "tecken.web.views": {"home"},
}
READS = {
    "a symbol file": ("GET", f"/{NAME}", None, 302),
    "whether it is there": ("HEAD", f"/{NAME}", None, 200),
    "another file": ("GET", f"/{BINARY_NAME}", None, 200),
    "with try symbols": ("GET", f"/try/{NAME}", None, 302),
    "by a product": ("GET", f"/firefox/{NAME}", None, 302),
    "a module's names": ("GET", f"/api/syminfo/xul.pdb/{DEBUG_ID}", None, 200),
    "what is missing": ("GET", "/missingsymbols.csv?today=1", None, 200),
    "a list": ("GET", "/api/downloads/missing/", None, 200),
    "v5": ("POST", "/symbolicate/v5", V5, 200),
    "v4": ("POST", "/symbolicate/v4", V4, 200),
    "v4 at the front": ("POST", "/", V4, 200),
    "a text": ("POST", "/symbolicate/text", "no frame", 200),
}


@pytest.fixture(autouse=True)
def _private(settings: Settings) -> None:
    settings.READ_REQUIRES_LOGIN = True
    known_tokens.forget()


@pytest.fixture
def token(db: None, bucket: Path, post: Post) -> str:
    """A token of somebody who may nothing, where a symbol file and another file are stored."""
    uploader = make_token("upload_symbols", email="uploader@example.com")
    assert post({NAME: TEXT, BINARY_NAME: b"packed"}, uploader).status_code == 201
    return make_token(email="reader@example.com")


def basic(name: str, password: str) -> Mapping[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


def ask(
    client: Client, read: str, headers: Mapping[str, str] | None = None, before: str = ""
) -> HttpResponseBase:
    method, url, body, _ = READS[read]
    response = client.generic(method, before + url, body or "", headers=headers or {})
    if response.streaming:
        b"".join(response.streaming_content)
    return response


WAYS: dict[str, Callable[[str], tuple[Mapping[str, str], str]]] = {
    "Auth-Token": lambda token: ({"Auth-Token": f"{token}-a comment"}, ""),
    "Bearer": lambda token: ({"Authorization": f"Bearer {token}"}, ""),
    "Basic": lambda token: (basic("any", token), ""),
    "Basic without a password": lambda token: (basic(token, ""), ""),
    "in the path": lambda token: ({}, f"/t/{token}"),
}


def test_everything_is_read_in_every_way(client: Client, token: str) -> None:
    for way, of in WAYS.items():
        headers, before = of(token)
        for read, (*_, wanted) in READS.items():
            response = ask(client, read, headers, before)
            assert response.status_code == wanted, (way, read)
            kept = {part.strip() for part in response["Cache-Control"].split(",")}
            assert "no-store" in kept or {"private", "no-cache"} <= kept
            assert "public" not in kept
            vary = response["Vary"]
            assert all(name in vary for name in ("Auth-Token", "Authorization", "Cookie"))
    client.force_login(User.objects.get(email="reader@example.com"))
    for read, (*_, wanted) in READS.items():
        assert ask(client, read).status_code == wanted, read


def test_strangers_read_nothing(client: Client, token: str) -> None:
    for way, of in {"nothing": lambda _: ({}, ""), **WAYS}.items():
        headers, before = of("f" * 32)
        for read in READS:
            response = ask(client, read, headers, before)
            if read == "another file":
                assert (response.status_code, response.content) == (404, b"Symbol Not Found")
                continue
            assert response.status_code == 403, (way, read)
            error = response.json()["error"] if response.content else ""
            assert error.startswith(PRIVATE if way == "nothing" else "API Token not matched") or (
                READS[read][0] == "HEAD"
            )


def test_one_who_is_inactive_is_a_stranger(client: Client, token: str) -> None:
    client.force_login(User.objects.get(email="reader@example.com"))
    User.objects.update(is_active=False)
    assert ask(client, "v5").status_code == 403
    assert ask(client, "v5", {"Auth-Token": token}).json() == {
        "error": "API Token matched but user not active"
    }


def test_a_wrong_authorization_takes_nothing_from_a_session(client: Client, token: str) -> None:
    """A proxy in front may have a password of its own."""
    client.force_login(User.objects.get(email="reader@example.com"))
    for headers in (basic("proxy", "its password"), {"Authorization": "Bearer x"}):
        assert ask(client, "v5", headers).status_code == 200
    for headers in ({"Authorization": "Basic %%%"}, {"Authorization": "Digest x"}, {}):
        assert ask(Client(), "v5", headers).json()["error"].startswith(PRIVATE)


def test_without_tokens_only_sessions_read(client: Client, token: str, settings: Settings) -> None:
    settings.ENABLE_TOKENS_AUTHENTICATION = False
    for of in WAYS.values():
        headers, before = of(token)
        assert ask(client, "v5", headers, before).status_code == 403


def test_the_file_itself_is_as_private(client: Client, token: str) -> None:
    symbol_file = ask(client, "a symbol file", {"Auth-Token": token})["Location"]
    assert symbol_file.startswith("/_files/")
    for location, refused in ((symbol_file, 403), (READS["another file"][1], 404)):
        assert client.get(location).status_code == refused
        file = client.get(location, headers=WAYS["Basic"](token)[0])
        assert file.status_code == 200
        assert b"".join(file.streaming_content)  # type: ignore[attr-defined]
        assert file["Cache-Control"] == "private, no-cache, no-transform"


def test_a_redirect_has_the_token_of_the_path(client: Client, token: str) -> None:
    location = ask(client, "a symbol file", before=f"/t/{token}")["Location"]
    assert location.startswith(f"/t/{token}/_files/")
    file = client.get(location)
    assert file.status_code == 200
    b"".join(file.streaming_content)  # type: ignore[attr-defined]
    code_id = client.get(f"/t/{token}/xul.dll/5CF2591C6859000/xul.sym")
    assert (code_id.status_code, code_id["Location"]) == (302, f"/t/{token}/{NAME}")


def test_to_https_the_token_is_kept(client: Client, token: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(f"/t/{token}/{NAME}?try")
    assert answer["Location"] == f"https://testserver/t/{token}/{NAME}?try"


def test_the_token_of_a_path_is_written_nowhere(
    client: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        client.get(f"/t/{token}/nowhere/at/all"),
        client.delete(f"/t/{token}/{NAME}"),
        client.get(f"/t/{token}/try/{NAME}"),
        client.post(f"/t/{token}/symbolicate/v5", "{", "text/plain"),
        client.get(f"/t/{token}/missing.pdb/{DEBUG_ID}/missing.sym"),
        client.get(f"/t/{token}"),
        client.get(f"/t/{token}?x"),
    ]
    assert [answer.status_code for answer in answers] == [404, 405, 302, 400, 404, 200, 200]
    assert not any(token.encode() in answer.content for answer in answers)
    assert token not in caplog.text
    assert f"GET /t/***/try/{NAME} 302" in caplog.text
    url = f"https://symbols.example.com/t/{token}/{NAME}"
    event = _without_secrets({"request": {"url": url}, "transaction": f"/t/{token}/{NAME}"}, {})
    assert event["request"]["url"] == f"https://symbols.example.com/t/***/{NAME}"
    assert event["transaction"] == f"/t/***/{NAME}"


def test_an_authorization_that_is_no_text_is_that_of_a_stranger(client: Client) -> None:
    headers = {"Authorization": "Basic \xe9"}
    assert client.get(f"/buildid/{DEBUG_ID}/debuginfo", headers=headers).status_code == 404
    assert ask(client, "v5", headers).status_code == 403


@pytest.mark.parametrize("name", ["t.sym", "t", "t.pdb", "t.debug"])
def test_a_module_may_be_called_t(client: Client, token: str, name: str) -> None:
    answer = client.get(f"/t/{DEBUG_ID}/{name}", headers={"Auth-Token": token})
    assert answer.status_code == 404
    assert answer.content.startswith(b"Symbol Not Found")


def test_on_a_public_server_a_token_in_the_path_changes_nothing(
    client: Client, token: str, settings: Settings
) -> None:
    settings.READ_REQUIRES_LOGIN = False
    for before in ("", f"/t/{token}", "/t/wrong", "/t/x/"):
        answer = ask(client, "a symbol file", before=before)
        assert answer.status_code == 302
        assert answer["Cache-Control"] == "private, no-cache"
    assert ask(client, "v5").status_code == 200
    assert ask(client, "v5", {"Auth-Token": "x"}).status_code == 403
    assert ask(client, "v5", {"Authorization": "Bearer x"}).status_code == 200


def test_a_token_costs_no_question_to_the_database_per_download(
    client: Client, token: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for of in WAYS.values():
        headers, before = of(token)
        ask(client, "a symbol file", headers, before)
        with django_assert_num_queries(0):
            assert ask(client, "a symbol file", headers, before).status_code == 302


def test_what_is_known_of_a_token_is_believed_for_seconds(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    tokens = KnownTokens(lambda: now[0])
    owner = User.objects.get(email="reader@example.com").pk
    assert tokens.user_id(token) == owner
    Token.objects.filter(user=owner).update(expires_at=timezone.now() + timedelta(hours=1))
    User.objects.filter(pk=owner).update(is_active=False)
    now[0] += BELIEVED_SECONDS
    assert tokens.user_id(token) == owner
    now[0] += 0.1
    with pytest.raises(NotPermittedError, match="user not active"):
        tokens.user_id(token)
    User.objects.filter(pk=owner).update(is_active=True)
    with pytest.raises(NotPermittedError, match="user not active"):
        tokens.user_id(token)
    now[0] += BELIEVED_SECONDS + 0.1
    assert tokens.user_id(token) == owner
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(NotPermittedError, match="expired"):
        tokens.user_id(token)  # at once


def test_so_many_tokens_are_known(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_MOST", 3)
    tokens = KnownTokens()
    for number in range(10):
        with pytest.raises(NotPermittedError):
            tokens.user_id(f"{number}")
    assert len(tokens._known) <= 3


def test_pages_of_other_sites_may_read_with_a_token(client: Client, token: str) -> None:
    preflight = client.options(f"/t/{token}/symbolicate/v5")
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (200, "*")
    assert "authorization" in preflight["Access-Control-Allow-Headers"]
    answer = ask(client, "v5", before=f"/t/{token}")
    assert answer["Access-Control-Allow-Origin"] == "*"
    refused = ask(client, "v5")
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (403, "*")


def test_public_caches_keep_nothing(client: Client, token: str, settings: Settings) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 600
    headers = {"Auth-Token": token}
    assert ask(client, "a symbol file", headers)["Cache-Control"] == "private, no-cache"
    assert client.get(f"/{NAME}?_refresh", headers=headers)["Cache-Control"] == "no-store"


def test_the_web_app_is_told(client: Client, db: None, settings: Settings) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/api/_auth/").json()["read_requires_login"] is True
    settings.READ_REQUIRES_LOGIN = False
    assert client.get("/api/_auth/").json()["read_requires_login"] is False


def test_everybody_makes_tokens_that_read(client: Client, token: str, settings: Settings) -> None:
    client.force_login(User.objects.get(email="reader@example.com"))
    made = client.post("/api/tokens/", {"expires": 1, "notes": "my debugger"})
    assert made.status_code == 201, made.content
    new = made.json()
    assert new["permissions"] == []
    assert ask(Client(), "v5", {"Auth-Token": new["key"]}).status_code == 200
    extended = client.post(f"/api/tokens/token/{new['id']}/extend", {"days": 1})
    assert extended.status_code == 200
    settings.READ_REQUIRES_LOGIN = False
    assert client.post("/api/tokens/", {"expires": 1}).status_code == 403
    manager = make_token("manage_tokens", email="manager@example.com")
    assert manager
    client.force_login(User.objects.get(email="manager@example.com"))
    refused = client.post("/api/tokens/", {"expires": 1})
    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        {"permissions": ["A token needs at least one permission"]},
    )


# --- the table of URLs: a view that is new is private, or is named here ---


def _views(
    patterns: list[URLPattern | URLResolver], prefix: str = "/"
) -> Iterator[tuple[str, Callable[..., HttpResponse]]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


def test_views_are_private_unless_they_are_named_here() -> None:
    opened: dict[str, set[str]] = {}
    for route, view in _views(get_resolver().url_patterns):
        if view.__module__.startswith(("tecken.download.", "tecken.symbolication.")):
            assert is_reading(view) or view.__name__ == "caching_vs_boto", (route, view)
        elif hasattr(view, "treats_strangers"):
            name = f"{route.rstrip('/')}/" if view.__name__ == "edge" else view.__name__
            opened.setdefault(view.__module__, set()).add(name)
    assert opened == OPEN


_OPEN_CALLS = (
    "/oidc/",
    "/signin-link/",
    "/__",
    "/metrics",
    "/contribute",
    "/api/schema",
    "/api/_a",
)


# Where reading needs a login, everybody has tokens.
_FOR_READERS = {
    ("GET", "/api/tokens/"),
    ("POST", "/api/tokens/"),
    ("POST", "/api/tokens/token/{token_id}/extend"),
}


def _is_open(call: Call) -> bool:
    is_page = (call.method, call.path) in {("GET", "/"), ("HEAD", "/")}
    is_open = call.path.startswith(_OPEN_CALLS) and "__benchmarking__" not in call.path
    return is_page or (is_open and "audit" not in call.path)


@pytest.fixture
def asked(bucket: Path, settings: Settings, db: None) -> Callable[[str], dict[str, int]]:
    """What one of a kind is answered, by method and path."""
    settings.MINIDUMP_STACKWALK_PATH = str(STACKWALK)
    key = make_token("upload_symbols", email=OWNER)
    store_a_file(key)
    known_person = Client()
    known_person.force_login(User.objects.get(email=OWNER))

    def asked(kind: str) -> dict[str, int]:
        asker = Asker.of(next(k for k in KINDS if k.name == kind), known_person)
        return {
            f"{call.method} {call.path} {call.note}": asker.status(call)
            for call in calls()
            if not _is_open(call) and (call.method, call.path) not in _FOR_READERS
        }

    return asked


def test_of_every_url_strangers_get_nothing(asked: Callable[[str], dict[str, int]]) -> None:
    answers = asked("nobody")
    assert len(answers) > 50
    assert {url: status for url, status in answers.items() if status not in {401, 403, 404}} == {}


def test_whoever_is_known_gets_what_a_public_server_gives(
    asked: Callable[[str], dict[str, int]], settings: Settings
) -> None:
    kinds = ("signed in", "T none")
    private = [asked(kind) for kind in kinds]
    settings.READ_REQUIRES_LOGIN = False
    assert [asked(kind) for kind in kinds] == private
