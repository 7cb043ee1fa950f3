# SPDX-License-Identifier: MPL-2.0

"""Room for archives: what is refused before and while they arrive."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tecken.core.errors import InvalidRequestError, LimitExceededError, NoRoomError
from tecken.upload.scratch import new_folder, sweep_folders
from tecken.upload.spool import Spool, spool_folder


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "uploads", max_bytes=1_000_000) as spool:
        yield spool


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow over ``size``: what a full disk does, without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_archive_arrives_in_chunks(spool: Spool) -> None:
    spool.new_file("file", "a.zip")
    spool.write(b"ab")
    spool.write(b"c")
    spool.complete()
    archive = spool.archive()
    archive.file.seek(0)
    assert archive.file.read() == b"abc"
    assert (archive.name, archive.size) == ("a.zip", 3)
    assert archive.content_hash == "900150983cd24fb0d6963f7d28e17f72"


def test_the_file_is_named_by_the_archive_and_goes_at_the_end(tmp_path: Path) -> None:
    with Spool(tmp_path, max_bytes=1_000_000) as spool:
        spool.new_file("file", "a.zip")
        (path,) = tmp_path.iterdir()
        assert "-a.zip-" in path.name
    assert list(tmp_path.iterdir()) == []


def test_the_file_goes_after_an_error_too(tmp_path: Path) -> None:
    with Spool(tmp_path, max_bytes=3) as spool:
        spool.new_file("file", "a.zip")
        with pytest.raises(LimitExceededError):
            spool.write(b"four")
    assert list(tmp_path.iterdir()) == []


def test_a_form_around_the_largest_archive_is_fine(spool: Spool) -> None:
    spool.check_length(1_000_000 + 1000)
    with pytest.raises(LimitExceededError):
        spool.check_length(1_100_000)


def test_an_archive_is_refused_at_the_first_byte_over_the_limit(spool: Spool) -> None:
    spool.new_file("file", "a.zip")
    spool.write(b"x" * 1_000_000)
    with pytest.raises(LimitExceededError):
        spool.write(b"x")


def test_an_archive_that_the_disk_has_no_room_for_is_refused_before_it_comes(
    tmp_path: Path,
) -> None:
    with Spool(tmp_path, max_bytes=1 << 62) as spool, pytest.raises(NoRoomError):
        spool.check_length(1 << 60)


def test_what_must_stay_free_is_not_taken_before_or_while_an_archive_comes(tmp_path: Path) -> None:
    with Spool(tmp_path, max_bytes=1 << 62, min_free_bytes=1 << 60) as spool:
        with pytest.raises(NoRoomError):
            spool.check_length(0)
        spool.new_file("file", "a.zip")
        with pytest.raises(NoRoomError):
            spool.write(bytes(16 << 20))


def test_a_disk_that_becomes_full_has_no_room(spool: Spool) -> None:
    spool.new_file("file", "a.zip")
    with largest_file(10_000), pytest.raises(NoRoomError):
        spool.write(b"x" * 100_000)


def test_a_disk_that_is_full_at_the_last_bytes_has_no_room(tmp_path: Path) -> None:
    with largest_file(1000), Spool(tmp_path, max_bytes=1_000_000) as spool:
        spool.new_file("file", "a.zip")
        spool.write(b"x" * 2000)
        with pytest.raises(NoRoomError):
            spool.complete()


def test_without_a_file_there_is_no_archive(spool: Spool) -> None:
    with pytest.raises(InvalidRequestError, match="at least one file"):
        spool.archive()


def test_a_folder_of_native_files_goes_with_its_upload(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    spool_folder().mkdir(parents=True)
    left = spool_folder() / "of-a-killed-process.files"
    left.mkdir()
    (left / "0").write_bytes(b"program")
    with new_folder("symbols.zip") as folder:
        (folder / "0").write_bytes(b"program")
        assert sweep_folders() == 1
        assert (folder / "0").exists()
    assert [*spool_folder().iterdir()] == []
