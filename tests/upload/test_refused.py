# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What ``POST /upload/`` refuses, and that a refused archive leaves nothing behind."""

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Post, objects, zipped

from tecken.upload.models import FileUpload, Upload

FULL_ID = "F" * 33


def twins(first: bytes, second: bytes) -> bytes:
    other = BINARY_NAME.replace("pd_", "syn")
    return zipped({NAME: first, other: second}).replace(other.encode(), NAME.encode())


def with_field(data: bytes, local: int, central: int, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into("<L", changed, data.index(b"PK\3\4") + local, value)
    struct.pack_into("<L", changed, data.index(b"PK\1\2") + central, value)
    return bytes(changed)


def symbolic_link() -> bytes:
    link = zipfile.ZipInfo(NAME)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, b"/etc/passwd")
    return buffer.getvalue()


GOOD = zipped({NAME: TEXT})
REFUSED: dict[str, tuple[int, str, Callable[[], bytes]]] = {
    "no zip": (400, "File is not a zip file", lambda: b"text"),
    "nothing": (400, "File is not a zip file", lambda: b""),
    "no members": (400, "File is not a zip file", lambda: zipped({})),
    "only folders": (400, "File is not a zip file", lambda: zipped({"xul.pdb/": b""})),
    "truncated": (400, "File is not a zip file", lambda: GOOD[:-20]),
    "wrong checksum": (400, "is damaged", lambda: with_field(GOOD, 14, 16, 1)),
    "larger than it says": (400, "larger than it claims", lambda: with_field(GOOD, 22, 24, 9)),
    "encrypted": (400, "is encrypted", lambda: with_field(GOOD, 6, 8, 0x80001)),
    "symbolic link": (400, "is a symbolic link", symbolic_link),
    "absolute": (400, "leads out of the archive", lambda: zipped({f"/{NAME}": TEXT})),
    "up": (400, "leads out of the archive", lambda: zipped({f"../{NAME}": TEXT})),
    "layout": (
        400,
        "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt "
        "and nothing else. (First unrecognized pattern was xul.sym)",
        lambda: zipped({"xul.sym": TEXT}),
    ),
    "character": (
        400,
        "Invalid character in filename 'a/ABC/p%eter.sym'",
        lambda: zipped({"a/ABC/p%eter.sym": TEXT}),
    ),
    "reserved": (400, "is a reserved name", lambda: zipped({".index/ABC/a.sym": TEXT})),
    "twins": (
        400,
        f"The zipfile buffer contains two files both called {NAME} "
        "and they have difference sizes (4 != 3)",
        lambda: twins(b"one", b"four"),
    ),
    "other twins": (400, "different contents", lambda: twins(b"one", b"two")),
    "snippet in a name": (
        400,
        "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
        lambda: zipped({"qcom/proprietary/a.sym": TEXT}),
    ),
    "snippet in content": (
        400,
        "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
        lambda: zipped({NAME: TEXT + b"FILE 1 src/qcom/proprietary/a.cc\n"}),
    ),
    "wrong module": (400, FULL_ID, lambda: zipped({f"xul.pdb/{FULL_ID}/xul.sym": TEXT})),
    "bomb": (413, "more than 200 times", lambda: zipped({NAME: b"\0" * (17 << 20)})),
}


def error_of(response: object) -> str:
    error = response.json()["error"]  # type: ignore[attr-defined]
    assert isinstance(error, str)
    return error


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_archive_is_refused_and_leaves_nothing(
    post: Post, uploader: str, bucket: Path, case: str
) -> None:
    status, message, make = REFUSED[case]
    response = post(make(), uploader)
    assert response.status_code == status
    assert message in error_of(response)
    assert list(bucket.rglob("*")) == []
    assert not Upload.objects.exists()


def test_a_good_member_is_not_stored_beside_a_bad_one(
    post: Post, uploader: str, bucket: Path
) -> None:
    members = {f"a{n}/{n:X}/a.sym": b"text %d" % n for n in range(20)}
    response = post({**members, NAME: b"qcom/proprietary"}, uploader)
    assert response.status_code == 400
    assert objects(bucket) == {}


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("UPLOAD_MAX_MEMBERS", 1, "has 2 members, and 1 are allowed"),
        ("UPLOAD_MAX_MEMBER_BYTES", 100, "and 100 are allowed"),
        ("UPLOAD_MAX_TOTAL_BYTES", 300, "and 300 are allowed"),
        ("UPLOAD_MAX_ARCHIVE_BYTES", 300, "at most 300 bytes are allowed"),
    ],
)
def test_the_limits_are_settings(
    post: Post, uploader: str, settings: Settings, setting: str, value: int, message: str
) -> None:
    setattr(settings, setting, value)
    response = post({NAME: TEXT, BINARY_NAME: TEXT}, uploader)
    assert response.status_code == 413
    assert message in error_of(response)


def test_the_snippets_are_a_setting(post: Post, uploader: str, settings: Settings) -> None:
    settings.DISALLOWED_SYMBOLS_SNIPPETS = ("main.cc",)
    assert "'main.cc'" in error_of(post({NAME: TEXT}, uploader))


def test_nobody_is_asked_for_a_token(client: Client, db: None) -> None:
    response = client.post("/upload/", {"a.zip": SimpleUploadedFile("a.zip", GOOD)})
    assert response.status_code == 403
    assert error_of(response) == "This requires an Auth-Token to authenticate the request"


@pytest.mark.parametrize("who", ["stranger", "auditor"])
def test_a_token_without_the_permission_is_refused(
    post: Post, request: pytest.FixtureRequest, who: str
) -> None:
    response = post(GOOD, request.getfixturevalue(who))
    assert response.status_code == 403
    assert error_of(response) == "Forbidden"


def test_other_methods_are_not_allowed(client: Client, uploader: str) -> None:
    response = client.get("/upload/", headers={"Auth-Token": uploader})
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert error_of(response) == "Method Not Allowed (GET): /upload/"


@pytest.mark.parametrize(
    ("file_name", "extension"),
    [("a.rar", ".rar"), ("a.tar.gz", ".gz"), ("a", ""), ("a.zip.txt", ".txt")],
)
def test_another_archive_than_a_zip_is_refused(
    post: Post, uploader: str, file_name: str, extension: str
) -> None:
    response = post(GOOD, uploader, field="file", file_name=file_name)
    assert response.status_code == 400
    assert error_of(response) == f'Unrecognized archive file extension "{extension}"'


AT_LEAST_ONE = "Must be multipart form data with at least one file"


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"", "multipart/form-data; boundary=b", AT_LEAST_ONE),
        (b"--b--\r\n", "multipart/form-data; boundary=b", AT_LEAST_ONE),
        (b"text", "multipart/form-data; boundary=b", AT_LEAST_ONE),
        (b"text", "multipart/form-data", "Invalid boundary"),
        (b"text", "multipart/form-data; boundary=\xc3\xa9", "Invalid"),
        (GOOD, "application/zip", AT_LEAST_ONE),
        (b"{}", "application/json", AT_LEAST_ONE),
        (b"a=b", "application/x-www-form-urlencoded", AT_LEAST_ONE),
        (b"", "", AT_LEAST_ONE),
    ],
)
def test_a_body_without_a_file_is_refused(
    client: Client, uploader: str, bucket: Path, body: bytes, content_type: str, message: str
) -> None:
    response = client.generic(
        "POST", "/upload/", body, content_type, headers={"Auth-Token": uploader}
    )
    assert response.status_code == 400
    assert message in error_of(response)


def test_a_second_file_is_refused(client: Client, uploader: str, bucket: Path) -> None:
    files = {name: SimpleUploadedFile(name, GOOD) for name in ["a.zip", "b.zip"]}
    response = client.post("/upload/", files, headers={"Auth-Token": uploader})
    assert response.status_code == 400
    assert error_of(response) == "Must be multipart form data with only one file"


def test_a_field_that_only_looks_like_a_file_is_none(
    client: Client, uploader: str, bucket: Path
) -> None:
    response = client.post("/upload/", {"symbols.zip": "text"}, headers={"Auth-Token": uploader})
    assert error_of(response) == AT_LEAST_ONE


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
    assert answer["skipped_keys"] == [f"v1/{NAME}"]
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
