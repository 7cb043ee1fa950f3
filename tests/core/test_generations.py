# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import functools
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tecken.core.generations import FileGenerations

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
RAISE = """
import sys
from pathlib import Path
from tecken.core.generations import FileGenerations
generations = FileGenerations(Path(sys.argv[1]))
for _ in range(1000):
    generations.raise_([sys.argv[2]])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "caches" / "generations"


def test_a_key_starts_at_zero_and_is_raised(path: Path) -> None:
    generations = FileGenerations(path)
    before = generations.read([KEY, "other/AB/other.sym"])
    generations.raise_([KEY])
    assert before == [0, 0]
    assert generations.read([KEY, "other/AB/other.sym"]) == [1, 0]


def test_a_key_given_twice_is_raised_once(path: Path) -> None:
    generations = FileGenerations(path)
    generations.raise_([KEY, KEY])
    assert generations.read([KEY]) == [1]


def test_another_opener_sees_it_and_keeps_it(path: Path) -> None:
    FileGenerations(path).raise_([KEY])
    reader = FileGenerations(path)
    FileGenerations(path).raise_([KEY])
    assert reader.read([KEY]) == [2]


def test_no_raise_of_any_process_or_thread_is_lost(path: Path) -> None:
    generations = FileGenerations(path)
    command = [sys.executable, "-c", RAISE, str(path), KEY]
    start = functools.partial(subprocess.Popen, command)
    with start() as one, start() as two:
        threads = [
            threading.Thread(target=lambda: [generations.raise_([KEY]) for _ in range(1000)])
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (one.returncode, two.returncode) == (0, 0)
    assert generations.read([KEY]) == [4000]


def test_names_in_unicode_are_keys_too(path: Path) -> None:
    generations = FileGenerations(path)
    generations.raise_(["Ā ~+.so/AB/Ā ~+.so.sym"])
    assert generations.read(["Ā ~+.so/AB/Ā ~+.so.sym"]) == [1]
