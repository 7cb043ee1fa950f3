# SPDX-License-Identifier: MPL-2.0

import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, request_token, require, require_superuser
from tecken.accounts.tokens import services
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import check_token, create_token
from tecken.core.errors import InvalidRequestError, NotPermittedError
from tecken.urls import urlpatterns as product_urls
from tecken.web.best_effort import Notes
from tecken.web.responses import json_response


def whoami(request: HttpRequest) -> HttpResponse:
    token = request_token(request)
    return json_response({"user": str(request.user), "token": token and token.key_prefix})


def something(request: HttpRequest) -> HttpResponse:
    return json_response({"user": require(request, "accounts.do_something", "a.b").email})


def everything(request: HttpRequest) -> HttpResponse:
    return json_response({"user": require_superuser(request).email})


def permissions(request: HttpRequest) -> HttpResponse:
    return json_response(sorted(granted(request)))


urlpatterns = [
    path("whoami", whoami),
    path("something", something),
    path("everything", everything),
    path("permissions", permissions),
    *product_urls,
]
pytestmark = pytest.mark.urls(__name__)


def ask(path: str, key: str, **headers: str) -> tuple[int, object]:
    response = Client().get(path, headers={"Auth-Token": key, **headers})
    return response.status_code, response.json()


@pytest.fixture
def key(user: User, may_do_something: Permission) -> str:
    user.user_permissions.add(may_do_something)
    return create_token(user, [may_do_something], days=1, notes="for builds", by=user).key


def test_a_key_is_32_hexadecimal_digits_and_not_kept(key: str) -> None:
    token = Token.objects.get()
    assert len(bytes.fromhex(key)) == 16
    assert key.startswith(token.key_prefix)
    assert key not in str(vars(token))


def test_a_token_is_found_by_its_digest_so_that_time_tells_nothing(db: None) -> None:
    """Nobody can choose a key whose SHA-256 begins like another's: comparing it may take any time."""
    key = "0123456789abcdef0123456789abcdef"
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotPermittedError):
        check_token(key)
    [query] = queries.captured_queries
    assert hashlib.sha256(key.encode()).hexdigest() in query["sql"]
    assert key not in query["sql"]


def test_a_token_stands_for_its_owner(key: str) -> None:
    assert ask("/whoami", key) == (200, {"user": "Builder@example.com", "token": key[:8]})


def test_text_after_the_first_dash_is_a_comment(key: str) -> None:
    assert ask("/whoami", f"{key}-made-by-me")[0] == 200


def test_a_wrong_token_is_refused_on_every_url(db: None) -> None:
    refused = (403, {"error": "API Token not matched"})
    for path_ in ("/whoami", "/__version__", "/no/where", "/"):
        for wrong in ("0" * 32, "", "-", "é", "x" * 10_000):
            assert ask(path_, wrong) == refused


def test_an_expired_token_is_refused(key: str) -> None:
    Token.objects.update(expires_at=timezone.now())
    assert ask("/whoami", key) == (403, {"error": "API Token found but expired"})


def test_the_token_of_one_who_is_not_active_is_refused(key: str, user: User) -> None:
    User.objects.update(is_active=False)
    assert ask("/whoami", key) == (403, {"error": "API Token matched but user not active"})


def test_tokens_can_be_switched_off(key: str, settings) -> None:
    settings.ENABLE_TOKENS_AUTHENTICATION = False
    assert ask("/whoami", key) == (200, {"user": "AnonymousUser", "token": None})


def test_a_token_grants_its_permissions(key: str) -> None:
    assert ask("/something", key) == (200, {"user": "Builder@example.com"})
    assert ask("/permissions", key) == (200, ["accounts.do_something"])


def test_a_permission_lost_by_the_owner_is_lost_by_the_token(key: str, user: User) -> None:
    user.user_permissions.clear()
    assert ask("/something", key) == (403, {"error": "Forbidden"})


def test_a_token_grants_nothing_else_of_its_owner(
    user: User, may_do_something: Permission, may_manage_tokens: Permission
) -> None:
    user.user_permissions.add(may_do_something, may_manage_tokens)
    key = create_token(user, [may_manage_tokens], days=1, by=user).key
    assert ask("/something", key) == (403, {"error": "Forbidden"})


def test_the_token_of_a_superuser_is_not_a_superuser(key: str) -> None:
    User.objects.update(is_superuser=True)
    assert ask("/everything", key) == (
        403,
        {"error": "Must be superuser to access this view."},
    )
    assert ask("/permissions", key) == (200, ["accounts.do_something"])


def test_one_who_is_not_known_is_told_what_is_needed(client: Client, db: None) -> None:
    needed = {"error": "This requires an Auth-Token to authenticate the request"}
    for path_ in ("/something", "/everything"):
        response = client.get(path_)
        assert (response.status_code, response.json()) == (403, needed)


def test_a_session_grants_what_its_user_has(
    client: Client, user: User, may_do_something: Permission
) -> None:
    client.force_login(user)
    assert client.get("/something").json() == {"error": "Forbidden"}
    user.user_permissions.add(may_do_something)
    assert client.get("/something").json() == {"user": "Builder@example.com"}
    assert client.get("/everything").status_code == 403
    User.objects.update(is_superuser=True)
    assert client.get("/everything").status_code == 200


def test_a_token_goes_before_a_session(client: Client, key: str) -> None:
    client.force_login(User.objects.create(email="other@example.com"))
    response = client.get("/whoami", headers={"Auth-Token": key})
    assert response.json()["user"] == "Builder@example.com"


def test_a_token_needs_no_csrf(key: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/whoami").status_code == 403
    assert client.post("/whoami", headers={"Auth-Token": key}).status_code == 200


def test_an_answer_that_depends_on_who_asks_says_so(client: Client, key: str) -> None:
    for response in (client.get("/whoami"), client.get("/whoami", headers={"Auth-Token": key})):
        assert {"Auth-Token", "Cookie"} <= set(response["Vary"].split(", "))
        assert "private" in response["Cache-Control"]
    assert "Cookie" not in client.get("/__version__").get("Vary", "")


def test_the_last_use_is_noted_at_most_hourly(key: str) -> None:
    ask("/whoami", key)
    first = Token.objects.get().last_used_at
    assert first is not None
    ask("/whoami", key)
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(hours=2))
    ask("/whoami", key)
    assert Token.objects.get().last_used_at > first - timedelta(hours=1)


@pytest.fixture
def no_writes(transactional_db: None) -> Iterator[Callable[[], None]]:
    """A database that answers and takes no writes, as on a full disk."""
    refuse, allow = {
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
        "postgresql": (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        ),
    }[connection.vendor]
    services._last_uses = Notes("last uses of tokens")

    def switch(command: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(command)

    yield lambda: switch(refuse)
    switch(allow)


def test_a_use_that_cannot_be_noted_is_a_use(
    transactional_db: None,
    key: str,
    no_writes: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    no_writes()
    with caplog.at_level(logging.WARNING):
        assert [ask("/whoami", key)[0] for _ in range(20)] == [200] * 20
    told = [record.message for record in caplog.records if "last uses" in record.message]
    assert len(told) == 1
    assert Token.objects.get().last_used_at is None


def test_a_token_cannot_last_for_ever(user: User) -> None:
    with pytest.raises(InvalidRequestError, match="too far"):
        create_token(user, [], days=10**9, by=user)
