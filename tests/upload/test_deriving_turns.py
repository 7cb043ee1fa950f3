# SPDX-License-Identifier: MPL-2.0

"""Who may derive symbols, and what becomes of those whose turn does not come."""

from pathlib import Path

import pytest
from django.utils import timezone
from tests.support.native_files import PROGRAM_FULL
from tests.upload.examples import Post, objects

from tecken.core.concurrency.file_lock import file_lock
from tecken.jobs.models import Task
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.models import FileUpload
from tecken.upload.spool import spool_folder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_without_waiting")]


def lock_of(name: str) -> Path:
    return spool_folder().parent / "deriving" / f"{name}.lock"


def test_whose_turn_does_not_come_before_the_answer_is_left_to_the_background(
    post: Post, uploader: str, bucket: Path
) -> None:
    with file_lock(lock_of("before-answers")):
        upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    assert [file["derivation"] for file in upload["files"]] == ["pending"]
    assert Task.objects.get(name=TASK).arguments == {"upload_id": upload["id"]}
    assert derive_pending(upload["id"]) == 1
    assert FileUpload.objects.get(derived=False).derivation == "done"


def test_whose_turn_does_not_come_in_the_background_tries_again_later(
    post: Post, uploader: str, bucket: Path
) -> None:
    with file_lock(lock_of("before-answers")), file_lock(lock_of("background")):
        upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
        Task.objects.all().delete()
        assert derive_pending(upload["id"]) == 0
    assert not [key for key in objects(bucket) if key.endswith(".sym")]
    again = Task.objects.get(name=TASK)
    assert again.arguments == {"upload_id": upload["id"]}
    assert again.run_after > timezone.now()
