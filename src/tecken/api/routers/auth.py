# SPDX-License-Identifier: MPL-2.0

"""``/api/_auth/``: who asks, and where to sign in or out."""

from django.conf import settings
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router

from tecken.accounts.groups import PERMISSIONS
from tecken.accounts.models import User
from tecken.accounts.permissions import granted, request_token
from tecken.accounts.sessions import SIGN_OUT_URL, sign_in_url
from tecken.accounts.tokens.services import permission_name
from tecken.api.schemas.auth import AuthShape, PermissionShape, PersonShape
from tecken.web.page import tell_page

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
        permissions=[PermissionShape.of(p) for p in permissions if permission_name(p) in names],
    )


tell_page("auth", lambda request: who_am_i(request).model_dump_json())
