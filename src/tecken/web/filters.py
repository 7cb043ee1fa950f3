# SPDX-License-Identifier: MPL-2.0

"""Filters of lists: ``count=>10,<=20`` has two terms, and a row must fit both.

A term is a value with one of the operators ``<= >= < > =`` in front, or none, which means ``=``.
Each kind of filter turns the terms of one field into a condition of the database, and raises
TermError for what it cannot understand; ``filtered`` tells all of these by field.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from tecken.core.errors import InvalidFieldsError

MAX_TERMS = 10
MAX_LENGTH = 500
_TOO_LONG = f"has more than {MAX_TERMS} terms or {MAX_LENGTH} characters"
_MAX_NUMBER = 2**63 - 1  # of both databases

_TERM = re.compile(r"\s*(<=|>=|<|>|=|)\s*(.*?)\s*\Z", re.DOTALL)
_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?)\s*(|b|k|kb|m|mb|g|gb)\Z", re.IGNORECASE)
_POWERS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3}  # of 1024
_LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "exact"}

Condition = Callable[[str, str], Q]
Row = TypeVar("Row", bound=Model)


class TermError(ValueError):
    """A term that makes no sense; the message is for the client."""


def filtered(
    rows: "QuerySet[Row]", query: QueryDict, conditions: Mapping[str, Condition]
) -> "QuerySet[Row]":
    """Keep the rows that fit the query. Raises InvalidFieldsError, with all that is wrong."""
    errors: dict[str, list[str]] = {}
    for name, condition in conditions.items():
        texts = [text for text in query.getlist(name) if text.strip()]
        if sum(text.count(",") + 1 for text in texts) > MAX_TERMS and len(texts) > 1:
            errors[name] = [_TOO_LONG]
            continue
        for text in texts:
            try:
                rows = rows.filter(condition(name, text))
            except TermError as error:
                errors.setdefault(name, []).append(str(error))
    if errors:
        raise InvalidFieldsError(errors)
    return rows


def text(name: str, given: str) -> Q:
    """A part of the text, in any case; after ``=`` the whole text as it is. ``!`` negates either."""
    condition = Q()
    for operator, value in _terms(given, allowed=("=", "")):
        if negated := not operator and value.startswith("!"):
            operator, value = _split(value[1:])
        term = Q(**{name if operator == "=" else f"{name}__icontains": value})
        condition &= ~term if negated else term
    return condition


def count(name: str, given: str) -> Q:
    """A number of things: ``10``, ``>=10``."""
    condition = Q()
    for operator, value in _terms(given):
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise TermError(f"{value!r} is not a whole number")
        condition &= Q(**{f"{name}__{_LOOKUPS[operator or '=']}": int(value)})
    return condition


def size(name: str, given: str) -> Q:
    """A number of bytes: ``>1.5mb``; the units b, k, kb, m, mb, g and gb are powers of 1024."""
    condition = Q()
    for operator, value in _terms(given):
        match = _SIZE.match(value)
        if match is None:
            raise TermError(f"{value!r} is not a size, such as 10, 10kb or 1.5gb")
        unit = match[2].lower().removesuffix("b")
        number = min(round(float(match[1]) * 1024 ** _POWERS[unit]), _MAX_NUMBER)
        condition &= Q(**{f"{name}__{_LOOKUPS[operator or '=']}": number})
    return condition


def moment(name: str, given: str) -> Q:
    """A time, as exact as it is written: a day without time means the whole day (UTC)."""
    condition = Q()
    for operator, value in _terms(given):
        start, length = _period(value)
        end = start + length
        condition &= {
            "<": Q(**{f"{name}__lt": start}),
            "<=": Q(**{f"{name}__lt": end}),
            ">": Q(**{f"{name}__gte": end}),
            ">=": Q(**{f"{name}__gte": start}),
        }.get(operator, Q(**{f"{name}__gte": start, f"{name}__lt": end}))
    return condition


def moment_or_null(name: str, given: str) -> Q:
    """The same, or ``null`` or ``incomplete`` for what has not happened."""
    if given.strip().lower().lstrip("= ") in {"null", "incomplete"}:
        return Q(**{f"{name}__isnull": True})
    return moment(name, given)


def yes_or_no(name: str, given: str) -> Q:
    """``true`` or ``false``."""
    value = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
        given.strip().lower()
    )
    if value is None:
        raise TermError(f"{given[:50]!r} is neither true nor false")
    return Q(**{name: value})


def _terms(
    given: str, allowed: tuple[str, ...] = ("<=", ">=", "<", ">", "=", "")
) -> Iterator[tuple[str, str]]:
    """Yield operator and value of each term. Raises TermError."""
    terms = [term for term in given.split(",") if term.strip()]
    if len(given) > MAX_LENGTH or len(terms) > MAX_TERMS:
        raise TermError(_TOO_LONG)
    if "\0" in given:
        raise TermError("must not contain a NUL character")
    for term in terms:
        operator, value = _split(term)
        if operator not in allowed:
            raise TermError(f"the operator {operator} is not for texts")
        if not value:
            raise TermError(f"{operator} has no value")
        yield operator, value


def _split(term: str) -> tuple[str, str]:
    match = _TERM.match(term)
    return (match[1], match[2]) if match else ("", term)


_DAY = timedelta(days=1)
_DAY_FORMS = ("%Y/%m/%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%m/%d/%Y")
_CLOCK_FORMS = {"": _DAY, " %H:%M": timedelta(minutes=1), " %H:%M:%S": timedelta(seconds=1)}
# Of a date and, one within the other, the hour, the minute, the second and what is smaller.
_ISO = re.compile(
    r"[0-9-]+(?:[Tt ]([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})([.,][0-9]+)?)?)?(?:[Zz]|[+ -][0-9:]+)?)?",
    re.ASCII,
)
_LENGTHS = (
    _DAY,
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
    timedelta(microseconds=1),
)


def _period(value: str) -> tuple[datetime, timedelta]:
    """Return when a time begins and how long it lasts. Raises TermError."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"today": today, "yesterday": today - _DAY}.get(value.lower())
    if named is not None:
        return named, _DAY
    found = _parse_iso(value) or _parse_others(value)
    if found is None:
        raise TermError(f"{value!r} is not a date, such as 2026-11-24, 2026-11-24T12:30Z or today")
    parsed, length = found
    try:
        start = parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
        start + _DAY  # the end of time is no day
    except OverflowError:
        raise TermError(f"{value!r} is too long ago, or too far ahead") from None
    return start, length


def _parse_iso(value: str) -> tuple[datetime, timedelta] | None:
    form = _ISO.fullmatch(value)
    if form is None:
        return None
    try:
        # In a URL that was not encoded, the + of a time zone is a space.
        parsed = datetime.fromisoformat(
            re.sub(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)\Z", r"\1+\2", value)
        )
    except ValueError:
        return None
    written = sum(part is not None for part in form.groups())
    return parsed, _LENGTHS[written]


def _parse_others(value: str) -> tuple[datetime, timedelta] | None:
    for clock, length in _CLOCK_FORMS.items():
        for day in _DAY_FORMS:
            try:
                return datetime.strptime(value, day + clock), length  # noqa: DTZ007 - the caller sets UTC
            except ValueError:
                continue
    return None
