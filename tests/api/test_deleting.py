# SPDX-License-Identifier: MPL-2.0

"""A wrong upload is taken back: who may, what goes, and what stays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from tests.api.conftest import SignIn
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Members, Post, make_token, objects

from tecken.accounts.models import AuditEntry, User
from tecken.core.errors import StorageUnavailableError
from tecken.jobs.models import Task
from tecken.upload import deleted_objects, taking_back
from tecken.upload.daily import count_day
from tecken.upload.models import FileUpload, Upload, UploadsCreated
from tecken.upload.tasks import remove_deleted_objects, sweep_deleted_objects

OTHER_TEXT = TEXT + b"1010 10 13 0\n"
MakeUpload = Callable[..., Upload]


@pytest.fixture
def make_upload(post: Post, uploader: User) -> MakeUpload:
    """Return a function that uploads members, for the uploader or somebody else, and returns the row."""

    def make_upload(
        members: Members | None = None, *, owner: User = uploader, **form: str
    ) -> Upload:
        key = make_token("upload_symbols", email=owner.email)
        made = post(members or {NAME: TEXT}, key, **form)
        assert made.status_code == 201, made.content
        return Upload.objects.get(pk=made.json()["upload"]["id"])

    return make_upload


@pytest.fixture
def browser(uploader: User, sign_in: SignIn) -> Client:
    return sign_in(uploader)


def upload_url(upload: Upload) -> str:
    return f"/api/uploads/upload/{upload.pk}"


def file_url(file: FileUpload) -> str:
    return f"/api/uploads/files/file/{file.pk}"


def delete(client: Client, url: str, **options: Any) -> dict[str, Any]:
    response = client.delete(url, {"reason": "wrong"}, "application/json", **options)
    assert response.status_code == 200, response.content
    return told(response)


def told(response: HttpResponse) -> dict[str, Any]:
    """Return the lists of an answer that are not empty."""
    answer = response.json()
    kinds = ("removed", "kept", "out_of_reach", "pending")
    assert all(answer[f"{kind}_count"] == len(answer[kind]) for kind in kinds)
    return {kind: answer[kind] for kind in kinds if answer[kind]}


def delete_keys(client: Client, *keys: str, **options: Any) -> HttpResponse:
    body = {"keys": list(keys), "reason": "wrong"}
    return client.post("/api/uploads/delete", body, "application/json", **options)


def test_an_upload_is_taken_back(
    make_upload: MakeUpload, browser: Client, uploader: User, bucket: Path
) -> None:
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    assert browser.get(f"/{NAME}").status_code == 302
    answer = delete(browser, upload_url(upload))
    assert sorted(answer.pop("removed")) == [f"v1/{BINARY_NAME}", f"v1/{NAME}"]
    assert answer == {}
    left = [path.name for path in bucket.rglob("*") if path.is_file()]
    assert left == ["lock"]  # neither an index nor metadata
    assert browser.get(f"/{NAME}").status_code == 404
    found = browser.get(upload_url(upload)).json()["upload"]
    assert found["deleted_at"].startswith("20")
    assert (found["deleted_by"], found["delete_reason"]) == (uploader.email, "wrong")
    assert {file["removal"] for file in found["files"]} == {"removed"}
    [row] = browser.get("/api/uploads/").json()["uploads"]
    assert row["delete_reason"] == "wrong"


def test_the_audit_trail_has_one_entry(
    make_upload: MakeUpload, browser: Client, uploader: User
) -> None:
    upload = make_upload()
    for _ in range(2):
        assert delete(browser, upload_url(upload)) == {"removed": [f"v1/{NAME}"]}
    entry = AuditEntry.objects.get(action="symbols deleted")
    assert (entry.actor, entry.subject) == (uploader, uploader)
    assert entry.details == {
        "what": f"upload {upload.pk}",
        "reason": "wrong",
        "files": 1,
        "keys": [f"v1/{NAME}"],
    }


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ("reason=a+form", "application/x-www-form-urlencoded", "a form"),
        ("", "application/octet-stream", ""),
    ],
)
def test_the_reason_may_come_as_a_form_or_not_at_all(
    make_upload: MakeUpload, browser: Client, body: str, content_type: str, reason: str
) -> None:
    upload = make_upload()
    response = browser.delete(upload_url(upload), body, content_type)
    assert response.status_code == 200, response.content
    upload.refresh_from_db()
    assert upload.delete_reason == reason


def test_a_multipart_body_of_a_delete_is_refused(make_upload: MakeUpload, browser: Client) -> None:
    body = encode_multipart(BOUNDARY, {"reason": "a form"})
    response = browser.delete(upload_url(make_upload()), body, MULTIPART_CONTENT)
    assert response.status_code == 400
    assert "application/x-www-form-urlencoded" in response.json()["error"]


def test_a_file_is_taken_back_alone(make_upload: MakeUpload, browser: Client, bucket: Path) -> None:
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    file = upload.files.get(key=f"v1/{NAME}")
    assert delete(browser, file_url(file)) == {"removed": [f"v1/{NAME}"]}
    assert list(objects(bucket)) == [f"v1/{BINARY_NAME}"]
    upload.refresh_from_db()
    assert upload.deleted_at is None
    assert browser.get(file_url(file)).json()["file"]["removal"] == "removed"


@pytest.mark.parametrize("key", [NAME, f"v1/{NAME}"])
def test_keys_are_taken_back(
    make_upload: MakeUpload, browser: Client, bucket: Path, key: str
) -> None:
    make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    assert told(delete_keys(browser, key)) == {"removed": [f"v1/{NAME}"]}
    assert list(objects(bucket)) == [f"v1/{BINARY_NAME}"]


def test_a_key_may_have_a_comma(make_upload: MakeUpload, browser: Client, bucket: Path) -> None:
    name = "a,b.dll/5CF2591C6859000/a,b.dl_"
    for send in (
        lambda: delete_keys(browser, name),
        lambda: browser.post("/api/uploads/delete", {"keys": [name]}),
    ):
        make_upload({name: b"MSCF"})
        assert told(send()) == {"removed": [f"v1/{name}"]}
        assert objects(bucket) == {}


def test_a_list_of_keys_is_all_or_nothing(
    make_upload: MakeUpload, browser: Client, root: User, bucket: Path
) -> None:
    make_upload()
    make_upload({BINARY_NAME: b"MSCF"}, owner=root)
    response = delete_keys(browser, NAME, BINARY_NAME)
    assert response.status_code == 404
    assert BINARY_NAME in response.json()["error"]
    assert len(objects(bucket)) == 2
    assert not FileUpload.objects.exclude(deleted_at=None).exists()


def test_a_superuser_takes_back_what_is_anybody_s(
    make_upload: MakeUpload, sign_in: SignIn, uploader: User, root: User
) -> None:
    upload = make_upload()
    assert delete(sign_in(root), upload_url(upload)) == {"removed": [f"v1/{NAME}"]}
    entry = AuditEntry.objects.get(action="symbols deleted")
    assert (entry.actor, entry.subject) == (root, uploader)


@pytest.mark.parametrize("who", ["stranger", "auditor", "superuser's token"])
def test_what_is_somebody_else_s_is_not_there(
    make_upload: MakeUpload, sign_in: SignIn, stranger: User, auditor: User, root: User, who: str
) -> None:
    upload = make_upload()
    client, headers = Client(), {}
    if who == "superuser's token":
        headers = {"Auth-Token": make_token("upload_symbols", email=root.email)}
    else:
        client = sign_in(stranger if who == "stranger" else auditor)
    for url in (upload_url(upload), file_url(upload.files.get())):
        assert client.delete(url, headers=headers).status_code == 404
    assert delete_keys(client, NAME, headers=headers).status_code == 404
    assert not FileUpload.objects.exclude(deleted_at=None).exists()


@pytest.mark.parametrize(
    ("permission", "is_try", "status"),
    [
        ("upload_symbols", "", 200),
        ("upload_symbols", "1", 200),
        ("upload_try_symbols", "1", 200),
        ("upload_try_symbols", "", 403),
        ("view_all_uploads", "", 403),
    ],
)
def test_a_token_needs_the_permission_to_upload_there(
    make_upload: MakeUpload, uploader: User, permission: str, is_try: str, status: int
) -> None:
    upload = make_upload(**{"try": is_try})
    key = make_token(permission, email=uploader.email)
    response = Client().delete(upload_url(upload), headers={"Auth-Token": key})
    assert response.status_code == status, response.content


def test_a_try_token_finds_no_regular_keys(make_upload: MakeUpload, uploader: User) -> None:
    make_upload()
    headers = {"Auth-Token": make_token("upload_try_symbols", email=uploader.email)}
    assert delete_keys(Client(), NAME, headers=headers).status_code == 404
    headers = {"Auth-Token": make_token("view_all_uploads", email=uploader.email)}
    assert delete_keys(Client(), NAME, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"keys": []}, {"keys": [1]}, {"keys": ["a\0b"]}, {"keys": [["a"]]}, []]
)
def test_odd_bodies_are_refused(browser: Client, body: object) -> None:
    assert browser.post("/api/uploads/delete", body, "application/json").status_code == 400


def test_what_another_upload_has_found_there_stays_until_that_is_taken_back(
    make_upload: MakeUpload, browser: Client, sign_in: SignIn, root: User, bucket: Path
) -> None:
    first = make_upload(owner=root)
    second = make_upload()
    assert second.skipped_keys == [f"v1/{NAME}"]
    assert delete(sign_in(root), upload_url(first)) == {"kept": [f"v1/{NAME}"]}
    assert len(objects(bucket)) == 1
    assert browser.get(f"/{NAME}").status_code == 302
    assert browser.get("/xul.dll/5CF2591C6859000/xul.sym").status_code == 302
    assert delete(browser, upload_url(second)) == {"removed": [f"v1/{NAME}"]}
    assert objects(bucket) == {}
    assert set(FileUpload.objects.values_list("removal", flat=True)) == {"removed"}


def test_what_an_upload_only_found_is_not_removed_with_it(
    make_upload: MakeUpload, browser: Client, root: User, bucket: Path
) -> None:
    make_upload(owner=root)
    second = make_upload()
    assert delete(browser, upload_url(second)) == {"kept": [f"v1/{NAME}"]}
    assert len(objects(bucket)) == 1


def test_by_key_all_that_is_one_s_own_goes(
    make_upload: MakeUpload, browser: Client, bucket: Path
) -> None:
    make_upload()
    make_upload()
    assert told(delete_keys(browser, NAME)) == {"removed": [f"v1/{NAME}"]}
    assert objects(bucket) == {}


def test_by_key_what_another_found_stays_but_for_a_superuser(
    make_upload: MakeUpload, browser: Client, sign_in: SignIn, root: User, bucket: Path
) -> None:
    make_upload()
    make_upload(owner=root)
    assert told(delete_keys(browser, NAME)) == {"kept": [f"v1/{NAME}"]}
    assert told(delete_keys(sign_in(root), NAME)) == {"removed": [f"v1/{NAME}"]}
    assert objects(bucket) == {}


def test_what_was_replaced_stays_with_its_successor_and_does_not_return(
    make_upload: MakeUpload, browser: Client, bucket: Path
) -> None:
    first = make_upload()
    second = make_upload({NAME: OTHER_TEXT})
    assert delete(browser, upload_url(first)) == {"kept": [f"v1/{NAME}"]}
    assert delete(browser, upload_url(second)) == {"removed": [f"v1/{NAME}"]}
    assert objects(bucket) == {}


def test_the_wrong_successor_goes_though_another_brought_the_key_before(
    make_upload: MakeUpload, browser: Client, root: User, bucket: Path
) -> None:
    make_upload(owner=root)
    second = make_upload({NAME: OTHER_TEXT})
    assert delete(browser, upload_url(second)) == {"removed": [f"v1/{NAME}"]}
    assert objects(bucket) == {}


def test_of_two_uploads_at_once_the_other_one_holds(
    make_upload: MakeUpload, browser: Client, root: User, bucket: Path
) -> None:
    """Both found nothing there, so both have stored it."""
    first = make_upload(owner=root)
    second = make_upload({NAME: OTHER_TEXT})
    one, other = first.files.get(), second.files.get()
    FileUpload.objects.filter(pk=one.pk).update(
        completed_at=other.created_at, original_size=other.original_size
    )
    assert delete(browser, upload_url(second)) == {"kept": [f"v1/{NAME}"]}
    assert len(objects(bucket)) == 1


def test_it_can_be_uploaded_again(make_upload: MakeUpload, browser: Client, bucket: Path) -> None:
    first = make_upload()
    delete(browser, upload_url(first))
    again = make_upload()
    assert again.files.count() == 1
    assert delete(browser, upload_url(first)) == {"removed": [f"v1/{NAME}"]}
    assert len(objects(bucket)) == 1
    assert browser.get(f"/{NAME}").status_code == 302


def test_many_files_are_left_to_the_background(
    make_upload: MakeUpload, browser: Client, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_back, "MAX_AT_ONCE", 1)
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    answer = delete(browser, upload_url(upload))
    assert sorted(answer["pending"]) == [f"v1/{BINARY_NAME}", f"v1/{NAME}"]
    assert Task.objects.filter(name=remove_deleted_objects.name).count() == 1
    assert sweep_deleted_objects.remove(dry_run=True) == 2
    remove_deleted_objects.function()
    assert objects(bucket) == {}
    assert len(delete(browser, upload_url(upload))["removed"]) == 2


def test_an_upload_of_the_same_before_the_background_came_keeps_it(
    make_upload: MakeUpload, browser: Client, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_back, "MAX_AT_ONCE", 0)
    upload = make_upload()
    assert set(delete(browser, upload_url(upload))) == {"pending"}
    make_upload()
    remove_deleted_objects.function()
    assert len(objects(bucket)) == 1
    assert browser.get(f"/{NAME}").status_code == 302


def test_whoever_is_killed_in_the_middle_leaves_it_to_the_next(
    make_upload: MakeUpload,
    browser: Client,
    uploader: User,
    bucket: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = make_upload()

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    # The bucket is a real one; there is no real way to be killed just here within a test's process.
    with monkeypatch.context() as patch:
        patch.setattr(deleted_objects, "remove_all", killed)
        with pytest.raises(KeyboardInterrupt):
            delete(browser, upload_url(upload))
    file = upload.files.get()
    assert (file.removal, file.deleted_by) == ("pending", uploader)
    assert Task.objects.filter(name=remove_deleted_objects.name, state="waiting").exists()
    # By SIGKILL, not even that is written down.
    upload.files.update(removal="removing", removing_until=timezone.now())
    assert sweep_deleted_objects.clean() == 1
    assert objects(bucket) == {}


def test_while_the_bucket_is_away_it_waits(
    make_upload: MakeUpload, browser: Client, bucket: Path
) -> None:
    upload = make_upload()
    away = bucket.with_name("away")
    bucket.rename(away)
    assert delete(browser, upload_url(upload)) == {"pending": [f"v1/{NAME}"]}
    with pytest.raises(StorageUnavailableError):
        remove_deleted_objects.function()
    away.rename(bucket)
    remove_deleted_objects.function()
    assert objects(bucket) == {}


def test_what_is_just_being_removed_cannot_be_uploaded(
    make_upload: MakeUpload, browser: Client, post: Post, uploader: User
) -> None:
    upload = make_upload()
    delete(browser, upload_url(upload))
    upload.files.update(removal="removing", removing_until=timezone.now())
    key = make_token("upload_symbols", email=uploader.email)
    answer = post({NAME: TEXT}, key)
    assert answer.status_code == 503
    assert "has just been deleted; send it again" in answer.json()["error"]


def test_an_interrupted_upload_loses_what_it_stored_and_nothing_else(
    make_upload: MakeUpload, browser: Client, root: User, bucket: Path
) -> None:
    make_upload({BINARY_NAME: b"MSCF"}, owner=root)
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF2"})
    upload.files.update(completed_at=None)
    upload.files.filter(key=f"v1/{BINARY_NAME}").update(original_size=99)  # never came to that
    Upload.objects.filter(pk=upload.pk).update(completed_at=None)
    delete(browser, upload_url(upload))
    assert list(objects(bucket)) == [f"v1/{BINARY_NAME}"]


def test_what_an_upload_under_way_stores_later_goes_too(
    make_upload: MakeUpload, browser: Client, bucket: Path
) -> None:
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    late = upload.files.get(key=f"v1/{NAME}")
    upload.files.exclude(pk=late.pk).update(upload=upload)
    FileUpload.objects.filter(pk=late.pk).update(upload=None)
    delete(browser, upload_url(upload))
    FileUpload.objects.filter(pk=late.pk).update(upload=upload)
    remove_deleted_objects.function()
    assert objects(bucket) == {}
    late.refresh_from_db()
    assert (late.removal, late.delete_reason) == ("removed", "wrong")


def test_a_bucket_that_is_no_longer_used_is_left_alone(
    make_upload: MakeUpload, browser: Client, bucket: Path
) -> None:
    upload = make_upload()
    FileUpload.objects.update(bucket_name="elsewhere")
    assert delete(browser, upload_url(upload)) == {"out_of_reach": [f"v1/{NAME}"]}
    assert len(objects(bucket)) == 1


def test_a_file_of_no_upload_is_for_superusers(
    make_upload: MakeUpload, browser: Client, sign_in: SignIn, root: User
) -> None:
    file = make_upload().files.get()
    FileUpload.objects.update(upload=None)
    assert browser.delete(file_url(file)).status_code == 404
    assert delete(sign_in(root), file_url(file)) == {"removed": [f"v1/{NAME}"]}
    assert (
        AuditEntry.objects.get(action="symbols deleted").subject_name == "files without an upload"
    )


def test_totals_lose_what_was_taken_back(make_upload: MakeUpload, browser: Client) -> None:
    upload = make_upload({NAME: TEXT, BINARY_NAME: b"MSCF"})
    other = make_upload({"a.so/1/a.bin": b"a"})
    today = upload.created_at.date()
    count_day(today)
    delete(browser, file_url(upload.files.get(key=f"v1/{NAME}")))
    assert UploadsCreated.objects.get().files == 2
    delete(browser, upload_url(upload))
    counted = UploadsCreated.objects.get()
    assert (counted.count, counted.files, counted.size) == (1, 1, other.size)
    count_day(today)
    counted = UploadsCreated.objects.get()
    assert (counted.count, counted.files, counted.size) == (1, 1, other.size)


def test_lookups_by_code_id_no_longer_find_it(make_upload: MakeUpload, browser: Client) -> None:
    upload = make_upload()
    url = "/xul.dll/5CF2591C6859000/xul.sym"
    assert browser.get(url).status_code == 302
    delete(browser, upload_url(upload))
    assert browser.get(url).status_code == 404
