# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tecken.core.errors import ObjectNotFoundError, StorageUnavailableError
from tecken.core.source_pauses import SourcePauses
from tecken.core.storage.sources import Source, open_source

DOWN = StorageUnavailableError("symbols", "key", "the server cannot be reached")
S3 = open_source("https://s3.example.com/symbols", "v1")
OTHER = open_source("https://s3.example.com/others", "v1")


@dataclass
class Asker:
    """Asks sources at times that a test says; ``asked`` has those at which it came to that."""

    now: float = 1000.0
    asked: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pauses = SourcePauses(clock=lambda: self.now)

    def ask(self, source: Source, answer: Exception | None = DOWN) -> str:
        try:
            with self.pauses.asking(source):
                self.asked.append(self.now)
                if answer is not None:
                    raise answer
        except (StorageUnavailableError, ObjectNotFoundError) as error:
            return error.reason
        return "answered"


@pytest.fixture
def asker() -> Asker:
    return Asker()


def test_after_a_failure_nobody_asks_and_everyone_is_told_why(asker: Asker) -> None:
    asker.ask(S3)
    reason = asker.ask(S3, None)
    assert reason == "is not asked for a moment, as of late the server cannot be reached"
    assert asker.asked == [1000.0]


def test_other_sources_are_asked(asker: Asker) -> None:
    asker.ask(S3)
    assert asker.ask(OTHER, None) == "answered"


def test_pauses_grow(asker: Asker) -> None:
    for _ in range(1000):
        asker.ask(S3)
        asker.now += 0.1
    pauses = [after - before for before, after in zip(asker.asked, asker.asked[1:], strict=False)]
    assert [round(pause) for pause in pauses] == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("answer", [None, ObjectNotFoundError("symbols", "key")])
def test_any_answer_ends_the_pauses(asker: Asker, answer: Exception | None) -> None:
    for _ in range(2):
        asker.ask(S3)
        asker.now += 5
        asker.ask(S3, answer)
    assert asker.ask(S3, None) == "answered"


def test_a_folder_is_asked_every_time(asker: Asker, tmp_path: Path) -> None:
    folder = open_source(tmp_path.as_uri(), "v1")
    asker.ask(folder)
    assert asker.ask(folder, None) == "answered"
