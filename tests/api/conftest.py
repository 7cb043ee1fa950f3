# SPDX-License-Identifier: MPL-2.0

"""People by role, each with a session, and a bucket of the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from tests.upload.conftest import bucket, post

from tecken.accounts.models import User
from tecken.download.models import MissingSymbol

__all__ = ["bucket", "post"]

SignIn = Callable[[User], Client]
MakeMissing = Callable[[Callable[[int], str]], None]


@pytest.fixture
def sign_in() -> SignIn:
    """Return a client with somebody's session."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Return a function that makes a user with permissions, and perhaps groups."""

    def make_user(email: str, *codenames: str, group: str = "", **fields: bool) -> User:
        user = User.objects.create(email=email, **fields)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        if group:
            user.groups.add(Group.objects.get(name=group))
        return user

    return make_user


@pytest.fixture
def uploader(make_user: Callable[..., User]) -> User:
    return make_user("uploader@example.com", group="Uploaders")


@pytest.fixture
def auditor(make_user: Callable[..., User]) -> User:
    return make_user("auditor@example.com", group="Upload Auditors")


@pytest.fixture
def stranger(make_user: Callable[..., User]) -> User:
    return make_user("stranger@example.com")


@pytest.fixture
def root(make_user: Callable[..., User]) -> User:
    return make_user("root@example.com", is_superuser=True)


@pytest.fixture
def make_missing(db: None, monkeypatch: pytest.MonkeyPatch) -> MakeMissing:
    """Return a function that makes ten missing symbols, of which lists look through three.

    a.pdb is the oldest, j.pdb the newest; the debug id of each is told by its number.
    """
    monkeypatch.setattr("tecken.api.listing.MAX_SEARCHED", 3)

    def make_missing(debug_id: Callable[[int], str]) -> None:
        for number, letter in enumerate("abcdefghij"):
            at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)
            MissingSymbol.objects.create(
                hash=letter.encode(),
                symbol=f"{letter}.pdb",
                debugid=debug_id(number),
                filename=f"{letter}.sym",
                code_file=f"{letter}{letter}.dll",
                count=number,
                created_at=at,
                modified_at=at,
            )

    return make_missing
