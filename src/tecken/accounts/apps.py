# SPDX-License-Identifier: MPL-2.0

"""The application ``accounts``; it makes the groups after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "tecken.accounts"

    def ready(self) -> None:
        from tecken.accounts.groups import fill_groups

        post_migrate.connect(fill_groups, dispatch_uid="tecken.accounts.groups")
