# SPDX-License-Identifier: MPL-2.0

"""What is removed of uploads when it is too old, and what is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Post, objects

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.upload.models import FileUpload, Upload
from tecken.upload.tasks import (
    remove_interrupted_uploads,
    remove_try_objects,
    remove_try_uploads,
)


@pytest.fixture(autouse=True)
def _nothing_is_kept(settings: Settings) -> None:
    """Whatever was uploaded before now is too old."""
    settings.TRY_SYMBOLS_RETENTION_DAYS = 0


def make_old(**changes: object) -> None:
    Upload.objects.update(created_at=timezone.now() - timedelta(days=31), **changes)
    FileUpload.objects.update(created_at=timezone.now() - timedelta(days=31))


def test_try_symbols_are_removed_and_regular_ones_stay(
    post: Post, bucket: Path, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    post({NAME: TEXT, BINARY_NAME: b"MSCF"}, uploader, **{"try": "1"})
    assert remove_try_objects.clean() == 2
    assert list(objects(bucket)) == [f"v1/{NAME}"]
    assert list((bucket / "try").rglob("*.sym*")) == []


def test_the_caches_are_told(post: Post, try_uploader: str) -> None:
    told: list[SymbolKey] = []
    post({NAME: TEXT}, try_uploader)
    symbol_stored.subscribe(told.extend)
    remove_try_objects.clean()
    assert told == [SymbolKey.parse(NAME)]


def test_a_dry_run_counts_and_removes_nothing(post: Post, bucket: Path, try_uploader: str) -> None:
    post({NAME: TEXT}, try_uploader)
    assert remove_try_objects.remove(dry_run=True) == 1
    assert remove_try_uploads.remove(dry_run=True) == 1
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]
    assert Upload.objects.count() == 1


def test_what_a_later_upload_found_there_is_kept(
    post: Post, bucket: Path, try_uploader: str
) -> None:
    post({NAME: TEXT, BINARY_NAME: b"MSCF"}, try_uploader)
    post({NAME: TEXT}, try_uploader)
    later = Upload.objects.latest("pk")
    Upload.objects.filter(pk=later.pk).update(created_at=timezone.now() + timedelta(hours=1))
    assert remove_try_objects.clean() == 1
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


def test_what_is_young_is_kept(
    post: Post, bucket: Path, try_uploader: str, settings: Settings
) -> None:
    settings.TRY_SYMBOLS_RETENTION_DAYS = 30
    post({NAME: TEXT}, try_uploader)
    assert (remove_try_objects.clean(), remove_try_uploads.clean()) == (0, 0)
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


@pytest.mark.parametrize("of", ["SYMBOL_URLS", "UPLOAD_URL_EXCEPTIONS"])
def test_nothing_is_removed_where_try_symbols_lie_among_regular_ones(
    post: Post, bucket: Path, try_uploader: str, settings: Settings, of: str
) -> None:
    post({NAME: TEXT}, try_uploader)
    if of == "SYMBOL_URLS":
        settings.SYMBOL_URLS = (settings.UPLOAD_DEFAULT_URL, settings.UPLOAD_TRY_SYMBOLS_URL)
    else:
        settings.UPLOAD_URL_EXCEPTIONS = {"a@example.com": settings.UPLOAD_TRY_SYMBOLS_URL}
    assert remove_try_objects.clean() == 0
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


def test_rows_of_old_try_uploads_go_with_their_files_and_regular_ones_stay(
    post: Post, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    post({NAME: TEXT}, uploader, **{"try": "1"})
    make_old()
    assert remove_try_uploads.clean() == 1
    assert [upload.try_symbols for upload in Upload.objects.all()] == [False]
    assert FileUpload.objects.count() == 1


def test_the_row_of_a_file_that_a_later_upload_found_there_stays(
    post: Post, try_uploader: str
) -> None:
    post({NAME: TEXT, BINARY_NAME: b"MSCF"}, try_uploader)
    first = Upload.objects.get()
    make_old()
    post({NAME: TEXT}, try_uploader)
    later = Upload.objects.exclude(pk=first.pk)
    later.update(created_at=timezone.now() + timedelta(hours=1))
    assert remove_try_uploads.remove(dry_run=True) == 0
    assert remove_try_uploads.clean() == 0
    assert [(file.key, file.upload) for file in FileUpload.objects.all()] == [
        (f"try/v1/{NAME}", first)
    ]
    later.update(created_at=timezone.now())
    assert remove_try_uploads.clean() == 2
    assert FileUpload.objects.count() == 0


def test_the_row_of_a_try_upload_under_way_stays(post: Post, try_uploader: str) -> None:
    post({NAME: TEXT}, try_uploader)
    Upload.objects.update(completed_at=None)
    assert remove_try_uploads.clean() == 0
    make_old()
    assert remove_try_uploads.clean() == 1


def test_rows_of_an_upload_that_stored_nothing_go(post: Post, uploader: str) -> None:
    post({NAME: TEXT}, uploader)
    make_old(completed_at=None)
    FileUpload.objects.update(completed_at=None)
    assert remove_interrupted_uploads.remove(dry_run=True) == 2
    assert remove_interrupted_uploads.clean() == 2
    assert (Upload.objects.count(), FileUpload.objects.count()) == (0, 0)


def test_rows_of_what_an_interrupted_upload_stored_stay(post: Post, uploader: str) -> None:
    post({NAME: TEXT, BINARY_NAME: b"MSCF"}, uploader)
    make_old(completed_at=None)
    FileUpload.objects.filter(key=f"v1/{BINARY_NAME}").update(completed_at=None)
    assert remove_interrupted_uploads.clean() == 1
    assert [file.key for file in FileUpload.objects.all()] == [f"v1/{NAME}"]
    assert Upload.objects.count() == 1


def test_an_upload_that_may_still_go_on_stays(post: Post, uploader: str) -> None:
    post({NAME: TEXT}, uploader)
    Upload.objects.update(completed_at=None)
    FileUpload.objects.update(completed_at=None)
    assert remove_interrupted_uploads.clean() == 0
