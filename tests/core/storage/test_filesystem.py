# SPDX-License-Identifier: MPL-2.0

"""What only folder buckets have: files by hand, sidecars, crashes, trouble with the disk."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tecken.core.errors import (
    NoRoomError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from tecken.core.storage.base import Content
from tecken.core.storage.filesystem import FolderBucket

KEY = "v1/xul.pdb/ABC1/xul.sym"
TEXT = Content("text/plain", "gzip", {"original_size": "3"})
PLAIN = Content()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "symbols"
    folder.mkdir()
    return folder


@pytest.fixture
def bucket(folder: Path) -> FolderBucket:
    return FolderBucket(folder)


def files(folder: Path) -> list[str]:
    """Return all files but the one that only exists to be locked."""
    paths = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != ".meta/lock")


def write_by_hand(folder: Path, key: str, data: bytes) -> Path:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def sidecar_of(folder: Path, key: str) -> Path:
    [path] = (folder / ".meta" / "objects" / key).glob("*.json")
    return path


def test_the_name_is_that_of_the_folder_unless_given(folder: Path) -> None:
    assert FolderBucket(folder).name == "symbols"
    assert FolderBucket(folder, "other").name == "other"


def test_a_file_made_by_hand_is_an_object_without_metadata(
    bucket: FolderBucket, folder: Path
) -> None:
    write_by_hand(folder, KEY, b"MODULE")
    info = bucket.head(KEY)
    assert (info.size, info.content) == (6, PLAIN)
    with bucket.open(KEY, if_match=info.etag) as reader:
        assert reader.read() == b"MODULE"


def test_a_file_replaced_by_hand_has_lost_its_metadata(bucket: FolderBucket, folder: Path) -> None:
    etag = bucket.put(KEY, b"abc", TEXT).etag
    write_by_hand(folder, KEY, b"def")
    assert bucket.head(KEY).content == PLAIN
    with pytest.raises(ObjectChangedError), bucket.open(KEY, if_match=etag):
        pass


SIDECAR = b'{"content_type": "text/plain", "content_encoding": %s, "metadata": %s}'


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"content_type": 1}',
        b"\xff",
        b"\xef\xbb\xbf" + SIDECAR % (b"null", b"{}"),
        SIDECAR % (b"null", b'{"a": "\xff"}'),
        SIDECAR % (b"null", b'{"\xff": "a"}'),
        SIDECAR % (b"null", b'{"a": 1}'),
        SIDECAR % (b"null", b"[]"),
        SIDECAR % (b"1", b"{}"),
        SIDECAR % (b'"gzip\\r\\nX-Header: x"', b"{}"),
        SIDECAR % ('"é"'.encode(), b"{}"),
        SIDECAR % (b"null", b'{}, "more": ' + b"[" * 100_000),
        SIDECAR % (b"null", b'{"a": "' + b"a" * 20_000_000 + b'"}'),
    ],
    ids=range(15),
)
def test_a_damaged_sidecar_is_no_metadata(folder: Path, damage: bytes) -> None:
    FolderBucket(folder).put(KEY, b"abc", TEXT)
    sidecar_of(folder, KEY).write_bytes(damage)
    bucket = FolderBucket(folder)
    assert bucket.head(KEY).content == PLAIN
    with bucket.open(KEY) as reader:
        assert reader.read() == b"abc"
    assert bucket.put(KEY, b"abcd", TEXT) == bucket.head(KEY)


def test_a_folder_in_place_of_a_sidecar_is_no_metadata(folder: Path) -> None:
    FolderBucket(folder).put(KEY, b"abc", TEXT)
    sidecar = sidecar_of(folder, KEY)
    sidecar.unlink()
    sidecar.mkdir()
    bucket = FolderBucket(folder)
    assert bucket.head(KEY).content == PLAIN
    assert bucket.put(KEY, b"abcd", TEXT) == bucket.head(KEY)
    bucket.delete(KEY)


def test_metadata_is_seen_by_another_process(folder: Path) -> None:
    info = FolderBucket(folder).put(KEY, b"abc", TEXT)
    assert FolderBucket(folder).head(KEY) == info


def test_a_replaced_version_leaves_no_sidecar(bucket: FolderBucket, folder: Path) -> None:
    for size in range(5):
        bucket.put(KEY, b"x" * size, TEXT)
    assert len(files(folder)) == 2


def test_deleting_leaves_no_file_and_no_folder(bucket: FolderBucket, folder: Path) -> None:
    bucket.put(KEY, b"abc", TEXT)
    bucket.put("v1/other", b"abc", TEXT)
    bucket.delete(KEY)
    bucket.delete("v1/other")
    assert files(folder) == []
    assert [path.name for path in folder.iterdir()] == [".meta"]


def test_the_reserved_folder_is_never_listed(bucket: FolderBucket, folder: Path) -> None:
    bucket.put(KEY, b"abc", TEXT)
    assert (folder / ".meta").is_dir()
    assert [info.key for info in bucket.list()] == [KEY]
    assert [info.key for info in bucket.list(".")] == []


def test_a_file_can_be_sent_from_its_descriptor(bucket: FolderBucket) -> None:
    bucket.put(KEY, b"abc", TEXT)
    with bucket.open(KEY) as reader:
        descriptor = reader.fileno()  # type: ignore[attr-defined]
        assert os.fstat(descriptor).st_size == 3


def test_an_object_cannot_be_a_folder_of_others(bucket: FolderBucket) -> None:
    bucket.put("v1/a", b"abc", PLAIN)
    with pytest.raises(StorageError, match=r"v1/a/b: has no place"):
        bucket.put("v1/a/b", b"def", PLAIN)
    assert bucket.head("v1/a").size == 3


def test_a_folder_of_objects_cannot_be_an_object(bucket: FolderBucket, folder: Path) -> None:
    bucket.put("v1/a/b", b"abc", TEXT)
    with pytest.raises(StorageError, match=r"v1/a: has no place"):
        bucket.put("v1/a", b"def", TEXT)
    assert bucket.head("v1/a/b").content == TEXT
    assert len(files(folder)) == 2


def test_a_name_too_long_for_the_file_system_has_no_place(bucket: FolderBucket) -> None:
    with pytest.raises(StorageError, match="has no place"):
        bucket.put("a" * 300, b"", PLAIN)
    with pytest.raises(ObjectNotFoundError):
        bucket.head("a" * 300)


def test_a_vanished_folder_is_trouble_and_not_an_empty_bucket(tmp_path: Path) -> None:
    bucket = FolderBucket(tmp_path / "gone")
    with pytest.raises(StorageUnavailableError):
        bucket.head(KEY)
    with pytest.raises(StorageUnavailableError), bucket.open(KEY):
        pass
    with pytest.raises(StorageUnavailableError):
        list(bucket.list())
    with pytest.raises(StorageUnavailableError):
        bucket.delete(KEY)
    with pytest.raises(StorageUnavailableError):
        bucket.check()


def test_a_vanished_folder_is_never_made_again(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        FolderBucket(tmp_path / "gone").put(KEY, b"", PLAIN)
    assert not (tmp_path / "gone").exists()


def test_what_cannot_be_read_is_trouble_and_not_a_missing_object(
    bucket: FolderBucket, folder: Path
) -> None:
    (folder / "loop").symlink_to("loop")
    with pytest.raises(StorageUnavailableError, match="loop"):
        bucket.head("loop")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow over ``size``: what a full disk or a quota does, without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_no_room_is_said_and_the_old_object_stays(
    bucket: FolderBucket, folder: Path, size: int
) -> None:
    bucket.put(KEY, b"old", TEXT)
    with largest_file(65_536), pytest.raises(NoRoomError):
        bucket.put(KEY, b"x" * size, PLAIN)
    assert bucket.head(KEY).content == TEXT
    assert len(files(folder)) == 2


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from tecken.core.storage.base import Content
from tecken.core.storage.filesystem import FolderBucket
with FolderBucket(Path(sys.argv[1])).create(sys.argv[2], Content()) as writer:
    writer.write(b"x" * 1_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def killed_while_writing(folder: Path) -> Path:
    command = [sys.executable, "-c", KILLED_WRITER, str(folder), KEY]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    [leftover] = (folder / ".meta" / "tmp").iterdir()
    return leftover


def test_a_killed_writer_leaves_nothing_to_be_seen(
    bucket: FolderBucket, killed_while_writing: Path
) -> None:
    assert list(bucket.list()) == []
    with pytest.raises(ObjectNotFoundError):
        bucket.head(KEY)


def test_what_a_killed_writer_left_is_swept_when_it_is_old(
    bucket: FolderBucket, killed_while_writing: Path
) -> None:
    assert bucket.sweep_temporary("", 3600) == 0
    long_ago = time.time() - 3601
    os.utime(killed_while_writing, (long_ago, long_ago))
    assert bucket.sweep_temporary("", 3600) == 1
    assert not killed_while_writing.exists()


def test_a_list_is_in_the_order_of_keys(bucket: FolderBucket) -> None:
    keys = ["a/b/c", "a.b", "a-b/c", "b/.index/x", "Z", "ab", "b/日本", "b/~"]
    for key in keys:
        bucket.put(key, b"", Content())
    assert [info.key for info in bucket.list()] == sorted(keys)


def test_an_object_that_would_take_the_last_room_is_refused_in_its_middle(folder: Path) -> None:
    # What is allowed and what is tried are far apart, as others use this disk, too.
    bucket = FolderBucket(folder, min_free_bytes=shutil.disk_usage(folder).free - (96 << 20))
    with pytest.raises(NoRoomError, match="no room"), bucket.create(KEY, PLAIN) as writer:
        writer.write(bytes(1 << 30))
    with pytest.raises(NoRoomError, match="no room"):
        bucket.put(KEY, bytes(1 << 30), PLAIN)
    with pytest.raises(NoRoomError):
        bucket.check_room(1 << 30)
    assert list(bucket.list()) == []
    assert list((folder / ".meta" / "tmp").iterdir()) == []
    bucket.put(KEY, b"small", PLAIN)
