# SPDX-License-Identifier: MPL-2.0

"""A node's folder of very many entries, used by several processes, some of which are killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import save_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.scan import index_stream
from tecken.core.tiers.entry_table import TABLE_FILE, EntryTable
from tecken.core.tiers.node import NodeTier

TEXT = b"FUNC 10 10 0 f\n"
WRITER = """
import sys
from io import BytesIO
from pathlib import Path
from tecken.core.symbols.scan import index_stream
from tecken.core.tiers.node import NodeTier
folder, max_bytes, name, count = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
tier = NodeTier(folder, max_bytes)
folder.mkdir(exist_ok=True)
for number in range(count):
    tier.put(f"{name}-{number}", lambda write: index_stream(BytesIO(b"FUNC 10 10 0 f\\n"), write, object_id="id"))
    print(number, flush=True)
"""


def build(write: Callable[[bytes], object]) -> SymbolIndex:
    return index_stream(BytesIO(TEXT), write, object_id="id")


SIZE = len(save_index(build(lambda _: None)))  # of an entry


def put(tier: NodeTier, identity: str) -> None:
    tier.put(identity, build)


def has(tier: NodeTier, identity: str) -> bool:
    return tier.get(identity, ReadLog()) is not None


def entries(folder: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in folder.glob("*.index")}


def known(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / TABLE_FILE)) as table:
        return {name for (name,) in table.execute("SELECT name FROM entries")}


def bytes_known(folder: Path) -> int:
    with closing(sqlite3.connect(folder / TABLE_FILE)) as table:
        [(total,)] = table.execute("SELECT bytes FROM folder")
    return int(total)


def was_looked_through(folder: Path, when: float) -> None:
    with closing(sqlite3.connect(folder / TABLE_FILE)) as table, table:
        table.execute("UPDATE folder SET scanned = ?", [when])


def fill(folder: Path, count: int) -> None:
    """Make a folder as the versions left it that had no table; the entries are of different age."""
    folder.mkdir()
    index, now = save_index(build(lambda _: None)), time.time()
    for number in range(count):
        path = folder / f"{number:032x}.index"
        path.write_bytes(index)
        os.utime(path, (now - 2 * count + number,) * 2)


def seconds_of_adding(folder: Path, count: int) -> float:
    """Return the processor time that an entry takes in a folder of so many, which is full."""
    fill(folder, count)
    tier = NodeTier(folder, count * SIZE)
    put(tier, "the first one looks through the folder")
    assert len(entries(folder)) == len(known(folder)) == count
    started = time.process_time()
    for number in range(100):
        put(tier, str(number))
    seconds = time.process_time() - started
    assert len(entries(folder)) == count
    assert bytes_known(folder) == count * SIZE
    return seconds / 100


def test_an_entry_costs_the_same_however_many_there_are(tmp_path: Path) -> None:
    few = seconds_of_adding(tmp_path / "few", 200)
    many = seconds_of_adding(tmp_path / "many", 20_000)
    # A hundred times as many. The table is a tree, and the system's own folders are.
    assert many < 4 * few


def test_the_oldest_entries_of_a_folder_without_table_go_first(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    fill(folder, 100)
    put(NodeTier(folder, 50 * SIZE), "new")
    assert sorted(entries(folder) - known(folder)) == []
    assert {f"{number:032x}" for number in range(51, 100)} < entries(folder)
    assert len(entries(folder)) == 50


def test_entries_that_were_used_since_stay_and_the_cost_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    tier = NodeTier(folder, 300 * SIZE)
    folder.mkdir()
    for number in range(300):
        put(tier, str(number))
    # All but two were used again, the first ones last.
    now = time.time()
    for number in range(300):
        if number not in {150, 290}:
            path = folder / f"{tier._name(str(number))}.index"
            os.utime(path, (now + 300 - number,) * 2)
    looked: list[str] = []
    measure = tier._table._measure
    monkeypatch.setattr(tier._table, "_measure", lambda name: looked.append(name) or measure(name))
    put(tier, "new")
    assert len(looked) <= 17
    assert len(entries(folder)) == 300
    for number in range(200):
        put(tier, f"newer {number}")
    assert not has(tier, "150")
    assert has(tier, "0")


def write(folder: Path, max_bytes: int, name: str, count: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", WRITER, str(folder), str(max_bytes), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_several_processes_stay_within_the_bound_together(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    writers = [write(folder, 100 * SIZE, str(number), 150) for number in range(4)]
    for writer in writers:
        assert writer.communicate()[0].splitlines()[-1] == b"149"
        assert writer.returncode == 0
    assert entries(folder) == known(folder)
    assert len(entries(folder)) == 100
    assert bytes_known(folder) == 100 * SIZE


def test_killed_processes_leave_a_folder_that_is_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for number in range(6):
        writers = [write(folder, 100 * SIZE, f"{number}-{n}", 10_000) for n in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(10 + 15 * number):
                writer.stdout.readline()
            time.sleep(number / 1000)
            os.kill(writer.pid, signal.SIGKILL)
        for writer in writers:
            writer.communicate()
            assert writer.returncode == -signal.SIGKILL
    # Whoever is killed between its entry and the table leaves one entry.
    assert len(entries(folder) - known(folder)) <= 12
    was_looked_through(folder, 0)
    put(NodeTier(folder, 100 * SIZE), "new")
    assert entries(folder) == known(folder)
    assert len(entries(folder)) == 100


@contextmanager
def looked_through_soon() -> Iterator[None]:
    """Wait for the threads that look through a folder."""
    yield
    for thread in threading.enumerate():
        if thread.name == "node-folder":
            thread.join()


def test_what_was_brought_and_taken_away_by_hand_is_found_after_an_hour(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    tier = NodeTier(folder, 100 * SIZE)
    folder.mkdir()
    for number in range(10):
        put(tier, str(number))
    for path in list(folder.glob("*.index"))[:5]:
        path.unlink()
    shutil.copy(next(folder.glob("*.index")), folder / f"{7:032x}.index")
    was_looked_through(folder, time.time() - 3500)
    with looked_through_soon():
        put(tier, "new")
    assert entries(folder) != known(folder)
    was_looked_through(folder, time.time() - 3700)
    with looked_through_soon():
        put(tier, "newer")
    assert entries(folder) == known(folder)
    assert bytes_known(folder) == 8 * SIZE


@pytest.mark.parametrize("damage", [b"not a table", b"", None], ids=["other", "empty", "half"])
def test_a_damaged_table_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    folder = tmp_path / "folder"
    tier = NodeTier(folder, 50 * SIZE)
    folder.mkdir()
    for number in range(200):
        put(tier, str(number))
    table = folder / TABLE_FILE
    table.write_bytes(table.read_bytes()[:9000] + b"\xff" * 9000 if damage is None else damage)
    for number in range(3):
        put(tier, f"new {number}")
    assert has(tier, "new 2")
    assert entries(folder) == known(folder)
    assert len(entries(folder)) <= 50


def test_a_table_or_folder_that_vanishes_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    tier = NodeTier(folder, 50 * SIZE)
    folder.mkdir()
    for number in range(60):
        put(tier, str(number))
    (folder / TABLE_FILE).unlink()
    put(tier, "new")
    assert entries(folder) == known(folder)
    assert len(entries(folder)) == 50
    shutil.rmtree(folder)
    with tier.building("new"):
        put(tier, "new")
    assert has(tier, "new")


def test_what_cannot_be_noted_is_used_and_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / TABLE_FILE).mkdir(parents=True)
    tier = NodeTier(folder, 50 * SIZE)
    assert tier.put("a", build).index.object_id == "id"
    assert tier.put_text("b", build) is not None
    assert entries(folder) == set()
    tier.drop("a")


def test_a_table_that_is_locked_for_long_is_trouble(tmp_path: Path) -> None:
    tmp_path.joinpath("folder").mkdir()
    table = EntryTable(tmp_path / "folder", lambda _: None, lambda _: None)
    table.note("a", 1)
    with closing(sqlite3.connect(tmp_path / "folder" / TABLE_FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"):
            table.forget("a")
