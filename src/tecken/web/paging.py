# SPDX-License-Identifier: MPL-2.0

"""Lists in pages: which one is asked for, and in which order."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import F, Model, QuerySet
from django.http import QueryDict

from tecken.core.errors import InvalidFieldsError

BATCH_SIZE = 50
MAX_START = 10_000  # rows in front of a page
_TOO_FAR = f"only the first {MAX_START} rows can be looked through; filter them, or sort otherwise"

Row = TypeVar("Row", bound=Model)


def page_number(query: QueryDict) -> int:
    """Return ``page`` of a query, from 1 on. Raises InvalidFieldsError for what is no number."""
    given = query.get("page", "").strip() or "1"
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", given, re.ASCII):
        raise InvalidFieldsError({"page": [f"{given[:50]!r} is not the number of a page"]})
    return max(int(given), 1)


def sorted_by(
    rows: "QuerySet[Row]", query: QueryDict, fields: Collection[str], default: str
) -> "QuerySet[Row]":
    """Sort by ``sort`` of a query, downwards with ``reverse=true``; else as ``default`` says.

    What has no value, as it has not happened, comes behind all that has, and so first downwards:
    PostgreSQL would do so by itself and has its indexes like that, SQLite the other way round.
    Raises InvalidFieldsError for a field that lists are not sorted by.
    """
    field, reverse = query.get("sort", ""), flag(query, "reverse")
    if not field:
        return rows.order_by(default, "-pk" if default.startswith("-") else "pk")
    if field not in fields:
        allowed = ", ".join(sorted(fields))
        raise InvalidFieldsError({"sort": [f"{field[:50]!r} is none of {allowed}"]})
    if reverse:
        return rows.order_by(F(field).desc(nulls_first=True), "-pk")
    return rows.order_by(F(field).asc(nulls_last=True), "pk")


def flag(query: QueryDict, name: str) -> bool:
    """Return a yes or no of a query. Raises InvalidFieldsError for anything else."""
    given = query.get(name, "").strip().lower()
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"", "0", "false", "no", "off"}:
        return False
    raise InvalidFieldsError({name: [f"{given[:50]!r} is neither true nor false"]})


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; ``number`` counts from 1.

    ``only_newest`` is how many of the newest rows were looked through, None where all were.
    """

    rows: list[Row]
    number: int
    has_next: bool
    only_newest: int | None = None


def page_of(rows: "QuerySet[Row]", query: QueryDict) -> Page[Row]:
    """Return the page of sorted rows that a query asks for.

    Raises InvalidFieldsError for one that is too far from the beginning: the database would read
    all rows in front of it.
    """
    number = page_number(query)
    start = (number - 1) * BATCH_SIZE
    if start > MAX_START:
        if rows[MAX_START : MAX_START + 1].exists():
            raise InvalidFieldsError({"page": [_TOO_FAR]})
        return Page([], number, has_next=False)
    # What is told of each row, as by joins and counts, is found out of these alone, and not of those in
    # front of them.
    found = list(rows.values_list("pk", flat=True)[start : start + BATCH_SIZE + 1])
    ids = found[:BATCH_SIZE]
    by_id = {row.pk: row for row in rows.order_by().filter(pk__in=ids)} if ids else {}
    shown = [by_id[pk] for pk in ids if pk in by_id]  # some may be gone since
    return Page(shown, number, has_next=len(found) > BATCH_SIZE)
