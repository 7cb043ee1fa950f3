# SPDX-License-Identifier: MPL-2.0

"""What must stay free on the disk does, however much a small archive unpacks to."""

import shutil
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.upload.examples import Post, zipped

from tecken.upload.models import FileUpload, Upload
from tecken.upload.spool import spool_folder

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def zeros() -> bytes:
    """A megabyte of archive. No index and no compression: its files take in the bucket what they say."""
    data = bytes(16 * MIB)
    return zipped({f"zeros.dll/ABC{number}/zeros{number}.dll": data for number in range(60)})


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
