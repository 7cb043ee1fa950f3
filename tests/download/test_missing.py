# SPDX-License-Identifier: MPL-2.0

"""How misses and counts come into the database."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.support.started_server import wait_until

from tecken.core.identifiers import SymbolKey
from tecken.core.journal import Journal
from tecken.download.journals import line_of
from tecken.download.known import KnownMisses
from tecken.download.misses import CodeModule, Downloads, Miss
from tecken.download.models import DownloadDay, MissingDay, MissingSymbol, MissingSymbolDay
from tecken.download.recorder import Recorder
from tecken.download.services import add_downloads, forget_misses, store_misses

pytestmark = pytest.mark.both_forms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def miss(name: str = "xul", at: datetime = NOON, code_file: str = "", code_id: str = "") -> Miss:
    key = SymbolKey.of_parts(f"{name}.pdb", "44E4", f"{name}.sym")
    return Miss.of(key, CodeModule(code_file, code_id), at)


def days_of(name: str) -> list[str]:
    rows = MissingSymbolDay.objects.filter(symbol__symbol=f"{name}.pdb").order_by("day")
    return [str(row.day) for row in rows]


@pytest.mark.django_db
class TestStoring:
    def test_a_miss_is_kept_with_all_of_its_fields(self) -> None:
        store_misses([miss(code_file="xul.dll", code_id="5E5F")])
        row = MissingSymbol.objects.get()
        assert (row.symbol, row.debugid, row.filename) == ("xul.pdb", "44E4", "xul.sym")
        assert (row.code_file, row.code_id, row.count) == ("xul.dll", "5E5F", 1)
        assert row.created_at == row.modified_at == NOON
        assert days_of("xul") == ["2026-11-24"]

    def test_a_day_counts_once(self) -> None:
        store_misses([miss(), miss(at=NOON + timedelta(hours=1))])
        store_misses([miss()])
        assert MissingSymbol.objects.get().count == 1

    def test_two_days_count_twice_and_are_both_kept(self) -> None:
        store_misses([miss(), miss(at=NOON + DAY)])
        row = MissingSymbol.objects.get()
        assert (row.count, row.created_at, row.modified_at) == (2, NOON, NOON + DAY)
        assert days_of("xul") == ["2026-11-24", "2026-11-25"]

    def test_a_day_that_comes_late_counts_too(self) -> None:
        store_misses([miss(at=NOON + DAY)])
        store_misses([miss()])
        assert MissingSymbol.objects.get().count == 2
        assert days_of("xul") == ["2026-11-24", "2026-11-25"]

    def test_the_same_key_with_another_code_file_or_id_is_another_row(self) -> None:
        store_misses([miss(), miss(code_file="xul.dll"), miss(code_id="xul.dll")])
        assert MissingSymbol.objects.count() == 3

    def test_many_are_stored_with_few_queries(self) -> None:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            store_misses(miss(f"m{number}") for number in range(100))
        assert len(queries) < 16
        assert MissingSymbol.objects.filter(count=1).count() == 100

    def test_downloads_of_a_day_add_up(self) -> None:
        day = NOON.date()
        add_downloads([Downloads(day, 2, 3), Downloads(day + DAY, 1, 0)])
        add_downloads([Downloads(day, 10, 20)])
        assert list(DownloadDay.objects.order_by("date").values_list("found", "missing")) == [
            (12, 23),
            (1, 0),
        ]


@pytest.mark.django_db(transaction=True)
def test_several_who_store_the_same_at_once_count_it_once() -> None:
    def store(start: int) -> None:
        # Each in another order, as they came.
        store_misses(miss(f"m{(start + number * 7) % 50}") for number in range(50))
        connection.close()

    run(*(partial(store, number * 11) for number in range(4)))
    assert MissingSymbol.objects.filter(count=1).count() == 50
    assert MissingSymbolDay.objects.count() == 50


def run(*works: Callable[[], None]) -> None:
    """Do several things at the same time."""
    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(work) for work in works]:
            future.result()


@pytest.mark.django_db(transaction=True)
def test_of_several_who_store_at_once_none_stores_more_than_a_day_takes(settings) -> None:
    settings.MISSING_SYMBOLS_MAX_PER_DAY = 100

    def store(worker: int) -> None:
        for number in range(10):  # some are the same, most are not
            start = number * 7
            store_misses(
                miss(f"m{n}" if n % 3 else f"{worker}m{n}") for n in range(start, start + 9)
            )
        connection.close()

    run(*(partial(store, worker) for worker in range(6)))
    assert MissingSymbolDay.objects.count() == MissingSymbol.objects.count() == 100
    assert MissingDay.objects.get().symbols == 100
    assert set(MissingSymbol.objects.values_list("count", flat=True)) == {1}


@pytest.mark.django_db
class TestDaysThatAreFull:
    @pytest.fixture(autouse=True)
    def _limit(self, settings) -> None:
        settings.MISSING_SYMBOLS_MAX_PER_DAY = 3

    def test_a_day_takes_so_many_and_says_so(self) -> None:
        assert store_misses([miss("a"), miss("b")]) == set()
        assert store_misses([miss("c"), miss("d")]) == {NOON.date()}
        assert MissingSymbol.objects.count() == MissingSymbolDay.objects.count() == 3

    def test_what_a_day_has_already_is_no_more(self) -> None:
        store_misses([miss("a"), miss("b")])
        assert store_misses([miss("b"), miss("a"), miss("b")]) == set()
        store_misses([miss("b"), miss("a"), miss("c")])
        assert [days_of(name) for name in "abc"] == [["2026-11-24"]] * 3

    def test_the_next_day_takes_as_many_again(self) -> None:
        store_misses(miss(name) for name in "abcde")
        assert store_misses([miss("x", NOON + DAY), miss("y")]) == {NOON.date()}
        assert days_of("x") == ["2026-11-25"]
        assert days_of("y") == []

    def test_what_is_forgotten_leaves_room(self) -> None:
        store_misses(miss(name) for name in "abc")
        forget_misses(["a.pdb", "b.pdb"])
        assert store_misses([miss("d")]) == set()
        assert (days_of("c"), days_of("d")) == (["2026-11-24"], ["2026-11-24"])


@pytest.fixture
def make_recorder(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Recorder]]:
    """Return a function that starts a recorder; all share a folder and the cache."""
    cache.clear()
    with ExitStack() as started:

        def make(*, start: bool = True) -> Recorder:
            recorder = Recorder(tmp_path / "misses", KnownMisses(cache))
            if start:
                recorder.start()
                started.callback(recorder.stop)
            return recorder

        yield make


class TestRecorder:
    def test_a_first_miss_is_in_the_database_when_its_answer_may_go_out(
        self, make_recorder: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A busy machine may take longer to commit than an answer waits.
        monkeypatch.setattr("tecken.download.recorder.MAX_WAIT_SECONDS", 60.0)
        recorder = make_recorder()
        for number in range(5):
            recorder.note(miss(f"m{number}"))
            assert MissingSymbol.objects.count() == number + 1

    def test_repeats_make_no_journal_in_any_process(
        self, make_recorder: Callable[..., Recorder], tmp_path: Path
    ) -> None:
        first = make_recorder()
        first.note(miss())
        first.stop()  # it has told the shared cache
        other = make_recorder(start=False)
        for recorder in (first, other):
            recorder.note(miss())
        assert list((tmp_path / "misses").iterdir()) == []

    def test_fields_that_are_too_long_are_not_kept(
        self, make_recorder: Callable[..., Recorder]
    ) -> None:
        recorder = make_recorder()
        recorder.note(miss(code_file="x" * 151))
        recorder.note(miss(code_file="x" * 150))
        assert [len(row.code_file) for row in MissingSymbol.objects.all()] == [150]

    def test_a_storm_is_stored_to_the_last_when_it_stops(
        self, make_recorder: Callable[..., Recorder]
    ) -> None:
        recorder = make_recorder()

        def note(start: int) -> None:
            for number in range(start, start + 100):
                recorder.note(miss(f"m{number}"))

        threads = [threading.Thread(target=note, args=(100 * part,)) for part in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        recorder.stop()
        assert MissingSymbol.objects.count() == 1600

    def test_beyond_what_a_day_takes_misses_are_only_counted(
        self,
        make_recorder: Callable[..., Recorder],
        tmp_path: Path,
        settings,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """A storm of 10,000, as somebody makes who asks for names that nobody has."""
        settings.MISSING_SYMBOLS_MAX_PER_DAY = 8_000
        recorders = [make_recorder() for _ in range(2)]

        def storm(worker: int) -> None:
            recorder = recorders[worker % 2]
            for number in range(worker, 10_000, 8):
                recorder.count(NOON.date(), found=False)
                recorder.note(miss(f"m{number}"))

        with caplog.at_level(logging.WARNING):
            run(*(partial(storm, worker) for worker in range(8)))
            stored = MissingSymbolDay.objects.filter(day=NOON.date())
            wait_until(lambda: stored.count() >= 8_000, "all that fit are stored", 120)
            for recorder in recorders:
                recorder.stop()
        assert MissingSymbolDay.objects.count() == MissingSymbol.objects.count() == 8_000
        assert DownloadDay.objects.get().missing == 10_000
        told = [text for text in caplog.messages if "MAX_PER_DAY" in text]
        assert 1 <= len(told) <= len(recorders)
        assert list((tmp_path / "misses").iterdir()) == []

    def test_on_a_full_day_nothing_is_written_or_remembered_of_a_miss(
        self, make_recorder: Callable[..., Recorder], tmp_path: Path, settings
    ) -> None:
        settings.MISSING_SYMBOLS_MAX_PER_DAY = 1
        recorder = make_recorder()
        recorder.note(miss())
        with CaptureQueriesContext(connection) as queries:
            for number in range(10_000):
                recorder.note(miss(f"m{number}"))
        assert len(queries) == 0
        assert list((tmp_path / "misses").iterdir()) == []
        assert not recorder._known.has(miss("m9999").token)
        recorder.note(miss("next", NOON + DAY))
        assert days_of("next") == ["2026-11-25"]

    def test_what_was_never_stored_is_found_by_the_next_process(
        self, make_recorder: Callable[..., Recorder], tmp_path: Path
    ) -> None:
        journal = Journal.create(tmp_path / "misses")
        journal.append(line_of(miss()))
        journal.append(b"[no")
        journal.append(line_of(Downloads(NOON.date(), 3, 4)))
        journal.leave()
        make_recorder()
        wait_until(DownloadDay.objects.filter(missing__gt=0).exists, "the journal is stored")
        assert days_of("xul") == ["2026-11-24"]
        assert (DownloadDay.objects.get().found, DownloadDay.objects.get().missing) == (3, 4)

    def test_where_no_journal_can_be_written_that_is_logged_once(
        self,
        make_recorder: Callable[..., Recorder],
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        recorder = make_recorder(start=False)
        (tmp_path / "misses").write_text("not a folder")
        for number in range(100):
            recorder.note(miss(f"m{number}"))
        assert len([text for text in caplog.messages if "cannot be written down" in text]) == 1
        (tmp_path / "misses").unlink()
        recorder.note(miss("m0"))
        assert len(list((tmp_path / "misses").iterdir())) == 1
        recorder._current().journal.drop()

    def test_counts_are_written_at_the_latest_when_it_stops(
        self, make_recorder: Callable[..., Recorder]
    ) -> None:
        recorder = make_recorder()
        for found in (True, True, False):
            recorder.count(NOON.date(), found=found)
        recorder.stop()
        row = DownloadDay.objects.get()
        assert (row.found, row.missing) == (2, 1)


def test_of_too_many_known_misses_the_oldest_are_forgotten() -> None:
    cache.clear()
    known = KnownMisses(cache, max_tokens=2)
    for number in range(6):
        known.add(bytes([number]))
    assert [known.has(bytes([number])) for number in range(6)] == [False] * 2 + [True] * 4
