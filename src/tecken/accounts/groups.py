# SPDX-License-Identifier: MPL-2.0

"""The groups that superusers put people into."""

from itertools import chain

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

from tecken.accounts.models import User
from tecken.core.errors import InvalidRequestError

GROUPS = {
    "Uploaders": (
        "upload.upload_symbols",
        "upload.upload_try_symbols",
        "tokens.manage_tokens",
    ),
    "Upload Auditors": ("upload.view_all_uploads", "tokens.manage_tokens"),
}
# All that mean something here; Django and its applications have more of their own.
PERMISSIONS = frozenset(chain.from_iterable(GROUPS.values()))
# What a token may hold. It cannot manage tokens, or it could outlive itself.
TOKEN_PERMISSIONS = (
    "upload.upload_symbols",
    "upload.upload_try_symbols",
    "upload.view_all_uploads",
)


def token_permission(name: str) -> Permission:
    """Return the permission ``upload_symbols`` or ``upload.upload_symbols``.

    Raises InvalidRequestError for one that a token cannot hold.
    """
    for full_name in TOKEN_PERMISSIONS:
        label, _, codename = full_name.partition(".")
        if name in {codename, full_name}:
            return Permission.objects.get(content_type__app_label=label, codename=codename)
    known = ", ".join(full_name.partition(".")[2] for full_name in TOKEN_PERMISSIONS)
    raise InvalidRequestError(f"{name!r} is not a permission of tokens, which are {known}")


def grantable_permissions(user: User) -> list[Permission]:
    """Return what a token of somebody's may hold."""
    codenames = [name.partition(".")[2] for name in TOKEN_PERMISSIONS if user.has_perm(name)]
    found = Permission.objects.select_related("content_type").order_by("pk")
    return list(found.filter(codename__in=codenames, content_type__app_label="upload"))


def fill_groups(sender: AppConfig, **_kwargs: object) -> None:
    """Give the groups the permissions of the application that was just migrated.

    Each application's permissions exist only after its own turn, so every turn adds its part.
    """
    begins = f"{sender.label}."
    for group_name, names in GROUPS.items():
        codenames = [name.removeprefix(begins) for name in names if name.startswith(begins)]
        if codenames:
            group, _ = Group.objects.get_or_create(name=group_name)
            of_sender = Permission.objects.filter(content_type__app_label=sender.label)
            group.permissions.add(*of_sender.filter(codename__in=codenames))


def groups_are_filled() -> bool:
    """Say whether each group has all of its permissions."""
    label, codename = "permissions__content_type__app_label", "permissions__codename"
    held = set(Group.objects.values_list("name", label, codename))
    return held >= {(group, *name.split(".")) for group, names in GROUPS.items() for name in names}
