# SPDX-License-Identifier: MPL-2.0

import logging
import threading

import pytest

from tecken.core.concurrency import later
from tecken.core.concurrency.later import LaterThread, now

SECONDS = 30


def test_work_is_done_once_for_each_name_while_it_waits() -> None:
    run, done = LaterThread("test"), []
    blocked, go_on, last = threading.Event(), threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        assert go_on.wait(SECONDS)

    run("first", block)
    assert blocked.wait(SECONDS)
    for number in range(3):
        run("second", lambda number=number: done.append(number))
    run("last", last.set)
    assert done == []
    go_on.set()
    assert last.wait(SECONDS)
    assert done == [0]
    ended = threading.Event()
    run("second", lambda: (done.append("later"), ended.set()))
    assert ended.wait(SECONDS)
    assert done == [0, "later"]


def test_what_is_asked_for_while_it_is_done_is_done_once_more() -> None:
    run, done = LaterThread("test"), []
    begun, go_on, last = threading.Event(), threading.Event(), threading.Event()

    def look(what: str) -> None:
        done.append(what)
        begun.set()
        assert go_on.wait(SECONDS)

    run("look", lambda: look("first"))
    assert begun.wait(SECONDS)
    for _ in range(3):
        run("look", lambda: look("again"))
    run("last", last.set)
    go_on.set()
    assert last.wait(SECONDS)
    assert done == ["first", "again"]


def test_work_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    run, done = LaterThread("test"), threading.Event()
    with caplog.at_level(logging.ERROR):
        run("bad", lambda: 1 // 0)
        run("good", done.set)
        assert done.wait(SECONDS)
    assert "bad failed" in caplog.text


def test_only_so_much_work_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "_MAX_WAITING", 2)  # the real number takes long
    run, done = LaterThread("test"), []
    blocked, go_on, last = threading.Event(), threading.Event(), threading.Event()
    run("block", lambda: (blocked.set(), go_on.wait(SECONDS)))
    assert blocked.wait(SECONDS)
    run("one", lambda: done.append(1))
    run("two", lambda: (done.append(2), last.set()))
    run("too many", lambda: done.append(3))
    go_on.set()
    assert last.wait(SECONDS)
    ended = threading.Event()
    run("after", ended.set)
    assert ended.wait(SECONDS)
    assert done == [1, 2]


def test_the_thread_ends_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "_IDLE_SECONDS", 0.0)  # really 10
    run, threads = LaterThread("test"), []
    for _ in range(3):
        run("any", lambda: threads.append(threading.current_thread()))
        while not threads:
            pass
        threads.pop().join(SECONDS)
    assert threads == []


def test_at_once_means_at_once() -> None:
    done: list[int] = []
    now("any", lambda: done.append(1))
    assert done == [1]
