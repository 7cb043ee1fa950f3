# SPDX-License-Identifier: MPL-2.0
import random
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tecken.accounts.models import User
from tecken.accounts.session_store import SessionStore, stored_key
from tecken.web.redis import redis_of

LOGOUT = "/oidc/logout/"


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def email_of(client: Client) -> str | None:
    """Who the server says has signed in."""
    user = client.get("/api/_auth/").json()["user"]
    return user["email"] if user else None


def cookie_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def with_cookie(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


def cached_names() -> str:
    """Everything in the cache, names and values: of a folder, or of Redis."""
    redis = redis_of("default")
    if redis is not None:
        return " ".join(key.decode() for key in redis.keys("*"))
    folder = Path(settings.CACHES["default"]["LOCATION"])
    return " ".join(f"{path.name} {path.read_bytes()!r}" for path in folder.iterdir())


def store_as_before(user: User) -> str:
    """Sign a person in as Django's own store does, in both places; return the key."""
    session = cached_db.SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    session.save()
    return str(session.session_key)


def digest_all() -> None:
    """Do what the migration does."""
    migration = import_module("tecken.accounts.migrations.0005_digest_session_keys")
    migration.digest_keys(apps, connection.SchemaEditorClass(connection))


def test_neither_the_database_nor_the_cache_has_the_key(signed_in: Client, user: User) -> None:
    cache.clear()
    assert email_of(signed_in) == user.email  # from the database, and cached again
    key = cookie_of(signed_in)
    [row] = Session.objects.all()
    assert row.session_key == stored_key(key)
    assert len(row.session_key) == 40
    assert key not in str(vars(row))
    cached = cached_names()
    assert cached
    assert key not in cached


def test_what_is_stored_is_of_no_use_in_a_cookie(signed_in: Client) -> None:
    [row] = Session.objects.all()
    thief = with_cookie(row.session_key)
    assert email_of(thief) is None
    cache.clear()
    assert email_of(thief) is None


def test_a_session_is_found_in_the_cache_and_in_the_database(signed_in: Client, user: User) -> None:
    assert email_of(signed_in) == user.email
    Session.objects.all().update(session_key="gone")
    assert email_of(signed_in) == user.email  # the cache has it
    Session.objects.all().update(session_key=stored_key(cookie_of(signed_in)))
    cache.clear()
    assert email_of(signed_in) == user.email  # the database has it


def test_signing_out_ends_the_session_in_both(signed_in: Client) -> None:
    key = cookie_of(signed_in)
    assert signed_in.post(LOGOUT).status_code == 302
    assert not Session.objects.exists()
    assert email_of(with_cookie(key)) is None


def test_one_who_is_switched_off_is_out_at_once(signed_in: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert email_of(signed_in) is None


def test_a_new_key_takes_the_data_along_and_ends_the_old_one(db: None) -> None:
    session = SessionStore()
    session["kept"] = "this"
    session.save()
    old = session.session_key
    session.cycle_key()
    session.save()
    assert session.session_key != old
    assert SessionStore(session.session_key)["kept"] == "this"
    assert "kept" not in SessionStore(old)
    assert [row.session_key for row in Session.objects.all()] == [
        stored_key(str(session.session_key))
    ]


def test_a_session_that_was_ended_meanwhile_is_not_made_again(db: None) -> None:
    session = SessionStore()
    session.save()
    SessionStore(session.session_key).flush()
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()


def test_ended_sessions_are_dropped(db: None) -> None:
    for ends in (-1, 1):
        session = SessionStore()
        session.set_expiry(timezone.now() + timedelta(days=ends))
        session.save()
    SessionStore.clear_expired()
    assert [row.session_key for row in Session.objects.all()] == [
        stored_key(str(session.session_key))
    ]


@pytest.mark.parametrize("cookie", ["", "x", "x" * 7, "x" * 100_000, "\\000" * 9, "é" * 20, "%00"])
def test_a_cookie_that_is_no_key_is_nobody(db: None, cookie: str) -> None:
    response = Client(headers={"Cookie": f'sessionid="{cookie}"'}).get("/api/_auth/")
    assert (response.status_code, response.json()["user"]) == (200, None)
    assert not Session.objects.exists()


def test_who_was_signed_in_before_the_update_still_is(user: User) -> None:
    key = store_as_before(user)
    assert Session.objects.get().session_key == key
    digest_all()
    assert Session.objects.get().session_key == stored_key(key)
    assert key not in cached_names()
    assert email_of(with_cookie(key)) == user.email
    cache.clear()
    assert email_of(with_cookie(key)) == user.email


@pytest.mark.django_db(transaction=True)
def test_the_update_is_a_part_of_migrating() -> None:
    call_command("migrate", "accounts", "0004", verbosity=0)
    user = User.objects.create(email="old@example.com")
    key = store_as_before(user)
    call_command("migrate", verbosity=0)
    assert email_of(with_cookie(key)) == user.email


def test_the_update_digests_a_key_once(user: User) -> None:
    key = store_as_before(user)
    digest_all()
    digest_all()
    assert email_of(with_cookie(key)) == user.email


def test_the_update_of_many_sessions_is_done_at_once(db: None) -> None:
    keys = {random.randbytes(16).hex() for _ in range(5_000)}
    ends = timezone.now() + timedelta(days=1)
    Session.objects.bulk_create(
        Session(session_key=key, session_data="", expire_date=ends) for key in keys
    )
    with CaptureQueriesContext(connection) as queries:
        digest_all()
    assert len(queries) < 10
    assert set(Session.objects.values_list("session_key", flat=True)) == set(map(stored_key, keys))
