# SPDX-License-Identifier: MPL-2.0

"""People, their groups and permissions, and their API tokens."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth.models import Group, Permission

from tecken.accounts.audit import COMMAND_LINE, Action, record
from tecken.accounts.groups import PERMISSIONS
from tecken.accounts.models import User
from tecken.accounts.tokens.models import PREFIX_CHARACTERS, Token
from tecken.accounts.tokens.services import hash_key
from tecken.commands.import_tecken.rows import Counted, add_new
from tecken.commands.import_tecken.source import Row, Source

_EXCLUSIVE = {"upload.upload_symbols", "upload.upload_try_symbols"}

_PERMISSIONS = """
    SELECT p.id, c.app_label || '.' || p.codename AS name
    FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
"""


@dataclass
class People:
    """Users by their ids there, permissions by theirs, and what was counted."""

    users: dict[int, User] = field(default_factory=dict)
    permissions: dict[int, Permission] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)


def import_people(source: Source) -> People:
    """Bring users with their groups and permissions. Who is here already, by email, stays as it is."""
    people = People()
    _match_permissions(source, people)
    here = {user.email.lower(): user for user in User.objects.all()}
    columns = ("id", "email", "is_active", "is_superuser", "date_joined", "last_login")
    new: list[User] = []
    for rows in source.batches("auth_user", columns):
        for row in rows:
            email = (row["email"] or "").strip()
            known = here.get(email.lower())
            if not email:
                people.counted.left_out += 1
            elif known is not None:
                people.counted.known += 1
                people.users[row["id"]] = known
            else:
                user = _user(row, email)
                new.append(user)
                here[email.lower()] = people.users[row["id"]] = user
    if new:
        add_new(new, lambda user: user.email.lower(), people.counted)
    _join_groups(source, people, {user.pk for user in new})
    return people


def _user(row: Row, email: str) -> User:
    return User(
        pk=row["id"],
        email=email,
        is_active=row["is_active"],
        is_superuser=row["is_superuser"],
        created_at=row["date_joined"],
        last_login=row["last_login"],
    )


def _match_permissions(source: Source, people: People) -> None:
    here = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for row in source.all(_PERMISSIONS):
        if row["name"] in PERMISSIONS:
            people.permissions[row["id"]] = here[row["name"]]
            people.names[row["id"]] = row["name"]


def _join_groups(source: Source, people: People, new: set[int]) -> None:
    """Put new users into groups of the same names, which are made where they are not there."""
    held: dict[int, list[Permission]] = defaultdict(list)
    for row in source.all("SELECT group_id, permission_id FROM auth_group_permissions"):
        if row["permission_id"] in people.permissions:
            held[row["group_id"]].append(people.permissions[row["permission_id"]])
    groups: dict[int, Group] = {}
    for row in source.all("SELECT id, name FROM auth_group"):
        group, is_new = Group.objects.get_or_create(name=row["name"])
        groups[row["id"]] = group
        if is_new:
            group.permissions.set(held[row["id"]])
    for row in source.all("SELECT user_id, group_id FROM auth_user_groups"):
        if row["user_id"] in new:
            people.users[row["user_id"]].groups.add(groups[row["group_id"]])
    for row in source.all("SELECT user_id, permission_id FROM auth_user_user_permissions"):
        if row["user_id"] in new and row["permission_id"] in people.permissions:
            permission = people.permissions[row["permission_id"]]
            people.users[row["user_id"]].user_permissions.add(permission)


def import_tokens(source: Source, people: People) -> Counted:
    """Bring tokens, as digests. One that could upload to both buckets is left out: none can here."""
    counted = Counted()
    held: dict[int, set[int]] = defaultdict(set)
    for row in source.all("SELECT token_id, permission_id FROM tokens_token_permissions"):
        if row["permission_id"] in people.permissions:
            held[row["token_id"]].add(row["permission_id"])
    columns = ("id", "user_id", "key", "expires_at", "notes", "created_at")
    for rows in source.batches("tokens_token", columns):
        tokens = []
        for row in rows:
            names = {people.names[pk] for pk in held[row["id"]]}
            if row["user_id"] not in people.users or names >= _EXCLUSIVE:
                counted.left_out += 1
            else:
                tokens.append(_token(row, people.users[row["user_id"]]))
        if tokens:
            known = {token.pk for token in add_new(tokens, lambda token: token.key_hash, counted)}
            for token in tokens:
                if token.pk not in known:
                    _grant(token, [people.permissions[pk] for pk in held[token.pk]])
    return counted


def _token(row: Row, user: User) -> Token:
    return Token(
        pk=row["id"],
        user=user,
        key_hash=hash_key(row["key"]),
        key_prefix=row["key"][:PREFIX_CHARACTERS],
        notes=row["notes"] or "",
        expires_at=row["expires_at"],
        created_at=row["created_at"],
    )


def _grant(token: Token, permissions: list[Permission]) -> None:
    token.permissions.set(permissions)
    record(Action.TOKEN_MADE, token.user, by=COMMAND_LINE, token=token.key_prefix, imported=True)
