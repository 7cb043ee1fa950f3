# SPDX-License-Identifier: MPL-2.0

"""Session keys become their digests, so that nobody is signed out: see ``accounts.session_store``.

The entries of the cache, which are named after the keys, are deleted: they would be kept for a year.
Backwards the digests stay. Old code finds nobody's session under them, and this does not digest
them again, should it run once more.
"""

from collections.abc import Iterable
from typing import Any

from django.apps.registry import Apps
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache import cache
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import SHA256, Left, Length

_DIGITS = 40  # a key of Django's has 32 characters
_AT_ONCE = 1_000


class _Sha256(SHA256):
    """With a function that PostgreSQL has: Django takes one of an extension."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "ENCODE(SHA256(CONVERT_TO(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **context)


def digest_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    sessions = apps.get_model("sessions", "Session").objects.using(schema_editor.connection.alias)
    with_keys = sessions.annotate(length=Length("session_key")).exclude(length=_DIGITS)
    _forget_cached(with_keys.values_list("session_key", flat=True).iterator(_AT_ONCE))
    with_keys.update(session_key=Left(_Sha256("session_key"), _DIGITS))


def _forget_cached(keys: Iterable[str]) -> None:
    batch: list[str] = []
    for key in keys:
        batch.append(f"{KEY_PREFIX}{key}")
        if len(batch) == _AT_ONCE:
            cache.delete_many(batch)
            batch.clear()
    cache.delete_many(batch)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_audit_index"), ("sessions", "0001_initial")]

    operations = [migrations.RunPython(digest_keys, migrations.RunPython.noop)]
