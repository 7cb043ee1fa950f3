# SPDX-License-Identifier: MPL-2.0

"""What happens while symbols are derived: a missing file comes, or their upload is taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support.native_files import (
    ALTERNATE,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    PROGRAM_SHARED_DEBUG,
)
from tests.upload.examples import Post, objects

from tecken.core.native.model import Derived
from tecken.jobs.models import Task
from tecken.upload.deleted_objects import TASK as REMOVE
from tecken.upload.deriving import module
from tecken.upload.deriving.shares import ModuleWork
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.models import FileUpload
from tecken.upload.tasks import remove_deleted_objects

pytestmark = pytest.mark.django_db
SHARED = {"crash": PROGRAM, "crash.debug": PROGRAM_SHARED_DEBUG}


def hook_after_reading(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Have something done once, when a module was read and nothing was stored or noted."""
    run, todo = ModuleWork.run, [work]

    def run_and_work(self: ModuleWork, processes: int) -> Derived:
        derived = run(self, processes)
        while todo:
            todo.pop()()
        return derived

    monkeypatch.setattr(ModuleWork, "run", run_and_work)


def hook_after_noting(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Have something done once, when it was noted that symbols were derived."""
    note, todo = module.note, [work]

    def note_and_work(rows: list[FileUpload], derivation: str, *rest: str, **named: bool) -> None:
        note(rows, derivation, *rest, **named)
        while derivation == "done" and todo:
            todo.pop()()

    monkeypatch.setattr(module, "note", note_and_work)


HOOKS = [hook_after_reading, hook_after_noting]


def states(upload_id: int) -> set[tuple[str, str]]:
    rows = FileUpload.objects.filter(upload=upload_id, kind="elf")
    return set(rows.values_list("derivation", "problem"))


@pytest.mark.parametrize("hook", HOOKS)
def test_a_file_of_dwz_that_comes_while_its_module_is_derived_is_used(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    hook: Callable[[pytest.MonkeyPatch, Callable[[], object]], None],
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    upload_id = post(SHARED, uploader).json()["upload"]["id"]
    Task.objects.all().delete()
    hook(monkeypatch, lambda: post({"alternate": ALTERNATE}, uploader))
    derive_pending(upload_id)  # once without it, and for the second file of the build with it
    assert FileUpload.objects.filter(role="debuginfo", derived=False).count() == 2
    assert states(upload_id) == {("done", "")}


@pytest.mark.parametrize("hook", HOOKS)
def test_so_is_one_that_comes_before_the_answer(
    post: Post,
    uploader: str,
    monkeypatch: pytest.MonkeyPatch,
    hook: Callable[[pytest.MonkeyPatch, Callable[[], object]], None],
) -> None:
    hook(monkeypatch, lambda: post({"alternate": ALTERNATE}, uploader))
    upload = post(SHARED, uploader).json()["upload"]
    assert [file["derivation"] for file in upload["files"] if not file["derived"]] == 2 * [
        "pending"
    ]
    assert Task.objects.filter(name=TASK, arguments={"upload_id": upload["id"]}).exists()
    derive_pending(upload["id"])
    assert states(upload["id"]) == {("done", "")}


def test_a_file_of_dwz_whose_object_is_gone_is_not_waited_for(
    post: Post, uploader: str, bucket: Path
) -> None:
    (alternate,) = post({"alternate": ALTERNATE}, uploader).json()["upload"]["files"]
    (bucket / alternate["key"]).unlink()
    upload = post(SHARED, uploader).json()["upload"]
    assert {state for state, _ in states(upload["id"])} == {"done"}
    assert not Task.objects.filter(name=TASK).exists()


def test_symbols_that_are_derived_while_their_upload_is_taken_back_go_soon(
    post: Post,
    uploader: str,
    bucket: Path,
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    upload_id = post({"crash": PROGRAM_FULL}, uploader).json()["upload"]["id"]

    def take_back() -> None:
        url = f"/api/uploads/upload/{upload_id}"
        response = client.delete(url, headers={"Auth-Token": uploader})
        assert response.status_code == 200, response.content
        assert objects(bucket) == {}
        Task.objects.all().delete()  # what it has asked for is done, and too early

    hook_after_reading(monkeypatch, take_back)
    assert derive_pending(upload_id) == 1
    assert [key for key in objects(bucket) if key.endswith(".sym")]
    assert Task.objects.filter(name=REMOVE).count() == 1
    remove_deleted_objects.function()
    assert objects(bucket) == {}
    assert not FileUpload.objects.exclude(removal="removed").exists()


def test_symbols_of_an_upload_that_stays_ask_for_no_removal(
    post: Post, uploader: str, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    upload_id = post({"crash": PROGRAM, "crash.debug": PROGRAM_DEBUG}, uploader).json()["upload"]
    assert derive_pending(upload_id["id"]) == 1
    assert not Task.objects.filter(name=REMOVE).exists()
