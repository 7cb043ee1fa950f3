# SPDX-License-Identifier: MPL-2.0

"""Temporary files: what a process left that was killed, and what a living one still needs."""

import signal
import subprocess
import sys
from pathlib import Path

from tecken.core.tempfiles.held_files import hold_new_file, leftover_files, sweep_leftovers

HOLD = """
import sys, time
from pathlib import Path
from tecken.core.tempfiles.held_files import hold_new_file
with hold_new_file(Path(sys.argv[1]), "request", "a.zip") as file:
    file.write(b"half")
    file.flush()
    print("held", flush=True)
    time.sleep(60)
"""


def start_holder(folder: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def kill(holder: "subprocess.Popen[str]") -> None:
    holder.send_signal(signal.SIGKILL)
    holder.communicate()


def test_a_file_is_written_read_and_removed(tmp_path: Path) -> None:
    with hold_new_file(tmp_path, "a") as file:
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"
    assert list(tmp_path.iterdir()) == []


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    with hold_new_file(tmp_path, "9f86", "../my \u20ac symbols.zip"):
        (path,) = tmp_path.iterdir()
        assert path.name.startswith("9f86-.._my___symbols.zip-")
        assert path.suffix == ".part"


def test_long_names_fit(tmp_path: Path) -> None:
    with hold_new_file(tmp_path, "9f86", "x" * 1000 + ".zip"):
        assert len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    assert sweep_leftovers(tmp_path) == 0
    kill(holder)
    assert len(list(leftover_files(tmp_path))) == 1
    assert sweep_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    holder = start_holder(tmp_path)
    assert list(leftover_files(tmp_path)) == []
    assert sweep_leftovers(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 1
    kill(holder)


def test_the_own_files_of_a_process_are_left_alone(tmp_path: Path) -> None:
    with hold_new_file(tmp_path, "a"):
        assert sweep_leftovers(tmp_path) == 0


def test_other_files_and_a_folder_that_is_not_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert sweep_leftovers(tmp_path) == 0
    assert sweep_leftovers(tmp_path / "nowhere") == 0
    assert (tmp_path / "notes.txt").exists()
