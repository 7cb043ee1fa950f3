# SPDX-License-Identifier: MPL-2.0

"""The blocked check, with a server that plays Auth0."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from django.test import Client, override_settings
from django.utils import timezone
from tests.support.fake_auth0 import FakeAuth0
from tests.support.scripted_provider import ScriptedProvider
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.accounts import auth0 as auth0_module
from tecken.accounts import blocked
from tecken.accounts.models import AuditEntry, User
from tecken.accounts.people import set_active
from tecken.accounts.tokens.services import create_token
from tecken.commands.main import cli
from tecken.core.concurrency.circuit_breaker import CircuitBreaker

pytestmark = pytest.mark.django_db

ME = "/api/_auth/"
BLOCKED = (403, {"error": "User is blocked in Auth0 and made inactive."})

Say = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture(autouse=True)
def _nothing_was_asked_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth0_module, "_kept_token", auth0_module._KeptToken())
    monkeypatch.setattr(blocked, "_auth0", CircuitBreaker())


@pytest.fixture
def auth0(settings) -> Iterator[FakeAuth0]:
    with FakeAuth0() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        settings.ENABLE_AUTH0_BLOCKED_CHECK = True
        yield server


@pytest.fixture
def user() -> User:
    return User.objects.create(email="You@example.com")


@pytest.fixture
def token(user: User) -> str:
    return create_token(user, [], days=1, by="a test").key


@pytest.fixture
def by_session(user: User) -> Say:
    """Ask who one is with a session."""
    client = Client()
    client.force_login(user)

    def ask(path: str = ME) -> tuple[int, dict[str, object]]:
        response = client.get(path)
        return response.status_code, response.json()

    return ask


def by_token(token: str, path: str = ME) -> tuple[int, dict[str, object]]:
    response = Client().get(path, headers={"Auth-Token": token})
    return response.status_code, response.json() if response.content else {}


def a_day_passes(user: User) -> None:
    User.objects.filter(pk=user.pk).update(provider_checked_at=timezone.now() - timedelta(days=1))


def trail() -> list[tuple[str, str, object]]:
    entries = AuditEntry.objects.exclude(action="token made").order_by("pk")
    return [(entry.actor_name, entry.action, entry.details) for entry in entries]


def test_it_is_asked_at_the_first_request_of_a_day(
    auth0: FakeAuth0, by_session: Say, token: str, user: User
) -> None:
    auth0.accounts["you@example.com"] = [False, False]
    for _ in range(3):
        assert by_session()[1]["user"]["email"] == "You@example.com"
        assert by_token(token)[0] == 200
    assert auth0.asked == ["you@example.com"]
    a_day_passes(user)
    assert by_token(token)[0] == 200
    assert auth0.asked == ["you@example.com"] * 2
    assert auth0.tokens_given == 1


def test_nobody_waits_long_for_the_token_of_another_request(
    auth0: FakeAuth0, by_session: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth0_module, "_TURN_SECONDS", 0.001)
    with auth0_module._kept_token._lock:
        assert by_session()[0] == 200
    assert auth0.tokens_given == 0


def test_the_interval_is_a_setting(auth0: FakeAuth0, by_session: Say, user: User, settings) -> None:
    by_session()
    settings.NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS = 1
    User.objects.update(provider_checked_at=timezone.now() - timedelta(seconds=1))
    by_session()
    assert len(auth0.asked) == 2


@pytest.mark.parametrize("accounts", [[True], [False, True]])
def test_one_who_is_blocked_is_signed_out_and_switched_off(
    auth0: FakeAuth0, by_session: Say, token: str, user: User, accounts: list[bool]
) -> None:
    auth0.accounts["you@example.com"] = accounts
    assert by_session() == BLOCKED
    assert by_session()[1]["user"] is None
    assert by_token(token) == (403, {"error": "API Token matched but user not active"})
    user.refresh_from_db()
    assert not user.is_active
    assert trail() == [("blocked check", "made inactive", {"reason": "is blocked in Auth0"})]
    assert len(auth0.asked) == 1


def test_it_is_asked_for_tokens_on_every_url(auth0: FakeAuth0, token: str, user: User) -> None:
    auth0.accounts["you@example.com"] = [True]
    assert by_token(token, "/a.pdb/0123456789ABCDEF/a.sym") == BLOCKED
    user.refresh_from_db()
    assert not user.is_active


def test_all_sessions_of_one_who_is_blocked_end(
    auth0: FakeAuth0, by_session: Say, token: str, user: User
) -> None:
    auth0.accounts["you@example.com"] = [True]
    assert by_token(token) == BLOCKED
    assert by_session()[1]["user"] is None
    assert by_session("/api/stats/")[0] == 403


def test_signing_in_lets_one_back_in(by_session: Say, auth0: FakeAuth0, user: User) -> None:
    auth0.accounts["you@example.com"] = [True]
    assert by_session() == BLOCKED
    auth0.accounts["you@example.com"] = [False]
    assert sign_in(user).is_active
    assert trail()[1:3] == [
        ("blocked check", "made active", {"reason": "signed in"}),
        ("You@example.com", "signed in", {"how": "provider"}),
    ]


def test_signing_in_does_not_undo_what_a_superuser_did(auth0: FakeAuth0, user: User) -> None:
    boss = User.objects.create(email="boss@example.com", is_superuser=True)
    set_active(user, False, by=boss)
    assert not sign_in(user).is_active


def test_a_superuser_may_switch_off_whom_the_check_did_already(
    by_session: Say, auth0: FakeAuth0, user: User
) -> None:
    boss = User.objects.create(email="boss@example.com", is_superuser=True)
    auth0.accounts["you@example.com"] = [True]
    assert by_session() == BLOCKED
    user.refresh_from_db()
    set_active(user, False, by=boss)
    assert not sign_in(user).is_active
    assert trail()[1:] == [("boss@example.com", "made inactive", {})]


def test_one_who_is_unknown_and_came_by_the_provider_once_counts_as_blocked(
    auth0: FakeAuth0, by_session: Say, user: User
) -> None:
    assert by_session()[0] == 200  # a build system, say
    assert auth0.asked == ["you@example.com"]
    assert sign_in(user).has_used_provider
    a_day_passes(user)
    assert by_session() == BLOCKED
    assert trail()[-1] == ("blocked check", "made inactive", {"reason": "is not known in Auth0"})


def test_the_last_superuser_is_no_exception(auth0: FakeAuth0, by_session: Say, user: User) -> None:
    User.objects.update(is_superuser=True)
    auth0.accounts["you@example.com"] = [True]
    assert by_session("/api/_users/") == BLOCKED


def test_while_it_cannot_be_asked_everybody_is_let_in_and_it_is_asked_again_soon(
    auth0: FakeAuth0, by_session: Say, token: str, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    auth0.is_away = True
    with caplog.at_level(logging.WARNING):
        assert by_session()[0] == 200
        assert by_token(token)[0] == 200
    assert [record.getMessage() for record in caplog.records] == [
        f"user {user.pk} is let in unchecked: Auth0 answered 503 to /oauth/token"
    ]
    user.refresh_from_db()
    waited = timezone.now() - user.provider_checked_at
    assert timedelta(hours=23, minutes=58) < waited < timedelta(days=1)
    # Others do not wait for it, either: it is left alone for some seconds.
    other = User.objects.create(email="other@example.com")
    assert by_token(create_token(other, [], days=1, by="a test").key)[0] == 200
    assert len(auth0.received) == 1

    auth0.is_away, auth0.accounts["you@example.com"] = False, [True]
    a_day_passes(user)
    blocked._auth0._ask_again = 0  # the pause is over
    assert by_session() == BLOCKED


def test_nobody_waits_for_one_who_does_not_answer_at_all(
    settings, auth0: FakeAuth0, by_session: Say, user: User
) -> None:
    with ScriptedServer() as gone:
        settings.OIDC_OP_TOKEN_ENDPOINT = f"{gone.url}/oauth/token"
    assert by_session()[0] == 200


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"access_token": 1}', b'{"expires_in": 1}'])
def test_an_answer_that_makes_no_sense_is_no_answer(
    settings, auth0: FakeAuth0, by_session: Say, body: bytes
) -> None:
    with ScriptedServer() as other:
        other.routes["/oauth/token"] = Answer(200, body)
        settings.OIDC_OP_TOKEN_ENDPOINT = f"{other.url}/oauth/token"
        assert by_session()[0] == 200
    assert auth0.asked == []


def test_a_token_that_was_taken_back_is_asked_for_anew(
    auth0: FakeAuth0, by_session: Say, user: User
) -> None:
    by_session()
    auth0.token = "token-2"
    auth0.accounts["you@example.com"] = [True]
    a_day_passes(user)
    assert by_session() == BLOCKED
    assert auth0.tokens_given == 2


@pytest.mark.parametrize("switched_off", ["setting", "provider"])
def test_nobody_is_asked_where_the_check_is_off(
    auth0: FakeAuth0, by_session: Say, settings, switched_off: str
) -> None:
    if switched_off == "setting":
        settings.ENABLE_AUTH0_BLOCKED_CHECK = False
    else:
        settings.OIDC_OP_USER_ENDPOINT = ""
    assert by_session()[0] == 200
    assert auth0.received == []


def test_downloads_and_symbolication_do_not_look_at_sessions(
    auth0: FakeAuth0, user: User, client: Client
) -> None:
    client.force_login(user)
    assert client.get("/a.pdb/0123456789ABCDEF/a.sym").status_code == 404
    job = {"memoryMap": [], "stacks": []}
    client.post("/symbolicate/v5", job, content_type="application/json")
    assert auth0.received == []


class TestCommand:
    """``tecken is-blocked-in-auth0``."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @staticmethod
    def run() -> Result:
        return CliRunner().invoke(cli, ["is-blocked-in-auth0", "You@example.com"])

    @pytest.mark.parametrize(("is_blocked", "word"), [(True, "is"), (False, "is not")])
    def test_it_says_what_auth0_says(self, auth0: FakeAuth0, is_blocked: bool, word: str) -> None:
        auth0.accounts["you@example.com"] = [is_blocked]
        result = self.run()
        said = f"You@example.com {word} blocked in Auth0.\n"
        assert (result.exit_code, result.stdout) == (0, said)
        assert not User.objects.exists()

    @pytest.mark.parametrize(("came", "says"), [(True, "counts as blocked"), (False, "no reason")])
    def test_it_says_what_unknown_means(
        self, auth0: FakeAuth0, user: User, came: bool, says: str
    ) -> None:
        User.objects.update(has_used_provider=came)
        first, second = self.run().stdout.splitlines()
        assert first == "You@example.com is not known in Auth0."
        assert says in second
        assert User.objects.get().is_active

    def test_it_says_why_it_cannot_ask(self, auth0: FakeAuth0, settings) -> None:
        settings.OIDC_RP_CLIENT_SECRET = "wrong"
        result = self.run()
        assert (result.exit_code, str(result.exception)) == (
            1,
            "Auth0 answered 401 to /oauth/token",
        )
        settings.OIDC_OP_USER_ENDPOINT = ""
        assert "no provider is set" in str(self.run().exception)


def sign_in(user: User) -> User:
    """Sign in through a provider that knows the user, and return what became of the user."""
    with ScriptedServer() as server:
        provider = ScriptedProvider(server, user={"email": user.email})
        with override_settings(**provider.settings, ENABLE_AUTH0_BLOCKED_CHECK=False):
            provider.sign_in(Client())
    user.refresh_from_db()
    return user
