# SPDX-License-Identifier: MPL-2.0

"""The CSV of a day, the JSON list, what is kept for how long, and the counts of days."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from tecken.core.identifiers import SymbolKey
from tecken.download import days
from tecken.download.days import downloads_by_day
from tecken.download.misses import CodeModule, Downloads, Miss
from tecken.download.models import MissingSymbol, MissingSymbolDay
from tecken.download.services import add_downloads, store_misses
from tecken.download.tasks import remove_missing_days, remove_missing_symbols

pytestmark = pytest.mark.django_db

URL = "/missingsymbols.csv"
LIST = "/api/downloads/missing/"
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def miss(
    name: str = "xul.pdb", ago: int = 1, code_file: str = "xul.dll", filename: str = "xul.sym"
) -> None:
    key = SymbolKey.of_parts(name, "44E4", filename)
    store_misses([Miss.of(key, CodeModule(code_file, "5E5F"), now() - ago * DAY)])


def lines(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["debug_file", "debug_id", "code_file", "code_id"]
    return rows


class TestCsv:
    def test_it_reports_yesterday(self, client: Client) -> None:
        for ago, name in enumerate(("today.pdb", "yesterday.pdb", "before.pdb")):
            miss(name, ago)
        response = client.get(URL)
        expected = "debug_file,debug_id,code_file,code_id\r\nyesterday.pdb,44E4,xul.dll,5E5F\r\n"
        assert b"".join(response.streaming_content) == expected.encode()
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        day = (now() - DAY).date()
        name = f'attachment; filename="missing-symbols-{day}.csv"'
        assert response["Content-Disposition"] == name

    def test_it_reports_any_day(self, client: Client) -> None:
        for ago, name in enumerate(("today.pdb", "yesterday.pdb", "before.pdb")):
            miss(name, ago)
        assert [row[0] for row in lines(client, "?today=1")] == ["today.pdb"]
        assert [row[0] for row in lines(client, "?today=0")] == ["yesterday.pdb"]
        before = (now() - 2 * DAY).date()
        assert [row[0] for row in lines(client, f"?date={before}")] == ["before.pdb"]
        assert lines(client, "?date=2001-01-01") == []

    def test_a_symbol_of_two_days_is_in_both_reports(self, client: Client) -> None:
        miss(ago=1)
        miss(ago=0)
        assert (
            lines(client) == lines(client, "?today=1") == [["xul.pdb", "44E4", "xul.dll", "5E5F"]]
        )

    def test_only_what_microsoft_may_have_is_in_it(self, client: Client) -> None:
        miss("XUL.PDB", filename="XUL.SYM")
        miss("libxul.so", filename="libxul.so.sym")
        miss("xul.pdb", filename="xul.pd_")
        assert [row[0] for row in lines(client)] == ["XUL.PDB"]

    def test_odd_values_are_quoted(self, client: Client) -> None:
        odd = 'a "b", c\r\nd\ne\u2028é'
        miss(code_file=odd)
        assert lines(client) == [["xul.pdb", "44E4", odd, "5E5F"]]

    def test_many_rows_are_read_some_at_a_time(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(days, "_ROWS_AT_ONCE", 3)
        for number in range(7):
            miss(f"m{number}.pdb")
        with CaptureQueriesContext(connection) as queries:
            assert len(lines(client)) == 7
        assert len(queries) == 4

    @pytest.mark.parametrize(
        "given",
        ["", "2026-13-01", "2026-02-30", "24.11.2026", "20261124", "2026-W01-1", "%00", "x"],
    )
    def test_a_bad_date_is_refused(self, client: Client, given: str) -> None:
        response = client.get(f"{URL}?date={given}")
        assert response.status_code == 400
        [said] = response.json()["errors"]["date"]
        assert "is not a date" in said

    def test_today_is_yes_or_no(self, client: Client) -> None:
        assert list(client.get(f"{URL}?today=maybe").json()["errors"]) == ["today"]

    def test_head_has_the_headers(self, client: Client) -> None:
        response = client.head(URL)
        assert (response.status_code, list(response)) == (200, [])
        assert "attachment" in response["Content-Disposition"]
        assert "Content-Length" not in response

    def test_it_cannot_be_posted_to(self, client: Client) -> None:
        assert client.post(URL).status_code == 405


class TestList:
    def test_the_newest_come_first(self, client: Client) -> None:
        miss("old.pdb", 2)
        miss("new.pdb", 0)
        miss("new.pdb", 1)
        answer = client.get(LIST).json()
        assert (answer["page"], answer["has_next"], answer["batch_size"]) == (1, False, 50)
        assert [row["count"] for row in answer["missing"]] == [2, 1]
        row = answer["missing"][1]
        assert row["created_at"].endswith("Z")
        assert {name: row[name] for name in list(row)[1:7]} == {
            "symbol": "old.pdb",
            "debugid": "44E4",
            "filename": "xul.sym",
            "code_file": "xul.dll",
            "code_id": "5E5F",
            "count": 1,
        }
        assert client.get(LIST.rstrip("/")).json() == answer
        upwards = client.get(f"{LIST}?sort=modified_at").json()
        assert upwards["missing"] == answer["missing"][::-1]
        assert client.get(f"{LIST}?sort=modified_at&reverse=true").json() == answer

    def test_it_comes_in_pages(self, client: Client) -> None:
        for number in range(51):
            miss(f"m{number}.pdb")
        first, second, none = (client.get(f"{LIST}?page={page}").json() for page in (-3, 2, 10**8))
        assert (len(first["missing"]), first["has_next"], first["page"]) == (50, True, 1)
        assert (len(second["missing"]), second["has_next"]) == (1, False)
        assert (none["missing"], none["has_next"]) == ([], False)

    def test_filters_hold_together(self, client: Client) -> None:
        miss("xul.pdb", 0)
        miss("xul.pdb", 1)
        miss("nss.pdb", 0)
        query = "?symbol=.pdb&count=>1&debugid=44e4&filename=xul.sym&modified_at=>=2026-01-01"
        assert [row["symbol"] for row in client.get(f"{LIST}{query}").json()["missing"]] == [
            "xul.pdb"
        ]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("page=two", "page"),
            ("page=99999999999999999999", "page"),
            ("page=%D9%A3", "page"),
            ("sort=symbol", "sort"),
            ("sort=modified_at&reverse=x", "reverse"),
            ("reverse=x", "reverse"),
            ("count=x", "count"),
            ("symbol=%00", "symbol"),
        ],
    )
    def test_what_makes_no_sense_is_told_by_field(
        self, client: Client, query: str, field: str
    ) -> None:
        response = client.get(f"{LIST}?{query}")
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [field]


class TestRetention:
    def test_old_days_go_and_then_their_symbols(self, settings: Settings) -> None:
        settings.MISSING_SYMBOLS_RETENTION_DAYS = 30
        for ago in (31, 30, 0):
            miss("both.pdb", ago)
        miss("old.pdb", 31)
        miss("new.pdb", 30)
        assert remove_missing_days.remove(dry_run=True) == 2
        assert MissingSymbolDay.objects.count() == 5
        assert remove_missing_days.remove(dry_run=False) == 2
        assert remove_missing_symbols.remove(dry_run=True) == 1
        assert remove_missing_symbols.remove(dry_run=False) == 1
        left = MissingSymbol.objects.order_by("symbol").values_list("symbol", "count")
        assert list(left) == [("both.pdb", 3), ("new.pdb", 1)]
        assert MissingSymbolDay.objects.count() == 3
        assert remove_missing_days.remove(dry_run=False) == 0


def test_downloads_of_the_last_days_have_no_gaps() -> None:
    today = now().date()
    add_downloads([Downloads(today, 2, 1), Downloads(today - 29 * DAY, 5, 0)])
    add_downloads([Downloads(today - 30 * DAY, 7, 7)])
    counted = downloads_by_day()
    assert [row.date for row in counted] == [today - ago * DAY for ago in range(29, -1, -1)]
    assert [(row.found, row.missing) for row in counted] == [(5, 0), *[(0, 0)] * 28, (2, 1)]
