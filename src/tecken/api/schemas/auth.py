# SPDX-License-Identifier: MPL-2.0

"""Who asks."""

from django.contrib.auth.models import Permission

from tecken.accounts.tokens.services import permission_name
from tecken.api.schemas.common import Shape


class PermissionShape(Shape):
    """``{"id": 3, "codename": "upload.upload_symbols", "name": "Upload Symbols Files"}``."""

    id: int
    codename: str
    name: str

    @classmethod
    def of(cls, permission: Permission) -> "PermissionShape":
        """Return the shape of a permission, whose content type should be there already."""
        return cls(id=permission.pk, codename=permission_name(permission), name=permission.name)


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
