# SPDX-License-Identifier: MPL-2.0
"""``POST /upload/check``: what an upload would store, and what it would skip."""

import gzip
import json
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from mypy_boto3_s3 import S3Client
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, make_token

from tecken.accounts.models import User
from tecken.upload.models import FileUpload

OTHER = TEXT + b"PUBLIC 2000 0 other\n"
Check = Callable[..., HttpResponse]


def file(key: str = NAME, data: bytes = TEXT) -> dict[str, object]:
    return {"key": key, "size": len(data), "md5": md5(data, usedforsecurity=False).hexdigest()}


def body_of(*files: object, **more: object) -> bytes:
    return json.dumps({"files": files, **more}).encode()


@pytest.fixture
def check(client: Client, bucket: Path) -> Check:
    def check(body: bytes, token: str, **headers: str) -> HttpResponse:
        return client.post(
            "/upload/check",
            body,
            content_type="application/json",
            headers={"Auth-Token": token, **headers},
        )

    return check


def test_what_is_there_with_the_same_content_is_present(
    post: Post, check: Check, uploader: str
) -> None:
    post({NAME: TEXT, BINARY_NAME: b"\0binary"}, uploader)
    asked = [
        file("gone.pdb/AB/gone.sym"),
        file(),
        file(BINARY_NAME, b"\0binary"),
        file(BINARY_NAME, b"\0BINARY"),
        {**file(), "md5": "0" * 32},
        {**file(), "size": len(TEXT) + 1},
    ]
    answer = check(body_of(*asked), uploader)
    assert (answer.status_code, answer.json()) == (
        200,
        {"missing": [0, 3, 4, 5], "present": [1, 2]},
    )


def test_it_says_what_an_upload_does(post: Post, check: Check, uploader: str) -> None:
    members = {
        NAME: TEXT,
        BINARY_NAME: b"\0binary",
        "a.pdb/AB/a.sym": b"MODULE windows x86 AB a.pdb\n",
    }
    post({NAME: TEXT, BINARY_NAME: b"older"}, uploader)
    said = check(body_of(*(file(key, data) for key, data in members.items())), uploader).json()
    names = list(members)
    uploaded = post(members, uploader).json()["upload"]
    assert [names[position] for position in said["present"]] == uploaded["skipped_keys"]
    assert [f"v1/{names[position]}" for position in said["missing"]] == [
        stored["key"]
        for stored in sorted(uploaded["files"], key=lambda f: names.index(f["key"][3:]))
    ]


def test_a_file_that_lies_in_the_bucket_in_another_form_is_missing(
    bucket: Path, check: Check, uploader: str
) -> None:
    by_hand = bucket / "v1" / NAME
    by_hand.parent.mkdir(parents=True)
    by_hand.write_bytes(TEXT)
    assert check(body_of(file()), uploader).json() == {"missing": [0], "present": []}


def test_a_module_is_named_by_its_debug_file_and_id_in_any_case(
    post: Post, check: Check, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    named = {**file(), "name": "xul.pdb", "debug_id": DEBUG_ID.lower()}
    del named["key"]
    same = {**file(NAME.replace(DEBUG_ID, DEBUG_ID.lower())), "md5": str(file()["md5"]).upper()}
    assert check(body_of(named, same), uploader).json()["present"] == [0, 1]


def test_only_the_bucket_is_asked_that_the_upload_would_go_to(
    post: Post,
    check: Check,
    uploader: str,
    try_uploader: str,
    bucket: Path,
    settings: Settings,
    tmp_path: Path,
) -> None:
    post({NAME: TEXT}, uploader)
    assert check(body_of(file()), try_uploader).json()["missing"] == [0]
    assert check(body_of(file(), **{"try": True}), uploader).json()["missing"] == [0]
    post({NAME: TEXT}, try_uploader)
    assert check(body_of(file(), **{"try": 1}), uploader).json()["present"] == [0]
    other = tmp_path / "other"
    other.mkdir()
    settings.UPLOAD_URL_EXCEPTIONS = {"uploader@example.com": other.as_uri()}
    assert check(body_of(file()), uploader).json()["missing"] == [0]
    assert check(body_of(file(), bucket_name="symbols"), uploader).json()["present"] == [0]
    refused = check(body_of(file(), bucket_name="nowhere"), uploader)
    assert (refused.status_code, refused.json()) == (403, {"error": "No valid bucket"})


def test_who_may_not_upload_is_told_nothing(check: Check, stranger: str) -> None:
    assert check(body_of(file()), stranger).status_code == 403


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "The body is not valid JSON"),
        (b"\xff", "The body is not valid JSON"),
        (b"[" * 100_000, "The body is not valid JSON"),
        (b"[]", "The body is not a JSON object"),
        (b"{}", "files must be a list"),
        (b'{"files": {}}', "files must be a list"),
        (body_of(file(), 7), "files[1]: must be an object"),
        (body_of({**file(), "size": -1}), "files[0]: size must be a number of bytes"),
        (body_of({**file(), "size": True}), "files[0]: size must be a number of bytes"),
        (body_of({**file(), "size": "1"}), "files[0]: size must be a number of bytes"),
        (body_of({**file(), "md5": "abc"}), "files[0]: md5 must be 32 hexadecimal digits"),
        (body_of(file(), file("a/b")), "files[1]: 'a/b' is not of the form <debug file>/<debug id>/<symbol file>"),
        (body_of(file("a/AB/c\0")), "files[0]: 'c\\x00' contains invalid characters"),
        (
            body_of({**file(), "key": None, "name": "xul.pdb"}),
            "files[0]: needs a key, or a name and a debug_id, which are strings",
        ),
        (body_of(file(), **{"try": []}), "try must be true or false"),
        (body_of(file(), bucket_name=7), "bucket_name must be a string"),
    ],
)  # fmt: skip
def test_a_bad_request_is_told_what_is_wrong(
    check: Check, uploader: str, body: bytes, sentence: str
) -> None:
    answer = check(body, uploader)
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})


@pytest.mark.parametrize(
    "body",
    [
        body_of(*[0] * 20_001),
        b'{"files": [' + b"[]," * 300_000 + b"[]]}",
        b" " * (16 * 1024 * 1024 + 1),
        gzip.compress(b" " * (16 * 1024 * 1024 + 1)),
    ],
    ids=["files", "lists", "blanks", "packed blanks"],
)
def test_too_much_is_refused_as_too_large(check: Check, uploader: str, body: bytes) -> None:
    coding = {"Content-Encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
    assert check(body, uploader, **coding).status_code == 413


def test_as_many_files_as_an_archive_may_have(check: Check, post: Post, uploader: str) -> None:
    post({NAME: TEXT}, uploader)
    files: list[Any] = [file(f"a.pdb/{number:X}/a.sym") for number in range(19_999)]
    body = gzip.compress(body_of(file(), *files))
    answer = check(body, uploader, **{"Content-Encoding": "gzip"}).json()
    assert answer == {"missing": list(range(1, 20_000)), "present": [0]}


def test_what_was_stored_by_an_upload_that_was_killed_is_ended(
    check: Check, post: Post, client: Client, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    FileUpload.objects.update(completed_at=None)
    assert client.get("/xul.dll/5CF2591C6859000/xul.sym").status_code == 404
    assert check(body_of(file()), uploader).json()["present"] == [0]
    assert FileUpload.objects.get().completed_at is not None
    assert client.get("/xul.dll/5CF2591C6859000/xul.sym").status_code == 302


@pytest.mark.parametrize("removal", ["pending", "removing"])
def test_what_is_about_to_be_removed_is_missing(
    check: Check, post: Post, uploader: str, removal: str
) -> None:
    post({NAME: TEXT, BINARY_NAME: b"\0binary"}, uploader)
    FileUpload.objects.filter(key=f"v1/{NAME}").update(removal=removal, deleted_at=timezone.now())
    asked = [file(), file(BINARY_NAME, b"\0binary")]
    assert check(body_of(*asked), uploader).json() == {"missing": [0], "present": [1]}


def test_what_was_removed_by_hand_is_missing(
    check: Check, post: Post, bucket: Path, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    (bucket / "v1" / NAME).unlink()
    assert check(body_of(file()), uploader).json() == {"missing": [0], "present": []}


def test_s3_is_asked_the_same(
    post: Post, check: Check, uploader: str, s3_client: S3Client, s3_bucket: str
) -> None:
    post({NAME: TEXT}, uploader)
    # Put there by another tool, in one go: its ETag is its MD5.
    s3_client.put_object(Bucket=s3_bucket, Key=f"v1/{BINARY_NAME}", Body=b"\0binary")
    files = [file("a/AB/a.sym"), file(), file(BINARY_NAME, b"\0binary"), file(BINARY_NAME, b"")]
    assert check(body_of(*files), uploader).json() == {"missing": [0, 3], "present": [1, 2]}


def test_a_bucket_that_cannot_be_asked_is_503(check: Check, bucket: Path, uploader: str) -> None:
    bucket.rmdir()
    assert check(body_of(file()), uploader).status_code == 503


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_session_needs_its_csrf_token(bucket: Path, db: None, content_type: str) -> None:
    make_token("upload_symbols", email="uploader@example.com")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(), "django.contrib.auth.backends.ModelBackend")
    answer = browser.post("/upload/check", body_of(file()), content_type=content_type)
    assert answer.status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    answer = browser.post("/upload/check", body_of(file()), content_type, headers=headers)
    assert answer.json() == {"missing": [0], "present": []}
