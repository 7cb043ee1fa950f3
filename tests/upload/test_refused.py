# SPDX-License-Identifier: MPL-2.0

"""What ``POST /upload/`` refuses, beyond the table of refusals, and what trouble leaves behind."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Post, objects

from tecken.upload.models import FileUpload, Upload


def error_of(response: object) -> str:
    error = response.json()["error"]  # type: ignore[attr-defined]
    assert isinstance(error, str)
    return error


def test_a_good_member_is_not_stored_beside_a_bad_one(
    post: Post, uploader: str, bucket: Path
) -> None:
    members = {f"a{n}/{n:X}/a.sym": b"text %d" % n for n in range(20)}
    response = post({**members, NAME: b"qcom/proprietary"}, uploader)
    assert response.status_code == 400
    assert objects(bucket) == {}


def test_the_snippets_are_a_setting(post: Post, uploader: str, settings: Settings) -> None:
    settings.DISALLOWED_SYMBOLS_SNIPPETS = ("main.cc",)
    assert "'main.cc'" in error_of(post({NAME: TEXT}, uploader))


def test_other_methods_are_not_allowed(client: Client, uploader: str) -> None:
    response = client.get("/upload/", headers={"Auth-Token": uploader})
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert error_of(response) == "Method Not Allowed (GET): /upload/"


def test_trouble_with_storage_is_said_and_what_was_stored_stays(
    post: Post, uploader: str, bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS = 1
    (bucket / "v1").mkdir()
    (bucket / "v1" / "no-folder").touch()  # so nothing can be stored below it
    members = {NAME: TEXT, "no-folder/ABC/a.sym": b"text", BINARY_NAME: b"binary"}
    response = post(members, uploader)
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    assert sorted(objects(bucket)) == ["v1/no-folder", f"v1/{NAME}"]
    assert Upload.objects.get().completed_at is None
    rows = {row.key: row.completed_at is not None for row in FileUpload.objects.all()}
    assert rows == {f"v1/{NAME}": True, "v1/no-folder/ABC/a.sym": False}


def test_the_same_upload_finishes_when_the_trouble_is_over(
    post: Post, uploader: str, bucket: Path
) -> None:
    (bucket / "v1").mkdir()
    (bucket / "v1" / "no-folder").touch()
    members = {NAME: TEXT, "no-folder/ABC/a.sym": b"text"}
    assert post(members, uploader).status_code == 503
    (bucket / "v1" / "no-folder").unlink()
    answer = post(members, uploader).json()["upload"]
    assert answer["skipped_keys"] == [NAME]
    assert [file["key"] for file in answer["files"]] == ["v1/no-folder/ABC/a.sym"]


def test_a_vanished_bucket_is_trouble(post: Post, uploader: str, bucket: Path) -> None:
    bucket.rmdir()
    assert post({NAME: TEXT}, uploader).status_code == 503
    assert not bucket.exists()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("duplicated-different-size", 400),
        ("duplicated-same-size", 201),
        ("invalid", 400),
        ("invalid-characters", 400),
        ("notazipdespiteitsname", 400),
    ],
)
def test_real_odd_archives_are_refused_or_taken(
    post: Post, uploader: str, real_data: Path, name: str, status: int
) -> None:
    archive = (real_data / "archives" / f"{name}.zip").read_bytes()
    assert post(archive, uploader).status_code == status
