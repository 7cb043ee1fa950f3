# SPDX-License-Identifier: MPL-2.0

"""Rows with the ids and times that they had elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from django.core.management.color import no_style
from django.db import connection
from django.db.models import DateTimeField, Model

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token
from tecken.upload.models import FileUpload, Upload

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass
class Counted:
    """How many rows were brought, were here already, and could not be."""

    new: int = 0
    known: int = 0
    left_out: int = 0

    def __str__(self) -> str:
        text = f"{self.new} new, {self.known} were here"
        return text if not self.left_out else f"{text}, {self.left_out} left out"


def add_new(
    rows: Sequence[AnyModel], identity: Callable[[Any], object], counted: Counted
) -> list[AnyModel]:
    """Add the rows whose ids are free; return those that were here, as they are here.

    Raises ClickException where the row of an id is another one.
    """
    model = type(rows[0])
    here = {row.pk: row for row in model._default_manager.filter(pk__in=[row.pk for row in rows])}
    for row in rows:
        other = here.get(row.pk)
        if other is not None and identity(other) != identity(row):
            raise click.ClickException(
                f"{model._meta.verbose_name} {row.pk} is {row} there and {other} here: "
                "import into a server that has nothing of its own yet"
            )
    new = [row for row in rows if row.pk not in here]
    with own_times(model):
        model._default_manager.bulk_create(new)
    counted.new += len(new)
    counted.known += len(here)
    return list(here.values())


@contextmanager
def own_times(model: type[Model]) -> Iterator[None]:
    """Let rows have the times that they come with."""
    fields = [
        field
        for field in model._meta.local_fields
        if isinstance(field, DateTimeField) and field.auto_now_add
    ]
    for field in fields:
        field.auto_now_add = False
    try:
        yield
    finally:
        for field in fields:
            field.auto_now_add = True


def settle_sequences(models: Iterable[type[Model]] = (User, Token, Upload, FileUpload)) -> None:
    """Let new rows have ids beyond those that were brought."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
