# SPDX-License-Identifier: MPL-2.0

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tecken.core.journal import Journal, journal_bytes, leftover_journals


def test_lines_are_read_in_the_order_they_were_added(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "new")
    journal.append(b"first")
    journal.append(b"second")
    assert list(journal.lines()) == [b"first", b"second"]
    assert journal.bytes == journal_bytes(tmp_path / "new") == len(b"first\nsecond\n")
    journal.drop()


def test_a_journal_that_is_held_is_no_leftover(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    assert list(leftover_journals(tmp_path)) == []
    journal.append(b"line")
    journal.leave()
    [leftover] = leftover_journals(tmp_path)
    assert list(leftover.lines()) == [b"line"]
    leftover.drop()


def test_a_leftover_goes_to_one_of_those_who_look(tmp_path: Path) -> None:
    Journal.create(tmp_path).leave()
    [leftover] = leftover_journals(tmp_path)
    assert list(leftover_journals(tmp_path)) == []
    leftover.leave()
    [again] = leftover_journals(tmp_path)
    again.drop()


def test_a_dropped_journal_is_gone(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    journal.append(b"line")
    journal.drop()
    assert list(tmp_path.iterdir()) == []
    assert journal_bytes(tmp_path) == 0


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    journal.append(b"whole")
    [path] = tmp_path.iterdir()
    with path.open("ab") as file:
        file.write(b"ha")
    assert list(journal.lines()) == [b"whole"]
    journal.drop()


def test_a_line_that_has_no_room_leaves_the_others_whole(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path)
    journal.append(b"first")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            journal.append(b"a line of which four bytes fit")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.append(b"second")
    assert list(journal.lines()) == [b"first", b"second"]
    assert journal.bytes == journal_bytes(tmp_path)
    journal.drop()


def test_lines_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from tecken.core.journal import Journal\n"
        "journal = Journal.create(Path(sys.argv[1])); journal.append(b'line')\n"
        f"os.kill(os.getpid(), {signal.SIGKILL.value})"
    )
    killed = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    [leftover] = leftover_journals(tmp_path)
    assert list(leftover.lines()) == [b"line"]
    leftover.drop()
