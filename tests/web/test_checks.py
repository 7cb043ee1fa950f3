# SPDX-License-Identifier: MPL-2.0

import threading
from collections.abc import Iterator

import pytest

from tecken.web.checks import NO_ANSWER, CheckRunner


class Hanging:
    """A check that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = threading.Event()

    def __call__(self) -> str | None:
        self.begun += 1
        self.go.wait(60)
        return None


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    check = Hanging()
    yield check
    check.go.set()


def test_what_each_check_found_is_in_the_order_of_the_checks() -> None:
    found = CheckRunner(60).run({"b": lambda: None, "a": lambda: "It is broken"})
    assert list(found.items()) == [("b", None), ("a", "It is broken")]


def test_checks_run_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def meet() -> None:
        both.wait(60)

    assert CheckRunner(60).run({"a": meet, "b": meet}) == {"a": None, "b": None}


def test_a_check_that_hangs_is_not_waited_for(hanging: Hanging) -> None:
    # Whoever works has its time, also on a machine that has other things to do.
    found = CheckRunner(1).run({"hangs": hanging, "works": lambda: None})
    assert found == {"hangs": NO_ANSWER, "works": None}


def test_a_check_that_hangs_is_begun_once_until_it_ends(hanging: Hanging) -> None:
    runner = CheckRunner(0.1)
    for _ in range(3):
        assert runner.run({"hangs": hanging}) == {"hangs": NO_ANSWER}
    assert hanging.begun == 1
    hanging.go.set()
    runner.run({"hangs": hanging})
    assert runner.run({"hangs": hanging}) == {"hangs": None}
    assert hanging.begun > 1


def test_an_error_that_nobody_expects_is_raised() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        CheckRunner(60).run({"fails": fail})
