# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Lists: which filters and sorts one has, what the document says of them, and its pages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from tecken.web import filters
from tecken.web.pages import Page, page_of, sorted_by

Row = TypeVar("Row", bound=Model)

_TERMS = "Several terms are separated by commas, and all must hold."
_KINDS: Mapping[filters.Condition, tuple[str, str]] = {
    filters.text: (
        "xul",
        "A part of the text, in any case; `=` and the whole text; or `!` and a part it must not have.",
    ),
    filters.count: (">=10", "A whole number, with `<=`, `>=`, `<`, `>` or `=` in front."),
    filters.size: (
        ">1.5mb",
        "A number of bytes, with the units b, k, kb, m, mb, g, gb (1024) and `<=`, `>=`, `<`, `>` or `=`.",
    ),
    filters.moment: (
        "yesterday",
        "A date or a time (UTC), `today` or `yesterday`, with `<=`, `>=`, `<`, `>` or `=`.",
    ),
    filters.yes_or_no: ("true", "`true` or `false`."),
    filters.moment_or_null: (
        "incomplete",
        "The same as of other times, or `null` or `incomplete` for what has not happened.",
    ),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the query. ``column`` is the database's name where that is another.

    ``kind`` is what a condition of its own is told of as; ``values`` are all that may be given, where
    that is so.
    """

    condition: filters.Condition
    column: str = ""
    kind: filters.Condition | None = None
    values: Sequence[str] = ()

    def parameter(self, name: str) -> dict[str, Any]:
        """Return what the document says of it."""
        schema: dict[str, Any] = {"type": "string"}
        description: dict[str, Any] = {}
        if self.values:
            schema["enum"] = list(self.values)
        else:
            example, says = _KINDS[self.kind or self.condition]
            description = {"description": f"{says} {_TERMS}", "example": example}
        return {"name": name, "in": "query", "required": False, "schema": schema, **description}


def choice(conditions: Mapping[str, Callable[[], Q]]) -> Filter:
    """Return a filter that takes one of some words; each condition is made when it is asked for."""

    def condition(_column: str, given: str) -> Q:
        word = given.strip()
        if word not in conditions:
            raise filters.TermError(f"{word[:50]!r} is none of {', '.join(conditions)}")
        return conditions[word]()

    return Filter(condition, values=tuple(conditions))


@dataclass(frozen=True, slots=True)
class Listing:
    """``sorts`` are the fields that a list may be sorted by, ``default`` how it is otherwise."""

    filters: Mapping[str, Filter]
    sorts: Collection[str]
    default: str

    def extra(self) -> dict[str, Any]:
        """Return the parameters of the query, for the document."""
        parameters = [name_filter.parameter(name) for name, name_filter in self.filters.items()]
        return {"parameters": [*parameters, *_paging(self.sorts)]}

    def filtered(self, rows: "QuerySet[Row]", query: QueryDict) -> "QuerySet[Row]":
        """Return the rows that fit a query, in its order. Raises InvalidFieldsError."""
        rows = filters.filtered(rows, query, {n: _condition(f) for n, f in self.filters.items()})
        return sorted_by(rows, query, self.sorts, self.default)

    def page(self, rows: "QuerySet[Row]", query: QueryDict) -> Page[Row]:
        """Return the page that a query asks for. Raises InvalidFieldsError."""
        return page_of(self.filtered(rows, query), query)


def _condition(field: Filter) -> filters.Condition:
    return lambda name, given: field.condition(field.column or name, given)


def _paging(sorts: Collection[str]) -> list[dict[str, Any]]:
    schemas = {
        "sort": {"type": "string", "enum": sorted(sorts)},
        "reverse": {"type": "boolean"},
        "page": {"type": "integer", "default": 1},
    }
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in schemas.items()
    ]
