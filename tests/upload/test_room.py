# SPDX-License-Identifier: MPL-2.0

"""What must stay free on the disk does, however much a small archive unpacks to."""

import io
import shutil
from copy import copy
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from pytest_django.fixtures import Settings
from tests.upload.examples import Post

from tecken.upload.models import FileUpload, Upload
from tecken.upload.spool import spool_folder

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def zeros() -> bytes:
    """A megabyte of archive. No index and no compression: its files take in the bucket what they say."""
    single, archive = io.BytesIO(), io.BytesIO()
    with ZipFile(single, "w", ZIP_DEFLATED) as writer:
        writer.writestr("0", bytes(16 * MIB))
    [info] = writer.infolist()
    packed = single.getvalue()[len(info.FileHeader()) :][: info.compress_size]
    with ZipFile(archive, "w") as writer:  # which would take seconds to pack the same sixty times
        for number in range(60):
            member = copy(info)
            member.filename = f"zeros.dll/ABC{number}/zeros{number}.dll"
            member.header_offset = archive.tell()
            archive.write(member.FileHeader() + packed)
            writer.filelist.append(member)
        writer.start_dir, writer._didModify = archive.tell(), True
    return archive.getvalue()


@pytest.fixture
def nearly_full(bucket: Path, settings: Settings) -> int:
    """Leave room for a third of the zeros, and for what others do on this disk meanwhile."""
    settings.UPLOAD_MIN_FREE_BYTES = shutil.disk_usage(bucket).free - 320 * MIB
    return settings.UPLOAD_MIN_FREE_BYTES


def left_behind(bucket: Path) -> list[Path]:
    return [path for folder in (bucket, spool_folder()) for path in folder.rglob("*")]


def test_many_members_of_zeros_are_refused_as_a_bomb(
    post: Post, uploader: str, bucket: Path, zeros: bytes
) -> None:
    answer = post(zeros, uploader)
    assert answer.status_code == 413
    assert left_behind(bucket) == []
    assert not Upload.objects.exists()


def test_what_has_no_room_is_refused_and_leaves_nothing(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    nearly_full: int,
    zeros: bytes,
) -> None:
    settings.UPLOAD_MAX_RATIO = 2000
    answer = post(zeros, uploader)
    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "symbols: the disk has no room for it",
    )
    assert left_behind(bucket) == []
    assert not Upload.objects.exists()
    assert not FileUpload.objects.exists()
