# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The groups that superusers put people into."""

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

GROUPS = {
    "Uploaders": (
        "upload.upload_symbols",
        "upload.upload_try_symbols",
        "tokens.manage_tokens",
    ),
    "Upload Auditors": ("upload.view_all_uploads", "tokens.manage_tokens"),
}


def fill_groups(sender: AppConfig, **_kwargs: object) -> None:
    """Give the groups the permissions of the application that was just migrated.

    Each application's permissions exist only after its own turn, so every turn adds its part.
    """
    for group_name, names in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=group_name)
        codenames = [
            name.partition(".")[2] for name in names if name.startswith(f"{sender.label}.")
        ]
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label=sender.label, codename__in=codenames)
        )
