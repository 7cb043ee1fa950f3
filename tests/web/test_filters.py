# SPDX-License-Identifier: MPL-2.0

"""What each filter keeps, asked of a real table."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from tecken.core.errors import InvalidFieldsError
from tecken.download.models import MissingSymbol
from tecken.web import filters

pytestmark = pytest.mark.django_db

CONDITIONS = {
    "symbol": filters.text,
    "count": filters.count,
    "modified_at": filters.moment,
    "created_at": filters.moment_or_null,
}


def make(symbol: str, count: int = 1, at: str = "2026-11-24T12:30:15.5Z") -> None:
    moment = datetime.fromisoformat(at)
    MissingSymbol.objects.create(
        hash=symbol.encode(), symbol=symbol, count=count, created_at=moment, modified_at=moment
    )


def kept(query: str) -> list[str]:
    rows = filters.filtered(MissingSymbol.objects.all(), QueryDict(query), CONDITIONS)
    return sorted(rows.values_list("symbol", flat=True))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("xul", ["libxul.so", "xul.pdb"]),
        ("XUL", ["libxul.so", "xul.pdb"]),
        ("=xul", []),
        ("=xul.pdb", ["xul.pdb"]),
        ("!xul", ["a_b.dll", "a%b.dll"]),
        ("!=xul.pdb", ["a_b.dll", "a%25b.dll", "libxul.so"]),
        ("xul,lib", ["libxul.so"]),
        ("xul,!lib", ["xul.pdb"]),
        ("a_b", ["a_b.dll"]),
        ("a%25b", ["a%b.dll"]),
        (" , ", ["a%b.dll", "a_b.dll", "libxul.so", "xul.pdb"]),
    ],
)
def test_texts(term: str, expected: list[str]) -> None:
    for symbol in ("xul.pdb", "libxul.so", "a_b.dll", "a%b.dll"):
        make(symbol)
    assert kept(f"symbol={term}") == sorted(name.replace("%25", "%") for name in expected)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("5", ["5"]),
        ("=5", ["5"]),
        ("<5", ["3"]),
        ("<=5", ["3", "5"]),
        (">5", ["8"]),
        (">= 5", ["5", "8"]),
        (">3,<8", ["5"]),
    ],
)
def test_counts(term: str, expected: list[str]) -> None:
    for count in (3, 5, 8):
        make(str(count), count)
    assert kept(f"count={term}") == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("2026-11-24", "bcd"),
        ("=2026-11-24", "bcd"),
        ("<2026-11-24", "a"),
        ("<=2026-11-24", "abcd"),
        (">2026-11-24", "e"),
        (">=2026-11-24", "bcde"),
        ("24 Nov 2026", "bcd"),
        ("November 24 2026", "bcd"),
        ("2026/11/24", "bcd"),
        ("11/24/2026", "bcd"),
        ("24.11.2026", "bcd"),
        ("20261124", "bcd"),
        ("2026-11-24T12:30Z", "c"),
        ("2026-11-24 12:30", "c"),
        ("24 Nov 2026 12:30", "c"),
        ("2026-11-24T14:30%2B02:00", "c"),
        ("2026-11-24T14:30+02:00", "c"),
        ("2026-11-24T12:30:15Z", "c"),
        ("2026-11-24T12:30:16Z", ""),
        ("2026-11-24T12", "c"),
        ("2026-11-24T12Z", "c"),
        ("2026-11-24T23", "d"),
        ("20261124T1230", "c"),
        ("20261124T143015%2B0200", "c"),
        ("2026-11-24T12:30:15.000001", ""),
        (">2026-11-24T12", "de"),
        (">2026-11-24T12:30Z", "de"),
        (">=2026-11-24,<2026-11-24T12:31", "bc"),
    ],
)
def test_moments(term: str, expected: str) -> None:
    make("a", at="2026-11-23T23:59:59.999999Z")
    make("b", at="2026-11-24T00:00:00Z")
    make("c")
    make("d", at="2026-11-24T23:59:59.999999Z")
    make("e", at="2026-11-25T00:00:00Z")
    assert kept(f"modified_at={term}") == list(expected)


def test_today_and_yesterday() -> None:
    make("now", at=timezone.now().astimezone(UTC).isoformat())
    assert kept("modified_at=today") == ["now"]
    assert kept("modified_at=>yesterday") == ["now"]
    assert kept("modified_at=yesterday") == []


@pytest.mark.parametrize("term", ["null", "incomplete", "=null"])
def test_what_has_not_happened(term: str) -> None:
    make("done")
    assert kept(f"created_at={term}") == []


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("count=many", "count", "'many' is not a whole number"),
        ("count=-1", "count", "'-1' is not a whole number"),
        ("count=9999999999999999999", "count", "is not a whole number"),
        ("count=>", "count", "> has no value"),
        ("count=٣", "count", "is not a whole number"),
        ("modified_at=soon", "modified_at", "'soon' is not a date"),
        ("modified_at=2026-02-30", "modified_at", "is not a date"),
        ("modified_at=2026-W48", "modified_at", "is not a date"),
        ("modified_at=2026-11-24x12:30", "modified_at", "is not a date"),
        ("modified_at=null", "modified_at", "is not a date"),
        ("modified_at=9999-12-31", "modified_at", "too far ahead"),
        ("modified_at=0001-01-01T00:00%2B10:00", "modified_at", "too long ago"),
        ("symbol=%00", "symbol", "NUL"),
        ("symbol=<5", "symbol", "the operator < is not for texts"),
        (f"symbol={'x' * 501}", "symbol", "500 characters"),
        (f"symbol={'x,' * 11}", "symbol", "10 terms"),
        ("symbol=x&" * 11, "symbol", "10 terms"),
        ("symbol=x,y,z&" * 4, "symbol", "10 terms"),
    ],
)
def test_what_makes_no_sense_is_told_by_field(query: str, field: str, message: str) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        kept(query)
    [said] = caught.value.errors[field]
    assert message in said


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        kept("count=x&modified_at=y")
    assert list(caught.value.errors) == ["count", "modified_at"]


@pytest.mark.parametrize(
    ("term", "bytes"),
    [("10", 10), ("10b", 10), ("2k", 2048), ("2KB", 2048), ("1.5mb", 1572864), ("1 g", 1024**3)],
)
def test_sizes(term: str, bytes: int) -> None:
    make("exact", min(bytes, 2**31 - 1))
    assert filters.size("count", term) == filters.size("count", f"={bytes}")
    rows = MissingSymbol.objects.filter(filters.size("count", f">={term}"))
    assert rows.count() == 1


@pytest.mark.parametrize("term", ["", ">", "10x", "k", "-5", "1e9", "1.2.3"])
def test_a_size_that_is_none(term: str) -> None:
    with pytest.raises(filters.TermError):
        filters.size("size", term or ">")
