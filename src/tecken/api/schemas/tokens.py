# SPDX-License-Identifier: MPL-2.0

"""API tokens."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from pydantic import Field

from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import NewToken
from tecken.api.schemas.auth import PermissionShape
from tecken.api.schemas.common import Days, FormList, Id, Name, PageShape, Shape, Text


class TokenShape(Shape):
    """A token without its key, of which ``key_prefix`` are the first eight digits.

    ``user`` is the owner's email.
    """

    id: int
    user: Name
    key_prefix: str
    notes: str
    permissions: list[PermissionShape]
    created_at: datetime
    expires_at: datetime
    is_expired: bool
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: Token) -> "TokenShape":
        """Return the shape of a token."""
        return cls(
            id=token.pk,
            user=token.user.email,
            key_prefix=token.key_prefix,
            notes=token.notes,
            permissions=[PermissionShape.of(permission) for permission in token.permissions.all()],
            created_at=token.created_at,
            expires_at=token.expires_at,
            is_expired=token.is_expired,
            last_used_at=token.last_used_at,
        )


class NewTokenShape(TokenShape):
    """A token with its ``key``, which is told this once."""

    key: str

    @classmethod
    def of_new(cls, new: NewToken) -> "NewTokenShape":
        """Return the shape of a token that was just made."""
        return cls(key=new.key, **TokenShape.of(new.token).model_dump())


class TokenTotals(Shape):
    """How many tokens somebody has."""

    active: int
    expired: int


class TokensPage(PageShape):
    """Tokens; ``permissions`` are those that a new one of one's own may have, ``totals`` of one's own."""

    tokens: list[TokenShape]
    permissions: list[PermissionShape]
    totals: TokenTotals


def _default_days() -> int:
    days: int = settings.TOKENS_DEFAULT_EXPIRATION_DAYS
    return days


class TokenForm(Shape):
    """A token to be made: the ids of its permissions, for how many days, and what it is for.

    Where reading needs a login a token may have no permission: it reads.
    """

    permissions: Annotated[list[Id], FormList, Field(default_factory=list, max_length=50)]
    expires: Days = Field(default_factory=_default_days)
    notes: Text = ""


class ExtendForm(Shape):
    """For how many days more a token should work."""

    days: Days
