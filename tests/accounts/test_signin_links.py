# SPDX-License-Identifier: MPL-2.0

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from tecken.accounts.models import AuditEntry, SigninLink, User
from tecken.accounts.session_store import stored_key
from tecken.accounts.signin_links import make_link

URL = "/signin-link/"
REFUSED = b"This sign-in link is wrong, was used before, or has ended."


@pytest.fixture(autouse=True)
def _no_wrong_keys_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)  # no minute ends in between


@pytest.fixture
def key(user: User) -> str:
    return make_link(user, by="command line")


def follow(client: Client, key: str) -> HttpResponse:
    """Open the link and press the button, as a person does."""
    page = client.get(URL, {"key": key}).content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    return client.post(URL, fields)


def test_a_person_who_agrees_is_signed_in(user: User, key: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(URL, {"key": key})
    assert user.email in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert follow(client, key)["Location"] == "/?signedin=true"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.get_expiry_age() == 365 * 24 * 3600


def test_the_page_has_a_style_that_its_policy_allows(client: Client, key: str) -> None:
    page = client.get(URL, {"key": key})
    [nonce] = re.findall(r'<style nonce="([^"]+)">', page.content.decode())
    assert f"'nonce-{nonce}'" in page["Content-Security-Policy"]
    assert nonce not in client.get(URL, {"key": key}).content.decode()


def test_a_preview_of_the_link_does_not_use_it_up(client: Client, key: str) -> None:
    for ask in (client.head, client.get, client.get):
        assert ask(URL, {"key": key}).status_code == 200
    assert not Session.objects.exists()
    assert follow(client, key).status_code == 302


def test_a_link_works_once(key: str) -> None:
    assert follow(Client(), key).status_code == 302
    again = Client().post(URL, {"key": key})
    assert (again.status_code, REFUSED in again.content) == (403, True)
    assert Client().get(URL, {"key": key}).status_code == 403


def test_a_link_ends_after_ten_minutes(client: Client, key: str) -> None:
    SigninLink.objects.update(expires_at=F("expires_at") - timedelta(minutes=9, seconds=50))
    assert client.get(URL, {"key": key}).status_code == 200
    SigninLink.objects.update(expires_at=F("expires_at") - timedelta(seconds=11))
    assert client.get(URL, {"key": key}).status_code == 403
    assert client.post(URL, {"key": key}).status_code == 403


def test_links_that_have_ended_are_dropped_when_another_is_made(user: User, key: str) -> None:
    SigninLink.objects.update(expires_at=F("expires_at") - timedelta(minutes=11))
    make_link(user, by="command line")
    assert SigninLink.objects.count() == 1


def test_the_key_is_not_kept(user: User, key: str) -> None:
    assert len(key) >= 43  # 256 bits
    assert key not in str(vars(SigninLink.objects.get()))
    assert key not in str([vars(entry) for entry in AuditEntry.objects.all()])


def test_one_who_is_not_active_is_not_signed_in(client: Client, user: User, key: str) -> None:
    User.objects.update(is_active=False)
    assert client.post(URL, {"key": key}).status_code == 403


def test_nobody_is_signed_in_by_a_page_of_another_site(key: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(URL, {"key": key}).status_code == 403
    assert SigninLink.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x", "é" * 50, "\0", "0" * 100_000])
def test_a_wrong_key_is_refused(client: Client, db: None, wrong: str) -> None:
    for response in (client.get(URL, {"key": wrong}), client.post(URL, {"key": wrong})):
        assert (response.status_code, REFUSED in response.content) == (403, True)


def test_guessing_is_cut_short(client: Client, key: str) -> None:
    tries = [client.post(URL, {"key": f"guess {number}"}) for number in range(62)]
    assert [response.status_code for response in tries] == [403] * 60 + [429] * 2
    assert tries[-1]["Retry-After"] == "5"
    cache.clear()  # the minute is over
    assert client.post(URL, {"key": "another guess"}).status_code == 403


def test_a_right_key_works_however_many_were_wrong(client: Client, key: str) -> None:
    for number in range(100):
        client.get(URL, {"key": f"guess {number}"})
    assert follow(client, key)["Location"] == "/?signedin=true"


def test_guesses_of_one_client_are_not_those_of_others(key: str) -> None:
    attacker = Client(headers={"X-Forwarded-For": "203.0.113.7"})
    for number in range(60):
        attacker.post(URL, {"key": f"guess {number}"})
    assert attacker.post(URL, {"key": "a guess"}).status_code == 429
    other = Client(headers={"X-Forwarded-For": "203.0.113.8"})
    assert other.post(URL, {"key": "a guess"}).status_code == 403


def test_the_session_gets_a_new_key(client: Client, key: str) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    follow(client, key)
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=stored_key(planted)).exists()


def test_the_trail_tells_of_the_link_and_of_its_use(client: Client, user: User, key: str) -> None:
    follow(client, key)
    used, made = AuditEntry.objects.order_by("-id")
    assert (made.action, made.actor_name, made.subject) == (
        "sign-in link made",
        "command line",
        user,
    )
    assert (used.action, used.actor, used.details) == ("signed in", user, {"how": "link"})
