# SPDX-License-Identifier: MPL-2.0

"""People and their tokens of another symbol server, whose keys keep working here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from tecken.accounts.groups import token_permission
from tecken.accounts.models import User
from tecken.accounts.people import set_groups
from tecken.accounts.tokens.services import import_token
from tecken.core.errors import InvalidRequestError

_GROUP = "Uploaders"


class GivenToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token of the file. Without ``expires`` it lasts as long as one that is made now."""

    key: str
    notes: str = ""
    expires: datetime | None = None
    permissions: tuple[str, ...] = ("upload_symbols",)


_UPLOADERS = msgspec.json.Decoder(dict[str, list[GivenToken | str]])


@dataclass(frozen=True, slots=True)
class Imported:
    """How many people there were, and how many of their tokens are new."""

    people: int
    new: int
    known: int


def read_uploaders(content: bytes) -> Mapping[str, list[GivenToken]]:
    """Return the tokens by email. Raises InvalidRequestError for what is no such file."""
    try:
        found = _UPLOADERS.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"not a file of uploaders: {error}") from None
    return {
        email: [GivenToken(token) if isinstance(token, str) else token for token in tokens]
        for email, tokens in found.items()
    }


@transaction.atomic
def import_uploaders(given: Mapping[str, list[GivenToken]], *, by: User | str) -> Imported:
    """Make the people and their tokens; all of them, or with an error none.

    Everybody gets into the group Uploaders. Raises InvalidRequestError.
    """
    new = known = 0
    group = Group.objects.get(name=_GROUP)
    for email, tokens in given.items():
        user = _person(email)
        set_groups(user, {*user.groups.all(), group}, by=by)
        for number, token in enumerate(tokens, start=1):
            try:
                is_new = _import(user, token, by)
            except InvalidRequestError as error:
                raise InvalidRequestError(f"token {number} of {email}: {error}") from error
            new, known = new + is_new, known + (not is_new)
    return Imported(len(given), new, known)


def _person(email: str) -> User:
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidRequestError(f"{email!r:.100} is not an email address") from None
    user, _ = User.objects.get_or_create_by_email(email)
    return user


def _import(user: User, token: GivenToken, by: User | str) -> bool:
    if "\0" in token.notes:
        raise InvalidRequestError("its notes must not have a NUL character")
    expires_at = token.expires
    if expires_at is None:
        expires_at = timezone.now() + timedelta(days=settings.TOKENS_DEFAULT_EXPIRATION_DAYS)
    elif expires_at.tzinfo is None:
        expires_at = expires_at.replace(tzinfo=UTC)
    return import_token(
        user,
        token.key,
        [token_permission(name) for name in token.permissions],
        expires_at=expires_at,
        notes=token.notes,
        by=by,
    )
