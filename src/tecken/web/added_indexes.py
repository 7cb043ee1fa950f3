# SPDX-License-Identifier: MPL-2.0

"""Indexes that migrations add to tables which may be large: without a lock that writes wait for, where the database can.

PostgreSQL builds an index beside writes when it is told so, outside of a transaction. If that is interrupted, an index stays that is
not valid: the same migration, run again, builds it anew. Other databases build it as ever. One that is there already stays.
"""

from typing import cast

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState

_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))::oid"


class AddIndexBesideWrites(AddIndex):
    """``AddIndex`` of a migration that is ``atomic = False`` and has no other operation."""

    atomic = False

    def describe(self) -> str:
        """Say what it does."""
        return f"{super().describe()}, beside writes where the database can"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build the index, unless an earlier run has."""
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(connection.alias, model):
            return
        with connection.cursor() as cursor:
            table = model._meta.db_table
            is_there = self.index.name in connection.introspection.get_constraints(cursor, table)
            if connection.vendor != "postgresql":
                if not is_there:
                    super().database_forwards(app_label, schema_editor, from_state, to_state)
                return
            cursor.execute(_IS_VALID, [self.index.name])
            row = cast("tuple[bool] | None", cursor.fetchone())
        if row == (True,):
            return
        if row is not None:
            schema_editor.remove_index(model, self.index, concurrently=True)  # type: ignore[call-arg] # of PostgreSQL
        schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg] # of PostgreSQL

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Remove the index."""
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)  # type: ignore[call-arg] # of PostgreSQL
