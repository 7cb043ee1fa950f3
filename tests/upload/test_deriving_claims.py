# SPDX-License-Identifier: MPL-2.0

"""One process of the fleet derives a module at a time; what is left behind is taken up again."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.support.native_files import DEBUG_ID, PROGRAM_FULL
from tests.upload.examples import Post, objects

from tecken.core.errors import StorageUnavailableError
from tecken.jobs import execution
from tecken.jobs.models import Task
from tecken.jobs.operating import retry
from tecken.jobs.registry import find_task
from tecken.upload.deriving import module, uploads
from tecken.upload.deriving.claims import Claim, ClaimLostError, claimed
from tecken.upload.deriving.uploads import TASK, derive_pending, resume_deriving
from tecken.upload.models import FileUpload, ModuleBeingDerived
from tecken.web.sources import upload_source

pytestmark = pytest.mark.django_db
ID = "F" * 33


@pytest.fixture
def pending(post: Post, uploader: str, settings: Settings) -> int:
    """An upload of a program that the background derives."""
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    return post({"crash": PROGRAM_FULL}, uploader).json()["upload"]["id"]


def state() -> tuple[str, str]:
    row = FileUpload.objects.get(derived=False)
    return row.derivation, row.problem


def let_it_end() -> None:
    ModuleBeingDerived.objects.update(held_until=timezone.now() - timedelta(seconds=1))


def test_a_module_is_claimed_once_until_it_is_given_back(bucket: Path) -> None:
    source = upload_source(try_symbols=False)
    with claimed(source, ID) as claim:
        assert claim is not None
        with claimed(source, ID) as second, claimed(source, "E" * 33) as another:
            assert (second, another is None) == (None, False)
    with claimed(source, ID) as claim:
        assert claim is not None
    assert not ModuleBeingDerived.objects.exists()


def test_the_claim_of_a_process_that_is_gone_ends_and_it_notices(
    bucket: Path, settings: Settings
) -> None:
    settings.TASK_LEASE_SECONDS = 0  # so that each look is one at the database
    source = upload_source(try_symbols=False)
    first, second = Claim(source, ID), Claim(source, ID)
    assert first.take()
    let_it_end()
    first.keep(1, 10)  # nobody else has taken it
    let_it_end()
    assert second.take()
    with pytest.raises(ClaimLostError):
        first.keep(2, 10)
    first.give_back()
    second.keep(3, 10)


def test_progress_is_told_and_written_seldom(
    pending: int, auditor: str, client: Client, settings: Settings
) -> None:
    def told() -> tuple[int, int]:
        url = f"/api/uploads/upload/{pending}"
        answer = client.get(url, headers={"Auth-Token": auditor}).json()
        [module] = answer["upload"]["deriving"]
        assert (module["debug_file"], module["debug_id"]) == ("crash", DEBUG_ID)
        return module["done"], module["total"]

    assert told() == (0, 0)
    with claimed(upload_source(try_symbols=False), DEBUG_ID) as claim:
        assert claim is not None
        for done in range(100):
            claim.keep(done, 100)
        assert told() == (0, 100)
        settings.TASK_LEASE_SECONDS = 0
        claim._plan()
        settings.TASK_LEASE_SECONDS = 30
        claim.keep(50, 100)
        claim.keep(60, 100)
        assert told() == (50, 100)
    assert told() == (0, 0)


def test_what_is_derived_is_not_told_any_more(pending: int, auditor: str, client: Client) -> None:
    derive_pending(pending)
    url = f"/api/uploads/upload/{pending}"
    assert client.get(url, headers={"Auth-Token": auditor}).json()["upload"]["deriving"] == []


def test_what_another_derives_is_tried_again_later(pending: int, bucket: Path) -> None:
    Task.objects.all().delete()
    with claimed(upload_source(try_symbols=False), DEBUG_ID):
        assert derive_pending(pending) == 0
    assert state() == ("pending", "")
    assert Task.objects.get(name=TASK).arguments == {"upload_id": pending}
    assert derive_pending(pending) == 1
    assert state() == ("done", "")


def test_what_another_derives_is_pending_in_the_answer(post: Post, uploader: str) -> None:
    with claimed(upload_source(try_symbols=False), DEBUG_ID):
        upload = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]
    assert [file["derivation"] for file in upload["files"]] == ["pending"]
    assert Task.objects.get(name=TASK).arguments == {"upload_id": upload["id"]}


def test_many_uploads_of_one_module_add_a_task_each(
    post: Post, uploader: str, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    for number in range(4):
        post({"crash": PROGRAM_FULL + bytes([number])}, uploader)
    assert Task.objects.filter(name=TASK).count() == 4


def test_a_process_that_has_lost_its_claim_stores_nothing(
    pending: int, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object) -> None:
        raise ClaimLostError

    with monkeypatch.context() as patch:
        patch.setattr(Claim, "keep", lose)
        assert derive_pending(pending) == 0
    assert not [key for key in objects(bucket) if key.endswith(".sym")]
    assert state() == ("pending", "")  # the other process says what comes of it
    assert derive_pending(pending) == 1
    assert state() == ("done", "")


def test_what_was_taken_back_meanwhile_is_not_derived(pending: int, bucket: Path) -> None:
    FileUpload.objects.update(deleted_at=timezone.now())
    assert derive_pending(pending) == 0
    assert state() == ("failed", "its file is gone")
    assert not [key for key in objects(bucket) if key.endswith(".sym")]


def fail_for_good(pending: int, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Have all attempts fail: storage answers nothing."""

    def fail(*_: object, **__: object) -> None:
        raise StorageUnavailableError("symbols", None, "it is down")

    task = Task.objects.get(name=TASK, arguments={"upload_id": pending})
    with monkeypatch.context() as patch:
        patch.setattr(module, "current_object", fail)
        # The transaction of this test would end with its connection.
        patch.setattr(execution, "close_old_connections", lambda: None)
        for _ in range(find_task(TASK).max_attempts):
            assert state() == ("pending", "")
            task.attempts += 1
            task.state = Task.State.RUNNING
            task.save()
            execution.run(task)
    task.refresh_from_db()
    assert task.state == "failed"
    return task


def test_what_fails_for_good_is_not_pending_and_a_retry_derives_it(
    pending: int, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = fail_for_good(pending, monkeypatch)
    assert state()[0] == "failed"
    assert "given up" in state()[1]
    assert [row.pk for row in retry([task.pk]).rows] == [task.pk]
    derive_pending(pending)
    assert state() == ("done", "")


def test_the_next_upload_derives_it_too(
    pending: int, post: Post, uploader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_for_good(pending, monkeypatch)
    post({"crash": PROGRAM_FULL}, uploader)
    assert state() == ("pending", "")
    derive_pending(pending)
    assert state() == ("done", "")


def test_what_nobody_will_derive_is_taken_up_after_a_while(pending: int, bucket: Path) -> None:
    """A server that is killed before it answers has stored files and added no task."""
    assert resume_deriving() == 0  # there is its task
    Task.objects.all().delete()
    assert resume_deriving() == 0  # it is too new
    long_ago = timezone.now() - timedelta(seconds=2 * uploads._FORGOTTEN_SECONDS)
    FileUpload.objects.update(completed_at=long_ago)
    assert (resume_deriving(), resume_deriving()) == (1, 0)
    assert Task.objects.get(name=TASK).arguments == {"upload_id": pending}
