# SPDX-License-Identifier: MPL-2.0

"""Django, for the commands that need it: they start it, the others stay quick."""

import fcntl
import functools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from tecken.web.database_limits import patience
from tecken.web.databases import close_connections
from tecken.web.migrations import read_migrations

if TYPE_CHECKING:
    import psycopg

# Names our lock among those of a PostgreSQL database; any number that nobody else takes.
_MIGRATION_LOCK = 8_309_225_114
_TRY_TO_LOCK = "SELECT pg_try_advisory_lock(%s)"
_LOCK_PAUSE_SECONDS = 0.2


def setup_django() -> None:
    """Read the settings and start the applications. Raises SettingError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")
    django.setup()


def migrate() -> None:
    """Bring the database up to date; of all that start together, on any node, one does it.

    It leaves no connection open: a process may be forked after it.
    Raises ClickException when the database cannot be used.
    """
    try:
        with patience(), _one_at_a_time():
            if not _is_migrated():
                call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise _one_line(error) from error
    finally:
        close_connections()


def _is_migrated() -> bool:
    """Say whether nothing is left to do.

    A migration that was interrupted at its very end has left groups without their permissions.
    """
    from tecken.accounts.groups import groups_are_filled

    return not read_migrations().missing and groups_are_filled()


def with_database(function: Callable[..., None]) -> Callable[..., None]:
    """Run a command with Django started and the database migrated; its error becomes one line."""

    @functools.wraps(function)
    def command(*args: object, **options: object) -> None:
        setup_django()
        migrate()
        try:
            with patience():
                function(*args, **options)
        except DatabaseError as error:
            raise _one_line(error) from error
        finally:
            close_connections()

    return command


def _one_line(error: DatabaseError) -> click.ClickException:
    reason = " ".join(str(error).split())
    return click.ClickException(f"DATABASE_URL: the database cannot be used: {reason}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the lock of this data folder and, where nodes share a database, the database's own."""
    with (settings.DATA_DIR / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with direct_connection() as locking:
            # Who waited in the database would be waited for by an index that is built beside writes.
            while locking.execute(_TRY_TO_LOCK, [_MIGRATION_LOCK]).fetchone() != (True,):
                time.sleep(_LOCK_PAUSE_SECONDS)
            yield


def direct_connection() -> "psycopg.Connection":
    """Connect to PostgreSQL without the pool, which would not say why a database cannot be used.

    Raises DatabaseError.
    """
    import psycopg

    with connection.wrap_database_errors:
        return psycopg.connect(**connection.get_connection_params(), autocommit=True)
