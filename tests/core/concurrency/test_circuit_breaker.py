# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.concurrency.circuit_breaker import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    CircuitBreaker,
)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def test_everyone_may_ask_while_all_is_well(breaker: CircuitBreaker) -> None:
    assert breaker.may_ask()
    breaker.worked()
    assert breaker.may_ask()


def test_nobody_asks_in_the_pause_after_a_failure(breaker: CircuitBreaker, clock: Clock) -> None:
    assert breaker.failed() == FIRST_PAUSE_SECONDS
    clock.now += FIRST_PAUSE_SECONDS - 0.1
    assert not breaker.may_ask()


def test_one_tries_after_the_pause_and_the_others_wait_for_it(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    breaker.failed()
    clock.now += FIRST_PAUSE_SECONDS
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]
    breaker.worked()
    assert breaker.may_ask()


def test_pauses_grow_to_a_limit(breaker: CircuitBreaker, clock: Clock) -> None:
    pauses = [breaker.failed()]
    for _ in range(4):
        clock.now += pauses[-1] or 0
        assert breaker.may_ask()
        pauses.append(breaker.failed())
    assert pauses == [5.0, 10.0, 20.0, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_those_who_asked_before_the_pause_do_not_make_it_longer(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    breaker.failed()
    assert [breaker.failed() for _ in range(15)] == [None] * 15
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_ask()


def test_one_who_never_reports_holds_nobody_up_for_ever(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    breaker.failed()
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_ask()
    clock.now += FIRST_PAUSE_SECONDS
    assert breaker.may_ask()


def test_it_says_whether_it_pauses(breaker: CircuitBreaker, clock: Clock) -> None:
    assert not breaker.is_pausing
    breaker.failed()
    assert breaker.is_pausing
    clock.now += FIRST_PAUSE_SECONDS
    assert not breaker.is_pausing
    breaker.may_ask()
    breaker.failed()
    assert breaker.is_pausing
    breaker.worked()
    assert not breaker.is_pausing
