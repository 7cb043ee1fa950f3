# SPDX-License-Identifier: MPL-2.0

"""The disk: what a small native file becomes when it is read leaves on it what was promised."""

import os
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.support.native_files import PROGRAM_FULL, with_announced_size
from tests.upload.examples import Post

from tecken.core.errors import NoRoomError
from tecken.core.native.derive import derive, derive_share
from tecken.core.native.model import NativeFiles
from tecken.core.tempfiles.checked_file import open_checked
from tecken.core.tempfiles.spooling import FreeSpace
from tecken.upload.deriving.uploads import derive_pending
from tecken.upload.models import FileUpload

GIB = 1024**3


def free_bytes(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


@pytest.mark.django_db
def test_a_file_that_would_fill_the_disk_is_refused_with_a_reason(
    post: Post, uploader: str, settings: Settings, tmp_path: Path
) -> None:
    """It announces 15 GiB and has a thousand bytes; others of this machine write meanwhile, so there are some to spare."""
    settings.UPLOAD_MIN_FREE_BYTES = max(free_bytes(tmp_path) - 5 * GIB, 1)
    answer = post({"crash": with_announced_size(PROGRAM_FULL, 15 * GIB)}, uploader)
    assert answer.status_code == 201
    (file,) = answer.json()["upload"]["files"]
    assert file["derivation"] == "pending"  # there may be room when nobody waits
    assert derive_pending(answer.json()["upload"]["id"]) == 0
    row = FileUpload.objects.get()
    assert row.derivation == "failed"
    assert row.problem.startswith("there is no room on the disk")


def test_what_is_written_is_looked_at_before_it_is(tmp_path: Path) -> None:
    program = tmp_path / "crash"
    program.write_bytes(PROGRAM_FULL)
    full = FreeSpace(tmp_path, free_bytes(tmp_path) + GIB)
    files = NativeFiles("crash", executable=program, free_space=full)
    for work in (derive, derive_share):
        output = tmp_path / work.__name__
        if work is derive_share:
            output.mkdir()
        with pytest.raises(NoRoomError):
            work(files, output)


def test_a_full_disk_is_no_other_error(tmp_path: Path) -> None:
    full = Path("/dev/full")
    with pytest.raises(NoRoomError), open_checked(full, None) as file:
        file.write(b"x")
