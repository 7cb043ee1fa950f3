# SPDX-License-Identifier: MPL-2.0

import functools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.support.full_disk import needs_tmpfs, on_tmpfs

from tecken.core.locating.generations import FileGenerations, Generation, Generations, still_holds

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
OTHER = "other/AB/other.sym"
# Raises a key so often that a raise that is lost shows, and says how often that was.
RAISE = """
import sys
from pathlib import Path
from tecken.core.locating.generations import FileGenerations
generations = FileGenerations(Path(sys.argv[1]))
for _ in range(1000):
    generations.raise_([sys.argv[2]])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "caches" / "generations"


def generation(generations: Generations, key: str = KEY) -> Generation:
    [read] = generations.read([key])
    return read


def keys(upload: int, count: int = 20_000) -> list[str]:
    """The keys of an upload that is as large as they get."""
    return [f"m{n}.so/{upload:016X}{n:016X}0/m{n}.so.sym" for n in range(count)]


def share_outdated(before: Iterable[Generation], after: Iterable[Generation]) -> float:
    held = [still_holds(*pair) for pair in zip(before, after, strict=True)]
    return held.count(False) / len(held)


def test_a_raise_outdates_its_key_alone(path: Path) -> None:
    generations = FileGenerations(path)
    before = generations.read([KEY, OTHER])
    generations.raise_([KEY])
    after = generations.read([KEY, OTHER])
    assert not still_holds(before[0], after[0])
    assert still_holds(before[1], after[1])


def test_every_key_of_a_large_upload_is_outdated(path: Path) -> None:
    generations = FileGenerations(path)
    before = generations.read(keys(1))
    generations.raise_(keys(1))
    assert share_outdated(before, generations.read(keys(1))) == 1.0


def test_twenty_large_uploads_outdate_few_other_keys(path: Path) -> None:
    generations = FileGenerations(path)
    generations.raise_(keys(99))  # it is not only at the beginning that they are few
    others = [f"o{n}.pdb/ABC{n:X}/o{n}.sym" for n in range(20_000)]
    before = generations.read(others)
    for upload in range(20):
        generations.raise_(keys(upload))
    assert share_outdated(before, generations.read(others)) < 0.01


def test_another_opener_sees_it_and_keeps_it(path: Path) -> None:
    FileGenerations(path).raise_([KEY])
    reader = FileGenerations(path)
    before = generation(reader)
    FileGenerations(path).raise_([KEY])
    assert not still_holds(before, generation(reader))
    assert generation(FileGenerations(path)) == generation(reader)


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
    assert generation(generations)[1:] == (4000,) * 5


def test_names_in_unicode_are_keys_too(path: Path) -> None:
    generations, name = FileGenerations(path), "Ā ~+.so/AB/Ā ~+.so.sym"
    before = generation(generations, name)
    generations.raise_([name])
    assert not still_holds(before, generation(generations, name))


def write_earlier(path: Path) -> None:
    """The file of an earlier version: 65,536 counters of 64 bits."""
    path.write_bytes(b"\1" * 65_536 * 8)


def cut(path: Path) -> None:
    path.write_bytes(b"")


def shorten(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1_000_000)


spoilt = pytest.mark.parametrize("spoil", [Path.unlink, cut, shorten, write_earlier])


@spoilt
def test_a_file_that_was_deleted_or_spoilt_is_made_anew_for_all(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    """As processes that have mapped it before; the first to notice may read or raise."""
    for first in ("reads", "raises"):
        processes = [FileGenerations(path) for _ in range(4)]
        before = processes[0].read([KEY, OTHER])
        spoil(path)
        if first == "raises":
            processes[0].raise_([KEY])
        after = [each.read([KEY, OTHER]) for each in processes]
        assert after == [after[0]] * 4
        assert share_outdated(before, after[0]) == 1.0
        processes[1].raise_([OTHER])
        assert all(not still_holds(after[0][1], generation(each, OTHER)) for each in processes)
        assert all(still_holds(after[0][0], generation(each, KEY)) for each in processes)


@spoilt
def test_a_file_that_is_spoilt_again_and_again_kills_nobody_and_loses_no_raise(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    """Somebody who cuts a file that is mapped may still kill a reader, in the few microseconds after
    that has looked; so only those who replace it do so at the same time here."""
    uploader, reader = FileGenerations(path), FileGenerations(path)
    for _ in range(50):
        before = generation(reader)
        spoil(path)
        uploader.raise_([KEY])
        assert not still_holds(before, generation(reader))


def test_the_path_may_be_deleted_at_any_moment(path: Path) -> None:
    stop = threading.Event()

    def delete() -> None:
        while not stop.wait(0.002):
            path.unlink(missing_ok=True)

    uploader, reader = FileGenerations(path), FileGenerations(path)
    deleting = threading.Thread(target=delete)
    deleting.start()
    try:
        for _ in range(300):
            before = generation(reader)
            uploader.raise_([KEY])
            assert not still_holds(before, generation(reader))
    finally:
        stop.set()
        deleting.join()


def test_all_of_the_file_is_allocated(path: Path) -> None:
    FileGenerations(path).prepare()
    assert path.stat().st_blocks * 512 >= FileGenerations.BYTES


def test_a_copy_with_holes_is_filled(path: Path) -> None:
    FileGenerations(path).raise_([KEY])
    data = path.read_bytes()
    path.unlink()
    with path.open("wb") as file:  # as a backup is restored
        file.write(data[:4])
        file.truncate(len(data))
    FileGenerations(path).prepare()
    assert path.stat().st_blocks * 512 >= FileGenerations.BYTES


@needs_tmpfs
def test_on_a_full_disk_there_is_no_file_but_an_error_and_nothing_is_used_for_long(
    tmp_path: Path,
) -> None:
    """In a process of its own: one that touches what is not allocated is killed."""
    on_tmpfs(tmp_path, FULL_DISK, megabytes=40)


FULL_DISK = """
import sys
from pathlib import Path
from tecken.core.locating.generations import FileGenerations, still_holds

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
disk = Path(sys.argv[1])
path, filler = disk / "generations", disk / "filler"

def fill() -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(100_000))
        except OSError:
            pass

fill()
with filler.open("r+b") as file:
    file.truncate(filler.stat().st_size - 3_000_000)  # some room, but not enough
processes = [FileGenerations(path) for _ in range(2)]
try:
    processes[0].prepare()
except OSError as error:
    assert "No space left" in str(error), error
else:
    raise AssertionError("there was room")
filler.unlink()
for each in processes:
    each._file._retry_at = 0.0
    each.prepare()
fill()
processes[0].raise_([f"m{n}/AB/m{n}.sym" for n in range(20_000)])  # touches all pages
[before] = processes[1].read([KEY])
path.unlink()
fill()
processes[0].raise_([KEY])  # a warning
for each in processes:
    [now] = each.read([KEY])
    assert now[0] < 0 and not still_holds(before, now), now
filler.unlink()
for each in processes:
    each._file._retry_at = 0.0
first, second = (each.read([KEY]) for each in processes)
assert first == second and first[0][0] > 0 and first[0][0] != before[0]
"""
