# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Django, for the commands that need it: they start it, the others stay quick."""

import fcntl
import functools
import os
from collections.abc import Callable

import click
import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections


def setup_django() -> None:
    """Read the settings and start the applications. Raises SettingError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")
    django.setup()


def migrate() -> None:
    """Bring the database up to date; of several processes that start together one does it."""
    with (settings.DATA_DIR / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("migrate", verbosity=0, interactive=False)


def with_database(function: Callable[..., None]) -> Callable[..., None]:
    """Run a command with Django started and the database migrated; its trouble becomes one line."""

    @functools.wraps(function)
    def command(*args: object, **options: object) -> None:
        setup_django()
        try:
            migrate()
            function(*args, **options)
        except DatabaseError as error:
            raise click.ClickException(f"the database cannot be used: {error}") from error
        finally:
            connections.close_all()

    return command
