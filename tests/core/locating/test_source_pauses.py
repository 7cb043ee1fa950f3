# SPDX-License-Identifier: MPL-2.0

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tecken.core.errors import (
    NoConnectionError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.source_pauses import OBJECTS_IN_A_ROW, SourcePauses
from tecken.core.storage.sources import Source, open_source

DOWN = NoConnectionError("symbols", "key", "the server cannot be reached")
BROKEN = StorageUnavailableError("symbols", "key", "the server answered 500")
S3 = open_source("https://s3.example.com/symbols", "v1")
TRY = open_source("https://s3.example.com/symbols/try?access=public", "v1")
OTHER = open_source("https://s3.example.com/others", "v1")
BAD = SymbolKey.of_module("bad.pdb", "ABC")


def key(number: int) -> SymbolKey:
    return SymbolKey.of_module(f"m{number}.pdb", "ABC")


@dataclass
class Asker:
    """Asks sources at times that a test says; ``asked`` has those at which it came to that."""

    now: float = 1000.0
    asked: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pauses = SourcePauses(clock=lambda: self.now)

    def ask(self, source: Source, asked: SymbolKey, answer: Exception | None = None) -> str:
        try:
            with self.pauses.asking(source, asked):
                self.asked.append(self.now)
                if answer is not None:
                    raise answer
        except StorageError as error:
            return error.reason
        return "answered"

    def fail(self, *numbers: int) -> None:
        for number in numbers:
            self.ask(S3, key(number), BROKEN)

    def gaps(self) -> list[int]:
        """The seconds between one question and the next."""
        pairs = zip(self.asked, self.asked[1:], strict=False)
        return [round(after - before) for before, after in pairs]


@pytest.fixture
def asker() -> Asker:
    return Asker()


def test_without_a_connection_nobody_asks_and_everyone_is_told_why(asker: Asker) -> None:
    asker.ask(S3, key(1), DOWN)
    reason = asker.ask(S3, key(2))
    assert reason == "is not asked for a moment, as of late the server cannot be reached"
    assert asker.asked == [1000.0]


def test_another_bucket_is_asked_but_not_another_source_of_the_same(asker: Asker) -> None:
    asker.ask(S3, key(1), DOWN)
    assert asker.ask(OTHER, key(1)) == "answered"
    assert asker.ask(TRY, key(1)).startswith("is not asked for a moment")


def test_pauses_of_a_bucket_grow(asker: Asker) -> None:
    for _ in range(1000):
        asker.ask(S3, key(1), DOWN)
        asker.now += 0.1
    assert asker.gaps() == [1, 2, 4, 8, 16, 30, 30]


def test_one_object_that_fails_is_left_alone_and_no_other(asker: Asker) -> None:
    for second in range(600):
        asker.ask(S3, BAD, BROKEN)
        assert [asker.ask(S3, key(number)) for number in range(12)] == ["answered"] * 12, second
        asker.asked.clear()
        asker.now += 1


def test_one_object_that_fails_keeps_nobody_out_when_nothing_else_was_asked(asker: Asker) -> None:
    for _ in range(600):
        asker.ask(S3, BAD, BROKEN)
        asker.now += 0.1
    assert [asker.ask(S3, key(number)) for number in range(12)] == ["answered"] * 12


def test_an_object_that_fails_is_asked_for_ever_more_seldom(asker: Asker) -> None:
    for _ in range(400):
        asker.ask(S3, BAD, BROKEN)
        asker.now += 0.1
    assert asker.gaps() == [1, 2, 4, 8, 8, 8, 8]
    assert asker.ask(S3, BAD) == "is not asked for a moment, as of late the server answered 500"


def test_those_who_had_asked_before_a_pause_do_not_make_it_longer(asker: Asker) -> None:
    asking = [asker.pauses.asking(S3, BAD) for _ in range(8)]
    for each in asking:
        each.__enter__()
    for each in asking:
        assert not each.__exit__(StorageUnavailableError, BROKEN, None)  # it is raised on
    asker.now += 1
    assert asker.ask(S3, BAD) == "answered"


def test_different_objects_that_fail_in_a_row_are_the_servers_fault(asker: Asker) -> None:
    asker.fail(*range(OBJECTS_IN_A_ROW))
    assert asker.ask(S3, key(90)).startswith("is not asked for a moment")


def test_an_answer_in_between_ends_the_row(asker: Asker) -> None:
    for number in range(100):
        asker.fail(number)
        assert asker.ask(S3, key(number + 1000)) == "answered"


def test_a_bucket_that_fails_for_new_objects_is_left_alone_longer(asker: Asker) -> None:
    for number in range(1000):
        asker.fail(number)
        asker.now += 0.1
    assert asker.gaps() == [0, 0, 1, 2, 4, 8, 16, 30, 30]


def test_objects_that_are_known_to_fail_do_not_keep_a_bucket_paused(asker: Asker) -> None:
    asker.fail(*range(OBJECTS_IN_A_ROW))
    for _ in range(600):
        asker.now += 0.1
        asker.fail(*range(OBJECTS_IN_A_ROW))
    assert [asker.ask(S3, key(number)) for number in range(100, 112)] == ["answered"] * 12


@pytest.mark.parametrize(
    "answer",
    [None, ObjectNotFoundError("symbols", "key"), ObjectChangedError("symbols", "key")],
)
def test_any_answer_ends_the_pauses(asker: Asker, answer: Exception | None) -> None:
    for _ in range(2):
        asker.ask(S3, key(1), DOWN)
        asker.now += 5
        asker.ask(S3, key(1), answer)
    assert asker.ask(S3, key(2)) == "answered"


def test_an_answer_to_an_upload_or_a_download_ends_the_pauses(asker: Asker) -> None:
    asker.ask(S3, BAD, BROKEN)
    asker.ask(S3, key(1), DOWN)
    asker.pauses.answered("https://s3.example.com/symbols?region=x", S3.object_key(BAD))
    assert asker.ask(S3, BAD) == "answered"
    assert asker.ask(S3, key(1)) == "answered"


def test_only_so_many_objects_that_fail_are_remembered(asker: Asker) -> None:
    """Each attempt on another object, as somebody would who wants our memory."""
    for number in range(5_000):
        asker.ask(S3, key(number), BROKEN)
        asker.ask(S3, key(-1))
    [state] = asker.pauses._by_bucket.values()
    assert len(state.failing) == 1_000


def test_a_folder_is_asked_every_time(asker: Asker, tmp_path: Path) -> None:
    folder = open_source(tmp_path.as_uri(), "v1")
    asker.ask(folder, key(1), DOWN)
    assert asker.ask(folder, key(1)) == "answered"


def test_it_is_known_which_sources_are_left_alone(asker: Asker) -> None:
    asker.ask(S3, key(1), DOWN)
    paused = [asker.pauses.is_paused(source.url) for source in (S3, TRY, OTHER)]
    assert paused == [True, True, False]
    asker.now += 1
    assert not asker.pauses.is_paused(S3.url)
