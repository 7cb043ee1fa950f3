# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Signing in through a provider; the one of these tests can lie."""

import base64
import hashlib
import logging
import time
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from tests.support.scripted_provider import BEGIN, CALLBACK, CODE, ScriptedProvider
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.sessions import sign_in_url

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
    brought = provider.begin(client)
    before = client.session
    assert before.get_expiry_age() <= 3600
    provider.finish(client, brought)
    assert client.session.session_key != before.session_key
    assert not Session.objects.filter(session_key=before.session_key).exists()
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


def test_sign_ins_that_are_begun_fill_no_table(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)  # no minute ends in between
    statuses = [Client().get(BEGIN).status_code for _ in range(602)]
    assert statuses == [302] * 600 + [429] * 2
    assert Session.objects.count() == 600


def test_without_a_provider_there_is_no_way_to_one(client: Client) -> None:
    assert sign_in_url() is None
    response = client.get(BEGIN)
    assert response.status_code == 404
    assert "no provider" in response.json()["error"]
    assert went(client.get(CALLBACK, {"code": CODE, "state": "x"})) == FAILED


def test_with_a_provider_there_is(provider: ScriptedProvider) -> None:
    assert sign_in_url() == BEGIN
