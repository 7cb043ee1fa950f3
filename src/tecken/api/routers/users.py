# SPDX-License-Identifier: MPL-2.0

"""``/api/_users/``: all users, for superusers."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Form, Router

from tecken.accounts.models import User
from tecken.accounts.people import set_active, set_groups, set_superuser
from tecken.accounts.permissions import require_user
from tecken.accounts.tokens.models import Token
from tecken.api.access import superuser
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.common import paging
from tecken.api.schemas.users import (
    MAX_COUNT,
    GroupShape,
    UserAnswer,
    UserDetail,
    UserForm,
    UserRow,
    UsersPage,
)
from tecken.core.errors import InvalidFieldsError, InvalidRequestError
from tecken.upload.models import Upload
from tecken.web import filters
from tecken.web.pages import page_of
from tecken.web.row_counts import CountOf

router = Router(tags=["accounts"], auth=superuser)


def _in_group(_column: str, given: str) -> Q:
    """A part of the name of one of the user's groups."""
    return Q(pk__in=User.objects.filter(filters.text("groups__name", given)).values("pk"))


LISTING = Listing(
    {
        "email": Filter(filters.text),
        "is_active": Filter(filters.yes_or_no),
        "is_superuser": Filter(filters.yes_or_no),
        "group": Filter(_in_group, kind=filters.text),
        "created_at": Filter(filters.moment),
        "last_login": Filter(filters.moment_or_null),
    },
    sorts=("email", "created_at", "last_login"),
    default="-created_at",
    search=FreeText(("email",), "A part of the email."),
)


@router.get("", response=UsersPage, operation_id="list_users", openapi_extra=LISTING.extra())
def list_users(request: HttpRequest) -> UsersPage:
    """List users, the newest first."""
    rows = LISTING.filtered(_users(), request.GET)
    page = page_of(rows, request.GET)
    return UsersPage(
        users=[UserRow.model_validate(user) for user in page.rows],
        total=rows.count(),  # there are few users
        **paging(page),
    )


@router.get("user/{int:user_id}", response=UserAnswer, operation_id="get_user")
def get_user(request: HttpRequest, user_id: int) -> UserAnswer:
    """Tell of one user."""
    return _answer(user_id)


@router.post("user/{int:user_id}", response=UserAnswer, operation_id="change_user")
def post_user(request: HttpRequest, user_id: int, asked: Form[UserForm]) -> UserAnswer:
    """Change a user's groups, and whether it is active and a superuser."""
    user, by = get_object_or_404(User, pk=user_id), require_user(request)
    with transaction.atomic():
        if asked.groups is not None:
            set_groups(user, _groups(asked.groups), by=by)
        if asked.is_superuser is not None:
            with _told_as("is_superuser"):
                set_superuser(user, asked.is_superuser, by=by)
        if asked.is_active is not None:
            with _told_as("is_active"):
                set_active(user, asked.is_active, by=by)
    return _answer(user_id)


@contextmanager
def _told_as(field: str) -> Iterator[None]:
    """Tell what a service refuses as what is wrong with a field."""
    try:
        yield
    except InvalidRequestError as error:
        raise InvalidFieldsError({field: [str(error)]}) from error


def _groups(ids: Collection[int]) -> list[Group]:
    found = Group.objects.in_bulk(ids)
    unknown = [str(pk) for pk in ids if pk not in found]
    if unknown:
        raise InvalidFieldsError({"groups": [f"{', '.join(unknown)} is no group"]})
    return list(found.values())


def _users() -> "QuerySet[User]":
    uploads = Upload.objects.filter(user=OuterRef("pk")).order_by().values("pk")
    tokens = Token.objects.filter(user=OuterRef("pk")).order_by().values("pk")
    return User.objects.prefetch_related("groups").annotate(
        uploads_count=CountOf(uploads[: MAX_COUNT + 1]), tokens_count=CountOf(tokens)
    )


def _answer(user_id: int) -> UserAnswer:
    user = get_object_or_404(_users(), pk=user_id)
    groups = Group.objects.order_by("name")
    return UserAnswer(
        user=UserDetail.of(user), groups=[GroupShape.model_validate(group) for group in groups]
    )
