# SPDX-License-Identifier: MPL-2.0

"""``/api/_auth/``: who asks, and where to sign in or out."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router
from pydantic import model_validator

from tecken.accounts.groups import PERMISSIONS
from tecken.accounts.models import User
from tecken.accounts.permissions import granted, request_token
from tecken.accounts.sessions import SIGN_OUT_URL, sign_in_url
from tecken.accounts.tokens.services import permission_name
from tecken.api.schemas.common import Shape
from tecken.web.page import tell_page


class PermissionShape(Shape):
    """``{"id": 3, "codename": "upload.upload_symbols", "name": "Upload Symbols Files"}``."""

    id: int
    codename: str
    name: str

    @model_validator(mode="before")
    @classmethod
    def _of_row(cls, given: Any) -> Any:
        """Read a permission, whose content type should be there already."""
        if isinstance(given, Permission):
            return {"id": given.pk, "codename": permission_name(given), "name": given.name}
        return given


class PersonShape(Shape):
    """Who asks, and what this request may do: one with a token no more than the token grants."""

    email: str
    is_active: bool
    is_superuser: bool
    permissions: list[PermissionShape]


class AuthShape(Shape):
    """``user`` is null for who has not signed in; ``sign_in_url``, too, where nobody can sign in.

    ``read_requires_login`` tells that symbols are for who has signed in.
    """

    user: PersonShape | None
    sign_in_url: str | None
    sign_out_url: str | None
    read_requires_login: bool


router = Router(tags=["accounts"])


@router.get("_auth/", response=AuthShape, operation_id="who_am_i")
def who_am_i(request: HttpRequest) -> AuthShape:
    """Tell who asks. A browser gets the cookie ``csrftoken`` with it, which unsafe requests need."""
    get_token(request)
    user = request.user
    is_known = isinstance(user, User)
    return AuthShape(
        user=_person(request, user) if isinstance(user, User) else None,
        sign_in_url=None if is_known else sign_in_url(),
        sign_out_url=SIGN_OUT_URL if is_known else None,
        read_requires_login=settings.READ_REQUIRES_LOGIN,
    )


def _person(request: HttpRequest, user: User) -> PersonShape:
    names = PERMISSIONS & granted(request)
    permissions = Permission.objects.select_related("content_type").order_by("pk")
    return PersonShape(
        email=user.email,
        is_active=user.is_active,
        is_superuser=user.is_superuser and request_token(request) is None,
        permissions=[
            PermissionShape.model_validate(permission)
            for permission in permissions
            if permission_name(permission) in names
        ],
    )


tell_page("auth", lambda request: who_am_i(request).model_dump_json())
