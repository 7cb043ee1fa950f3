# SPDX-License-Identifier: MPL-2.0

"""``/api/_users/``: all users, for superusers."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Form, Router
from pydantic import Field

from tecken.accounts.groups import PERMISSIONS
from tecken.accounts.models import User
from tecken.accounts.people import set_active, set_groups, set_superuser
from tecken.accounts.permissions import require_user
from tecken.accounts.tokens.models import Token
from tecken.api.access import superuser
from tecken.api.form_or_json import told_as
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing
from tecken.api.schemas.common import FormList, Id, PageShape, Related, Shape
from tecken.core.errors import InvalidFieldsError
from tecken.upload.models import Upload
from tecken.web import filters
from tecken.web.paging import page_of
from tecken.web.row_counts import CountOf

MAX_COUNT = 1000  # uploads that are counted of a user
MAX_GROUPS = 50  # that a form may name


class GroupShape(Shape):
    """A group, which gives its members permissions."""

    id: int
    name: str


class UserRow(Shape):
    """A user. ``uploads_count`` is 1001 for any number over 1,000."""

    id: int
    email: str
    is_active: bool
    is_superuser: bool
    groups: Annotated[list[GroupShape], Related]
    created_at: datetime
    last_login: datetime | None
    uploads_count: int
    tokens_count: int


class UserDetail(UserRow):
    """A user, with all of Tecken's permissions that groups and single grants add up to."""

    permissions: list[str]

    @classmethod
    def of(cls, user: User) -> "UserDetail":
        """Return the shape of a user."""
        return cls(
            permissions=sorted(PERMISSIONS & user.get_all_permissions()),
            **UserRow.model_validate(user).model_dump(),
        )


class UsersPage(PageShape):
    """Users, and how many there are that fit."""

    users: list[UserRow]
    total: int


class UserAnswer(Shape):
    """A user, and the groups that there are."""

    user: UserDetail
    groups: list[GroupShape]


class UserForm(Shape):
    """What should change; what is left out, or null, stays. ``groups`` are ids."""

    groups: Annotated[Annotated[list[Id], Field(max_length=MAX_GROUPS)] | None, FormList] = None
    is_active: bool | None = None
    is_superuser: bool | None = None


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
    return UsersPage.of(page, users=page.rows, total=rows.count())  # there are few users


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
            with told_as("is_superuser"):
                set_superuser(user, asked.is_superuser, by=by)
        if asked.is_active is not None:
            with told_as("is_active"):
                set_active(user, asked.is_active, by=by)
    return _answer(user_id)


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
    groups = list(Group.objects.order_by("name"))
    return UserAnswer.model_validate({"user": UserDetail.of(user), "groups": groups})
