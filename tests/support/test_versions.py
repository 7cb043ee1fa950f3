# SPDX-License-Identifier: MPL-2.0

"""The checker of versions finds what is wrong."""

import time

import pytest
from tests.support.versions import Answer, Ledger, VersionedFile, versions_in

FILE = VersionedFile(3)


@pytest.fixture
def ledger() -> Ledger:
    """Versions 0 and 1 are stored, and version 2 is on its way."""
    ledger = Ledger()
    for _ in range(2):
        with ledger.storing(FILE):
            pass
    ledger.storing(FILE).__enter__()
    return ledger


def answer(*versions: int, age: float = 0.0) -> Answer:
    now = time.monotonic()
    return Answer(FILE, now - age, now, set(versions))


@pytest.mark.parametrize("version", [1, 2])
def test_the_current_version_and_the_next_are_right(ledger: Ledger, version: int) -> None:
    ledger.check(answer(version))
    assert (ledger.wrong, ledger.checked) == ([], 1)


@pytest.mark.parametrize(
    ("versions", "trouble"),
    [
        ([0], "version 0 after version 1"),
        ([], "missing after version 1"),
        ([1, 2], "a mixture of versions [1, 2]"),
        ([3], "version 3, which nobody has sent"),
    ],
)
def test_an_answer_that_is_wrong_is_noted(
    ledger: Ledger, versions: list[int], trouble: str
) -> None:
    ledger.check(answer(*versions))
    assert ledger.wrong == [f"file 3 : {trouble}"]


@pytest.mark.parametrize("versions", [[], [0], [1], [2]])
def test_a_request_that_began_before_all_uploads_may_see_any(
    ledger: Ledger, versions: list[int]
) -> None:
    ledger.check(answer(*versions, age=60))
    assert ledger.wrong == []


def test_an_older_version_passes_within_the_grace_and_a_mixture_never(ledger: Ledger) -> None:
    ledger.grace_seconds = 30
    ledger.check(answer(0))
    assert ledger.wrong == []
    ledger.check(answer(0, 1))
    assert ledger.wrong == ["file 3 : a mixture of versions [0, 1]"]


def test_a_text_names_its_file_and_its_version() -> None:
    assert versions_in(3, FILE.text(7)) == {7}
    with pytest.raises(AssertionError, match="another file"):
        versions_in(4, FILE.text(7))
