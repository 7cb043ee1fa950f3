# SPDX-License-Identifier: MPL-2.0

"""What superusers do to people: groups, permissions, who is active, who is a superuser.

Each change is in the audit trail, and what changes nothing is not.
"""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from tecken.accounts.audit import Action, record
from tecken.accounts.models import User
from tecken.core.errors import InvalidRequestError


@transaction.atomic
def set_groups(user: User, groups: Collection[Group], *, by: User | str) -> None:
    """Put a person into these groups, and into no others."""
    before = set(user.groups.all())
    after = set(groups)
    if after == before:
        return
    user.groups.set(after)
    record(
        Action.GROUPS_CHANGED,
        user,
        by=by,
        added=sorted(group.name for group in after - before),
        removed=sorted(group.name for group in before - after),
    )


@transaction.atomic
def grant(user: User, permissions: Collection[Permission], *, by: User | str) -> None:
    """Give a person permissions that do not come from a group."""
    new = set(permissions) - set(user.user_permissions.all())
    if not new:
        return
    user.user_permissions.add(*new)
    names = sorted(permission.codename for permission in new)
    record(Action.PERMISSIONS_GRANTED, user, by=by, permissions=names)


@transaction.atomic
def set_superuser(user: User, is_superuser: bool, *, by: User | str) -> None:
    """Make a person a superuser, or take it back. Raises InvalidRequestError for the last one."""
    if user.is_superuser == is_superuser:
        return
    if not is_superuser:
        _keep_a_superuser(user)
    user.is_superuser = is_superuser
    user.save(update_fields=["is_superuser"])
    record(Action.SUPERUSER_MADE if is_superuser else Action.SUPERUSER_TAKEN, user, by=by)


@transaction.atomic
def set_active(user: User, is_active: bool, *, by: User | str) -> None:
    """Let a person in, or no longer. Raises InvalidRequestError for the last superuser."""
    if user.is_active == is_active and not user.is_blocked:
        return
    if not is_active:
        _keep_a_superuser(user)
    user.is_active = is_active
    user.is_blocked = False  # from now on it is a person's word
    user.save(update_fields=["is_active", "is_blocked"])
    record(Action.MADE_ACTIVE if is_active else Action.MADE_INACTIVE, user, by=by)


def _keep_a_superuser(user: User) -> None:
    """Refuse when there is no other superuser who is active.

    The rows are locked until the change is made: of two who demote each other, one is refused.
    """
    superusers = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    if [superuser.pk for superuser in superusers.order_by("pk")] == [user.pk]:
        raise InvalidRequestError(f"{user} is the last superuser who is active")
