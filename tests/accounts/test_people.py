# SPDX-License-Identifier: MPL-2.0

"""What is done to people, and what the audit trail says of it."""

import pytest
from django.contrib.auth.models import Group, Permission

from tecken.accounts.models import AuditEntry, User
from tecken.accounts.people import grant, set_active, set_groups, set_superuser
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import create_token, delete_token, extend_token
from tecken.core.errors import InvalidRequestError


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create(email="boss@example.com", is_superuser=True)


def trail() -> list[tuple[str, str, str, dict[str, object]]]:
    """The audit trail, newest first: who, what, to whom, details."""
    return [
        (entry.actor_name, entry.action, entry.subject_name, entry.details)
        for entry in AuditEntry.objects.order_by("-pk")
    ]


def test_groups_are_changed_and_the_change_is_told(user: User, boss: User) -> None:
    uploaders, auditors = Group.objects.order_by("-name").filter(name__startswith="Upload")
    set_groups(user, [auditors], by=boss)
    set_groups(user, [uploaders], by=boss)
    set_groups(user, [uploaders], by=boss)
    assert list(user.groups.all()) == [uploaders]
    assert trail()[0] == (
        "boss@example.com",
        "groups changed",
        "Builder@example.com",
        {"added": ["Uploaders"], "removed": ["Upload Auditors"]},
    )
    assert len(trail()) == 2


def test_permissions_are_granted_once(
    user: User, boss: User, may_manage_tokens: Permission
) -> None:
    grant(user, [may_manage_tokens], by=boss)
    grant(user, [may_manage_tokens], by=boss)
    assert user.has_perm("tokens.manage_tokens")
    [(_, action, _, details)] = trail()
    assert (action, details) == ("permissions granted", {"permissions": ["manage_tokens"]})


def test_people_are_switched_off_and_on(user: User, boss: User) -> None:
    set_active(user, True, by=boss)
    set_active(user, False, by=boss)
    assert not User.objects.get(pk=user.pk).is_active
    set_active(user, True, by=boss)
    assert User.objects.get(pk=user.pk).is_active
    assert [action for _, action, _, _ in trail()] == ["made active", "made inactive"]


def test_superusers_are_made_and_taken_back(user: User, boss: User) -> None:
    set_superuser(user, True, by=boss)
    set_superuser(user, False, by=boss)
    assert not User.objects.get(pk=user.pk).is_superuser
    assert [action for _, action, _, _ in trail()] == ["superuser taken back", "made superuser"]


def test_the_last_superuser_stays_one(user: User, boss: User) -> None:
    User.objects.create(email="gone@example.com", is_superuser=True, is_active=False)
    for change in (set_superuser, set_active):
        with pytest.raises(InvalidRequestError, match=r"boss@example.com is the last superuser"):
            change(boss, False, by=boss)
    assert trail() == []
    set_superuser(user, True, by=boss)
    set_superuser(boss, False, by=user)
    assert User.objects.get(is_superuser=True, is_active=True) == user


def test_the_trail_tells_what_became_of_a_token(
    user: User, boss: User, may_do_something: Permission
) -> None:
    new = create_token(user, [may_do_something], days=3, notes="nightly", by="command line")
    ends = new.token.expires_at
    extend_token(new.token, days=5, by=user)
    assert (Token.objects.get().expires_at - ends).days == 5
    delete_token(new.token, by=boss)
    assert not Token.objects.exists()
    about = {"token": new.key[:8], "notes": "nightly"}
    assert trail() == [
        ("boss@example.com", "token deleted", user.email, about),
        (user.email, "token extended", user.email, {**about, "days": 5}),
        (
            "command line",
            "token made",
            user.email,
            {**about, "permissions": ["accounts.do_something"], "days": 3},
        ),
    ]
    assert new.key not in str(trail())


def test_the_trail_stays_when_people_go(user: User, boss: User) -> None:
    set_superuser(user, True, by=boss)
    User.objects.all().delete()
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.actor_name) == (None, "boss@example.com")
    assert (entry.subject, entry.subject_name) == (None, "Builder@example.com")
