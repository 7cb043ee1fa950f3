# SPDX-License-Identifier: MPL-2.0

"""Users, as superusers see them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from tecken.accounts.groups import PERMISSIONS
from tecken.accounts.models import User
from tecken.api.schemas.common import FormList, Id, PageShape, Related, Shape

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
