# SPDX-License-Identifier: MPL-2.0

"""Lists: which filters and sorts one has, what the document says of them, and its pages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from tecken.api.free_text import FreeText, Words
from tecken.core.errors import InvalidFieldsError
from tecken.web import filters
from tecken.web.paging import Page, page_of, sorted_by

Row = TypeVar("Row", bound=Model)

Conditions = dict[str, filters.Condition]

MAX_SEARCHED = 50_000
MAX_COUNTED = 10_000
_PAGING = frozenset({"sort", "reverse", "page"})

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
    that is so. ``has_index``: the database finds the rows that fit, and of texts those that are whole
    (``=``), without looking at all others.
    """

    condition: filters.Condition
    column: str = ""
    kind: filters.Condition | None = None
    values: Sequence[str] = ()
    has_index: bool = False

    def is_cheap(self, given: str) -> bool:
        """Say whether the index serves this condition."""
        if self.condition is filters.text:
            terms = [term for term in given.split(",") if term.strip()]
            return self.has_index and all(term.lstrip().startswith("=") for term in terms)
        return self.has_index

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


def choice(conditions: Mapping[str, Callable[[], Q]], *, has_index: bool = False) -> Filter:
    """Return a filter that takes one of some words; each condition is made when it is asked for."""

    def condition(_column: str, given: str) -> Q:
        word = given.strip()
        if word not in conditions:
            raise filters.TermError(f"{word[:50]!r} is none of {', '.join(conditions)}")
        return conditions[word]()

    return Filter(condition, values=tuple(conditions), has_index=has_index)


@dataclass(frozen=True, slots=True)
class Listing:
    """``sorts`` are the fields that a list may be sorted by, ``default`` how it is otherwise.

    Where a table may have millions of rows, ``newest_by`` is when they came. What no index finds is
    then looked for in the newest rows alone, ``MAX_SEARCHED`` of those that all other conditions leave:
    what a list costs must not grow with its table. ``search`` says where free text is looked for.
    """

    filters: Mapping[str, Filter]
    sorts: Collection[str]
    default: str
    newest_by: str = ""
    search: FreeText | None = None

    def extra(self) -> dict[str, Any]:
        """Return the parameters of the query, for the document."""
        parameters = [name_filter.parameter(name) for name, name_filter in self.filters.items()]
        if self.search is not None:
            parameters.insert(0, self.search.parameter())
        return {"parameters": [*parameters, *_paging(self.sorts)]}

    def filtered(self, rows: "QuerySet[Row]", query: QueryDict) -> "QuerySet[Row]":
        """Return the rows that fit a query, in its order. Raises InvalidFieldsError."""
        return self._fitting(rows, query, self._words(rows, query))

    def page(self, rows: "QuerySet[Row]", query: QueryDict) -> Page[Row]:
        """Return the page that a query asks for. Raises InvalidFieldsError."""
        words = self._words(rows, query)
        fitting = self._fitting(rows, query, words)
        start = self._start(rows, query, words) if self.newest_by else None
        if start is None:
            return page_of(fitting, query)
        newest = fitting.filter(**{f"{self.newest_by}__gt": start})
        return replace(page_of(newest, query), only_newest=MAX_SEARCHED)

    def total(self, rows: "QuerySet[Row]", query: QueryDict) -> int | None:
        """Return how many rows fit, where an index finds them and they are at most ``MAX_COUNTED``."""
        given = self._given(query)
        words = self._words(rows, query)
        if len(self._cheap(given)) < len(given) or words.others:
            return None
        fitting = filters.filtered(rows, query, self._conditions(self.filters))
        fitting = fitting.filter(words.indexed)
        count = fitting.order_by().values("pk")[: MAX_COUNTED + 1].count()
        return count if count <= MAX_COUNTED else None

    def _fitting(self, rows: "QuerySet[Row]", query: QueryDict, words: Words) -> "QuerySet[Row]":
        self._refuse_unknown(query)
        rows = filters.filtered(rows, query, self._conditions(self.filters))
        rows = rows.filter(words.indexed, words.others)
        return sorted_by(rows, query, self.sorts, self.default)

    def _words(self, rows: "QuerySet[Row]", query: QueryDict) -> Words:
        """Return what the free text of a query asks for. Raises InvalidFieldsError."""
        if self.search is None:
            return Words(Q(), Q())
        try:
            return self.search.conditions(rows, " ".join(query.getlist("q")))
        except filters.TermError as error:
            raise InvalidFieldsError({"q": [str(error)]}) from error

    def _refuse_unknown(self, query: QueryDict) -> None:
        """Raise InvalidFieldsError for a parameter that would have no effect."""
        known = self.filters.keys() | _PAGING | ({"q"} if self.search is not None else set())
        names = ", ".join(sorted(known))
        unknown = {name[:50]: [f"is none of {names}"] for name in query if name not in known}
        if unknown:
            raise InvalidFieldsError(unknown)

    def _given(self, query: QueryDict) -> dict[str, list[str]]:
        """Return the conditions of a query, by filter."""
        return {
            name: texts
            for name in self.filters
            if (texts := list(filter(str.strip, query.getlist(name))))
        }

    def _cheap(self, given: Mapping[str, list[str]]) -> dict[str, Filter]:
        """Return the filters that an index serves."""
        return {
            name: self.filters[name]
            for name, texts in given.items()
            if all(map(self.filters[name].is_cheap, texts))
        }

    def _start(self, rows: "QuerySet[Row]", query: QueryDict, words: Words) -> datetime | None:
        """Return after which time rows are looked through; None when all may be."""
        given = self._given(query)
        cheap = self._cheap(given)
        if len(cheap) == len(given) and not words.others:
            return None
        left = filters.filtered(rows, query, self._conditions(cheap)).filter(words.indexed)
        times = left.order_by(f"-{self.newest_by}").values_list(self.newest_by, flat=True)
        start: datetime | None = times[MAX_SEARCHED : MAX_SEARCHED + 1].first()
        return start

    @staticmethod
    def _conditions(fields: "Mapping[str, Filter]") -> "Conditions":
        return {name: _condition(field) for name, field in fields.items()}


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
