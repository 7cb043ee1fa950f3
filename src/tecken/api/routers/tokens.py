# SPDX-License-Identifier: MPL-2.0

"""``/api/tokens/``: one's own API tokens, and for superusers those of others."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Form, Router, Status
from pydantic import Field

from tecken.accounts.groups import grantable_permissions
from tecken.accounts.models import User
from tecken.accounts.permissions import require_user
from tecken.accounts.tokens.models import PREFIX_CHARACTERS, Token
from tecken.accounts.tokens.services import NewToken, create_token, delete_token, extend_token
from tecken.api.access import session, token_manager
from tecken.api.form_or_json import told_as
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing, choice
from tecken.api.routers.auth import PermissionShape
from tecken.api.routers.uploads import by_user
from tecken.api.schemas.common import Days, FormList, Id, Name, PageShape, Related, Shape, Text
from tecken.core.errors import InvalidFieldsError, NotPermittedError
from tecken.web import filters


class TokenShape(Shape):
    """A token without its key, of which ``key_prefix`` are the first eight digits.

    ``user`` is the owner's email.
    """

    id: int
    user: Name
    key_prefix: str
    notes: str
    permissions: Annotated[list[PermissionShape], Related]
    created_at: datetime
    expires_at: datetime
    is_expired: bool
    last_used_at: datetime | None


class NewTokenShape(TokenShape):
    """A token with its ``key``, which is told this once."""

    key: str

    @classmethod
    def of_new(cls, new: NewToken) -> "NewTokenShape":
        """Return the shape of a token that was just made."""
        return cls(key=new.key, **TokenShape.model_validate(new.token).model_dump())


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


router = Router(tags=["tokens"])


def _begins(_column: str, given: str) -> Q:
    """The first characters of a key, of which eight are known."""
    if "\0" in given:
        raise filters.TermError("must not contain a NUL character")
    return Q(key_prefix__istartswith=given.strip()[:PREFIX_CHARACTERS])


LISTING = Listing(
    {
        "user": Filter(by_user, kind=filters.text),
        "key_prefix": Filter(_begins, kind=filters.text),
        "state": choice(
            {
                "active": lambda: Q(expires_at__gt=timezone.now()),
                "expired": lambda: Q(expires_at__lte=timezone.now()),
                "all": Q,
            }
        ),
    },
    sorts=("created_at", "expires_at", "last_used_at"),
    default="-created_at",
    search=FreeText(
        ("notes", "key_prefix", "user__email"),
        "A part of the label, of the first eight characters of the key, or of the owner's email.",
    ),
)


@router.get(
    "",
    auth=token_manager,
    response=TokensPage,
    operation_id="list_tokens",
    openapi_extra=LISTING.extra(),
)
def list_tokens(request: HttpRequest) -> TokensPage:
    """List one's own tokens, the newest first.

    A superuser who asks for those of a ``user`` (a part of an email), or that begin with
    ``key_prefix``, sees those of everybody.
    """
    user = require_user(request)
    own = _all_tokens().filter(user=user)
    asks_for_others = any(request.GET.get(name, "").strip() for name in ("user", "key_prefix"))
    rows = _all_tokens() if asks_for_others and user.is_superuser else own
    page = LISTING.page(rows, request.GET)
    expired = own.filter(expires_at__lte=timezone.now()).count()
    return TokensPage.of(
        page,
        tokens=page.rows,
        permissions=grantable_permissions(user),
        totals=TokenTotals(active=own.count() - expired, expired=expired),
    )


@router.post("", auth=token_manager, response={201: NewTokenShape}, operation_id="make_token")
def make_token(request: HttpRequest, asked: Form[TokenForm]) -> Status[NewTokenShape]:
    """Make a token. Its key is in this answer, and nobody can be told again."""
    user = require_user(request)
    permissions = _permissions(user, asked.permissions)
    with told_as("permissions"):
        new = create_token(user, permissions, days=asked.expires, notes=asked.notes, by=user)
    return Status(201, NewTokenShape.of_new(new))


@router.delete(
    "token/{int:token_id}", auth=session, response={204: None}, operation_id="delete_token"
)
def delete(request: HttpRequest, token_id: int) -> Status[None]:
    """Delete a token: one's own, or as a superuser anybody's."""
    user = require_user(request)
    with transaction.atomic():
        visible = Token.objects.all() if user.is_superuser else Token.objects.filter(user=user)
        token = get_object_or_404(visible.select_for_update(), pk=token_id)
        delete_token(token, by=user)
    return Status(204, None)


@router.post(
    "token/{int:token_id}/extend",
    auth=token_manager,
    response=TokenShape,
    operation_id="extend_token",
)
def extend(request: HttpRequest, token_id: int, asked: Form[ExtendForm]) -> TokenShape:
    """Let a token work for some days more; for one that has expired, they begin now."""
    user = require_user(request)
    with transaction.atomic():
        own = Token.objects.filter(user=user).select_for_update()
        token = get_object_or_404(own, pk=token_id)
        with told_as("days"):
            extend_token(token, days=asked.days, by=user)
    return TokenShape.model_validate(token)


def _all_tokens() -> "QuerySet[Token]":
    return Token.objects.select_related("user").prefetch_related("permissions__content_type")


def _permissions(user: User, ids: list[int]) -> list[Permission]:
    """Return the permissions of some ids.

    Raises NotPermittedError for one that this person's tokens cannot have.
    """
    if not ids and not settings.READ_REQUIRES_LOGIN:
        raise InvalidFieldsError({"permissions": ["A token needs at least one permission"]})
    found = Permission.objects.select_related("content_type").in_bulk(ids)
    unknown = [str(pk) for pk in ids if pk not in found]
    if unknown:
        raise InvalidFieldsError({"permissions": [f"{', '.join(unknown)} is no permission"]})
    grantable = grantable_permissions(user)
    for permission in found.values():
        if permission not in grantable:
            raise NotPermittedError(f"{permission.name} not a valid permission")
    return list(found.values())
