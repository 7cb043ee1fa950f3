# SPDX-License-Identifier: MPL-2.0

"""The people of the demo, one of each kind, and their tokens.

Nobody is a superuser, and the keys of the tokens are thrown away: a demo must not open a server.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from tecken.accounts.audit import COMMAND_LINE
from tecken.accounts.groups import token_permission
from tecken.accounts.models import User
from tecken.accounts.people import grant, set_active, set_groups
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import create_token


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: ``role`` is what the command says of them."""

    name: str
    role: str
    group: str | None = None
    permission: str | None = None

    @property
    def email(self) -> str:
        """``builder@demo.example``."""
        return f"{self.name}@demo.example"


@dataclass(frozen=True, slots=True)
class DemoToken:
    """A token; it ends in ``days``, which may be past, and was last used so many hours ago."""

    owner: str
    notes: str
    permission: str
    days: int
    used_hours_ago: int | None


PEOPLE = (
    Person("builder", "uploads symbols", group="Uploaders"),
    Person("release", "uploads symbols, too", group="Uploaders"),
    Person("try", "uploads symbols of try builds only", permission="upload_try_symbols"),
    Person("auditor", "sees all uploads", group="Upload Auditors"),
    Person("newcomer", "may do nothing yet"),
)
FORMER = Person("former", "is no longer active")
TOKENS = (
    DemoToken("builder", "nightly builds", "upload_symbols", days=300, used_hours_ago=2),
    DemoToken("builder", "laptop", "upload_symbols", days=3, used_hours_ago=None),
    DemoToken("builder", "old build machine", "upload_symbols", days=-20, used_hours_ago=600),
    DemoToken("release", "release builds", "upload_symbols", days=3650, used_hours_ago=30),
    DemoToken("auditor", "weekly report", "view_all_uploads", days=90, used_hours_ago=100),
)


def demo_people() -> list[User]:
    """Return those who are there."""
    emails = [person.email for person in (*PEOPLE, FORMER)]
    return list(User.objects.filter(email__in=emails).order_by("pk"))


def load_people() -> dict[str, User]:
    """Make all of them with their tokens; return them by name."""
    users = {person.name: _load(person) for person in (*PEOPLE, FORMER)}
    set_active(users[FORMER.name], False, by=COMMAND_LINE)
    for token in TOKENS:
        _load_token(users[token.owner], token)
    return users


def _load(person: Person) -> User:
    user = User.objects.create(email=person.email)
    if person.group is not None:
        set_groups(user, [Group.objects.get(name=person.group)], by=COMMAND_LINE)
    if person.permission is not None:
        grant(user, [token_permission(person.permission)], by=COMMAND_LINE)
    return user


def _load_token(owner: User, asked: DemoToken) -> None:
    permissions = [token_permission(asked.permission)]
    new = create_token(owner, permissions, days=asked.days, notes=asked.notes, by=COMMAND_LINE)
    now = timezone.now()
    used = asked.used_hours_ago
    Token.objects.filter(pk=new.token.pk).update(
        created_at=now - timedelta(days=60),
        last_used_at=None if used is None else now - timedelta(hours=used),
    )
