# SPDX-License-Identifier: MPL-2.0

"""Signing in through a provider; the one of these tests can lie."""

import base64
import hashlib
import logging
import random
import string
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client
from tests.support.scripted_provider import BEGIN, CALLBACK, CODE, ScriptedProvider
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.session_store import stored_key
from tecken.accounts.sessions import sign_in_url
from tecken.web.redis import redis_of

FAILED = (302, "/?signin=failed")


@pytest.fixture(autouse=True)
def _nobody_has_come_so_far(db: None) -> None:
    cache.clear()


@pytest.fixture
def provider(settings) -> Iterator[ScriptedProvider]:
    with ScriptedServer() as server:
        made = ScriptedProvider(server)
        for name, value in made.settings.items():
            setattr(settings, name, value)
        yield made


def went(response) -> tuple[int, str]:
    return response.status_code, response["Location"]


def cache_entries() -> int:
    """How many things the cache keeps: of a folder, or of Redis."""
    redis = redis_of("default")
    if redis is not None:
        return len(redis.keys("*"))
    return len(list(Path(django_settings.CACHES["default"]["LOCATION"]).glob("*")))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_new_person_is_signed_in_and_may_do_nothing(
    client: Client, provider: ScriptedProvider
) -> None:
    assert went(provider.sign_in(client)) == (302, "/?signedin=true")
    user = User.objects.get()
    assert user.email == "you@example.com"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.get_all_permissions() == set()
    assert not user.is_superuser
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.details) == ("signed in", user, {"how": "provider"})


def test_a_person_who_is_known_is_found_by_email_in_any_case(
    client: Client, provider: ScriptedProvider
) -> None:
    user = User.objects.create(email="You@Example.com")
    provider.sign_in(client)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == 1


def test_the_session_gets_a_new_key_and_lasts_a_year(
    client: Client, provider: ScriptedProvider
) -> None:
    client.get("/__auth_debug__")
    before = client.session.session_key
    provider.sign_in(client)
    assert client.session.session_key != before
    assert [row.session_key for row in Session.objects.all()] == [
        stored_key(client.session.session_key)
    ]
    assert client.session.get_expiry_age() == 365 * 24 * 3600


@pytest.mark.parametrize("verified", [False, "false"])
def test_an_email_that_is_not_verified_is_refused(
    client: Client, provider: ScriptedProvider, verified: object
) -> None:
    provider.user = {"email_verified": verified}
    assert went(provider.sign_in(client)) == FAILED
    assert not User.objects.exists()


def test_an_email_that_is_verified_is_taken(client: Client, provider: ScriptedProvider) -> None:
    provider.user = {"email_verified": True}
    assert went(provider.sign_in(client)) == (302, "/?signedin=true")


@pytest.mark.parametrize(
    "email", [None, "", "you", 17, ["you@example.com"], "you@example.com\0", "é" * 300 + "@x.com"]
)
def test_what_is_no_email_is_refused(
    client: Client, provider: ScriptedProvider, email: object
) -> None:
    provider.user = {"email": email}
    assert went(provider.sign_in(client)) == FAILED
    assert not User.objects.exists()


def test_one_who_is_not_active_is_refused(client: Client, provider: ScriptedProvider) -> None:
    User.objects.create(email="you@example.com", is_active=False)
    assert went(provider.sign_in(client)) == FAILED
    assert not is_signed_in(client)
    assert not User.objects.get().is_active


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": None},
        {"exp": 1},
        {"iat": 10**10},
        {"sub": "another person"},
        {"sub": ""},
    ],
)
def test_an_id_token_for_something_else_is_refused(
    client: Client, provider: ScriptedProvider, claims: dict[str, object]
) -> None:
    provider.id_token = claims
    assert went(provider.sign_in(client)) == FAILED
    assert not User.objects.exists()


@pytest.mark.parametrize(("claim", "seconds"), [("iat", 30), ("nbf", 30), ("exp", -30)])
def test_the_clock_of_a_provider_may_differ(
    client: Client, provider: ScriptedProvider, claim: str, seconds: int
) -> None:
    provider.id_token = {claim: int(time.time()) + seconds}
    assert went(provider.sign_in(client)) == (302, "/?signedin=true")


def test_who_is_nobody_with_both_is_refused(client: Client, provider: ScriptedProvider) -> None:
    provider.id_token = provider.user = {"sub": ""}
    assert went(provider.sign_in(client)) == FAILED


@pytest.mark.parametrize(
    ("secret", "algorithm"),
    [("what somebody else thought of, who is long-winded", "HS256"), ("", "none")],
)
def test_an_id_token_that_others_signed_is_refused(
    client: Client, provider: ScriptedProvider, secret: str, algorithm: str
) -> None:
    provider.secret, provider.algorithm = secret, algorithm
    assert went(provider.sign_in(client)) == FAILED
    assert not User.objects.exists()


def test_a_state_that_this_browser_did_not_bring_is_refused(
    client: Client, provider: ScriptedProvider
) -> None:
    brought = provider.begin(client)
    assert went(provider.finish(client, brought, state="another")) == FAILED
    for stranger in (Client(), client):
        other = provider.begin(Client())
        assert went(provider.finish(stranger, other)) == FAILED
    assert provider.server.received == []
    assert went(provider.finish(client, brought)) == (302, "/?signedin=true")


def test_a_way_back_is_gone_once(client: Client, provider: ScriptedProvider) -> None:
    brought = provider.begin(client)
    provider.finish(client, brought)
    client.post("/oidc/logout/")
    assert went(provider.finish(client, brought)) == FAILED


@pytest.mark.parametrize("query", [{}, {"code": CODE}, {"state": "x"}, {"error": "access_denied"}])
def test_a_way_back_that_says_nothing_signs_nobody_in(
    client: Client, provider: ScriptedProvider, query: dict[str, str]
) -> None:
    provider.begin(client)
    assert went(client.get(CALLBACK, query)) == FAILED


def test_a_page_of_another_site_cannot_sign_out_by_an_error(
    client: Client, provider: ScriptedProvider
) -> None:
    provider.sign_in(client)
    assert went(client.get(CALLBACK, {"error": "login_required"})) == FAILED
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"down"),
        Answer(400, b'{"error": "invalid_grant"}'),
        Answer(200, b"<html>", {"Content-Type": "text/html"}),
        Answer(200, b"[]", {"Content-Type": "application/json"}),
        Answer(200, b"{}", {"Content-Type": "application/json"}),
        Answer(200, b'{"id_token": "a.b.c"}', {"Content-Type": "application/json"}),
        Answer(200, b'{"id_token": 17}', {"Content-Type": "application/json"}),
        Answer(200, b'{"id_token": "', {"Content-Length": "1000"}, cut_after=5),
    ],
)
@pytest.mark.parametrize("path", ["/token", "/userinfo"])
def test_a_provider_that_is_down_or_talks_nonsense_signs_nobody_in(
    client: Client, provider: ScriptedProvider, path: str, answer: Answer
) -> None:
    provider.instead[path] = answer
    assert went(provider.sign_in(client)) == FAILED
    assert not User.objects.exists()


def test_a_provider_that_cannot_be_reached_signs_nobody_in(
    client: Client, provider: ScriptedProvider, settings
) -> None:
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:9/token"
    assert went(provider.sign_in(client)) == FAILED


def test_the_code_is_of_use_to_this_browser_alone(
    client: Client, provider: ScriptedProvider
) -> None:
    """RFC 7636: who stole the code on its way does not have the verifier."""
    brought = provider.begin(client)
    assert brought["code_challenge_method"] == "S256"
    provider.finish(client, brought)
    sent = parse_qs(provider.server.received[0].body.decode())
    digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == brought["code_challenge"]


@pytest.mark.parametrize("page", ["/uploads?user=me", "http://testserver/tokens"])
def test_one_comes_back_to_the_page_one_came_from(
    client: Client, provider: ScriptedProvider, page: str
) -> None:
    assert went(provider.sign_in(client, next=page)) == (302, page)
    assert went(provider.sign_in(client)) == (302, "/?signedin=true")


@pytest.mark.parametrize(
    "page",
    [
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        "\\\\example.com",
        "///example.com",
        "http:example.com",
        "http:///example.com",
        "javascript:alert(1)",
        "http://testserver@example.com/",
        "http://testserver.example.com/",
        " https://example.com/",
        "\x00//example.com",
        "",
    ],
)
def test_nobody_is_sent_to_a_page_of_others(
    client: Client, provider: ScriptedProvider, page: str
) -> None:
    assert went(provider.sign_in(client, next=page)) == (302, "/?signedin=true")


def test_why_a_sign_in_failed_is_logged_without_secrets(
    client: Client, provider: ScriptedProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.id_token = {"aud": "another client"}
    brought = provider.begin(client)
    provider.finish(client, brought)
    assert "a sign-in failed: InvalidAudienceError: Audience doesn't match" in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tecken")]
    for secret in (CODE, brought["state"], brought["nonce"], "of-no-use-to-others"):
        assert secret not in " ".join(ours)


def test_a_sign_in_that_is_begun_is_kept_by_the_browser_alone(provider: ScriptedProvider) -> None:
    rows_and_entries = Session.objects.count(), cache_entries()
    responses = [Client().get(BEGIN, REMOTE_ADDR="192.0.2.7") for _ in range(20)]
    assert {response.status_code for response in responses} == {302}
    assert (Session.objects.count(), cache_entries()) == rows_and_entries
    assert "sessionid" not in responses[-1].cookies


def test_the_cookie_of_a_sign_in_is_out_of_reach(
    client: Client, provider: ScriptedProvider, settings
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client.get(BEGIN)
    cookie = client.cookies["begun_sign_ins"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert (cookie["path"], cookie["max-age"]) == ("/oidc/", 3600)


def test_a_sign_in_may_take_an_hour(
    client: Client, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    early, late = provider.begin(client), provider.begin(client)
    monkeypatch.setattr("tecken.accounts.begun_sign_ins.time.time", lambda: now + 3590)
    assert went(provider.finish(client, early)) == (302, "/?signedin=true")
    monkeypatch.setattr("tecken.accounts.begun_sign_ins.time.time", lambda: now + 3610)
    assert went(provider.finish(client, late)) == FAILED


def test_several_sign_ins_of_a_browser_can_each_be_finished(
    client: Client, provider: ScriptedProvider
) -> None:
    begun = [provider.begin(client, next=f"/uploads?page={page}") for page in range(10)]
    for page, brought in enumerate(begun):
        assert went(provider.finish(client, brought)) == (302, f"/uploads?page={page}")
    assert client.cookies["begun_sign_ins"].value == ""


def test_the_newest_sign_ins_are_kept_in_what_a_cookie_can_hold(
    client: Client, provider: ScriptedProvider
) -> None:
    page = "/uploads?" + "".join(random.choices(string.ascii_letters, k=700))
    begun = [provider.begin(client, next=page) for _ in range(30)]
    cookie = client.cookies["begun_sign_ins"]
    assert len(cookie.output(header="")) < 4096
    assert went(provider.finish(client, begun[0])) == FAILED
    for brought in begun[-3:]:
        assert went(provider.finish(client, brought)) == (302, page)


def test_a_page_that_no_cookie_can_hold_is_forgotten(
    client: Client, provider: ScriptedProvider
) -> None:
    page = "/uploads?" + "".join(random.choices(string.ascii_letters, k=7_000))
    assert went(provider.sign_in(client, next=page)) == (302, "/?signedin=true")


@pytest.mark.parametrize("change", [lambda text: text[:-1] + "AB"[text[-1] == "A"], lambda _: "x"])
def test_what_a_browser_keeps_cannot_be_changed(
    client: Client, provider: ScriptedProvider, change: Callable[[str], str]
) -> None:
    brought = provider.begin(client)
    client.cookies["begun_sign_ins"] = change(client.cookies["begun_sign_ins"].value)
    assert went(provider.finish(client, brought)) == FAILED
    assert provider.server.received == []


def test_who_tries_too_many_sign_ins_is_turned_away_and_nobody_else(
    client: Client, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)  # no minute ends in between
    provider.instead["/token"] = Answer(400, b'{"error": "invalid_grant"}')
    attacker = Client(REMOTE_ADDR="192.0.2.7")
    statuses = [provider.sign_in(attacker).status_code for _ in range(62)]
    assert statuses == [302] * 60 + [429] * 2
    del provider.instead["/token"]
    assert went(provider.sign_in(client)) == (302, "/?signedin=true")
    cache.clear()  # the minute is over
    assert went(provider.sign_in(attacker)) == (302, "/?signedin=true")


def test_a_provider_that_hangs_holds_four_threads_at_most(provider: ScriptedProvider) -> None:
    clients = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(8)]
    begun = [provider.begin(client) for client in clients]
    asked, go_on = threading.Semaphore(0), threading.Event()

    def hang(*_: object) -> None:
        asked.release()
        go_on.wait(60)
        raise requests.ConnectionError("it never answered")

    def finish(number: int) -> int:
        query = {"code": CODE, "state": begun[number]["state"]}
        try:
            return clients[number].get(CALLBACK, query).status_code
        finally:
            connections.close_all()

    with (
        pytest.MonkeyPatch.context() as patch,
        ThreadPoolExecutor(8) as pool,
    ):
        # A server that hangs would do, but for the ten seconds until that is noticed.
        patch.setattr("mozilla_django_oidc.auth.requests.post", lambda *_, **__: hang())
        held = [pool.submit(finish, number) for number in range(4)]
        for _ in held:
            assert asked.acquire(timeout=60)
        turned_away = [pool.submit(finish, number).result(60) for number in range(4, 8)]
        go_on.set()
        assert turned_away == [429] * 4
        assert [future.result(60) for future in held] == [302] * 4
    assert went(provider.finish(clients[4], begun[4])) == (302, "/?signedin=true")


def test_without_a_provider_there_is_no_way_to_one(client: Client) -> None:
    assert sign_in_url() is None
    response = client.get(BEGIN)
    assert response.status_code == 404
    assert "no provider" in response.json()["error"]
    assert went(client.get(CALLBACK, {"code": CODE, "state": "x"})) == FAILED


def test_with_a_provider_there_is(provider: ScriptedProvider) -> None:
    assert sign_in_url() == BEGIN
