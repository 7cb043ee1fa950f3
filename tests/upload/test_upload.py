# SPDX-License-Identifier: MPL-2.0

"""``POST /upload/``: what is stored, what is answered, and what is written down."""

import gzip
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, objects, zipped

from tecken.accounts.models import User
from tecken.core.locating.generations import still_holds
from tecken.upload.models import FileUpload, Upload
from tecken.web.generations import generations
from tecken.web.sources import upload_source


def test_new_files_are_stored_and_told(post: Post, uploader: str, bucket: Path) -> None:
    response = post({NAME: TEXT, BINARY_NAME: b"\0binary"}, uploader)
    assert response.status_code == 201
    stored = objects(bucket)
    assert gzip.decompress(stored[f"v1/{NAME}"]) == TEXT
    assert stored[f"v1/{BINARY_NAME}"] == b"\0binary"
    files = {file["key"]: file for file in response.json()["upload"]["files"]}
    nothing = {"arch": "", "has": [], "derived": False, "derivation": "", "problem": ""}
    assert files == {
        f"v1/{NAME}": {
            "key": f"v1/{NAME}",
            "size": len(stored[f"v1/{NAME}"]),
            "update": False,
            "compressed": True,
            "original_size": len(TEXT),
            "kind": "breakpad",
            "debug_file": "xul.pdb",
            "debug_id": DEBUG_ID,
            "code_file": "xul.dll",
            "code_id": "5CF2591C6859000",
            **nothing,
            "has": ["lines", "symbols"],
        },
        f"v1/{BINARY_NAME}": {
            "key": f"v1/{BINARY_NAME}",
            "size": 7,
            "update": False,
            "compressed": False,
            "original_size": 7,
            "kind": "other",
            "debug_file": "xul.pdb",
            "debug_id": DEBUG_ID,
            "code_file": "",
            "code_id": "",
            **nothing,
        },
    }


def test_the_answer_tells_of_the_upload(post: Post, uploader: str) -> None:
    archive = zipped({NAME: TEXT, "target-symbols.txt": b"list", "xul.pdb/.DS_Store": b""})
    upload = post(archive, uploader).json()["upload"]
    del upload["files"], upload["id"]
    for moment in (upload.pop("created_at"), upload.pop("completed_at")):
        assert moment.endswith("Z")
        assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(minutes=5)
    assert upload == {
        "size": len(archive),
        "filename": "symbols.zip",
        "bucket": "symbols",
        "region": None,
        "download_url": None,
        "try_symbols": False,
        "redirect_urls": [],
        "user": "uploader@example.com",
        "skipped_keys": [],
        "skipped": [],
        "ignored_keys": ["target-symbols.txt", "xul.pdb/.DS_Store"],
        "warnings": [],
    }


def test_the_rows_tell_the_same(post: Post, uploader: str, bucket: Path) -> None:
    answer = post({NAME: TEXT}, uploader).json()["upload"]
    upload = Upload.objects.get(pk=answer["id"])
    assert (upload.user.email, upload.filename) == ("uploader@example.com", "symbols.zip")
    assert len(upload.content_hash) == 32
    assert upload.completed_at is not None
    row = upload.files.get()
    assert row.key == f"v1/{NAME}"
    assert (row.bucket_name, row.update, row.compressed) == ("symbols", False, True)
    assert row.size == len(objects(bucket)[f"v1/{NAME}"])
    assert row.original_size == len(TEXT)
    assert (row.debug_file, row.debug_id) == ("xul.pdb", DEBUG_ID)
    assert (row.code_file, row.code_id) == ("xul.dll", "5CF2591C6859000")
    assert row.generator == "mozilla/dump_syms 2.3.4"
    assert row.completed_at is not None


@pytest.mark.parametrize(
    "info",
    [
        b"INFO CODE_ID nothex bad|name\nINFO GENERATOR \0\x01\n",
        b"INFO CODE_ID " + b"A" * 300 + b"\n",
        b"INFO CODE_ID\nINFO GENERATOR\n",
    ],
)
def test_names_that_cannot_be_asked_for_are_not_written_down(
    post: Post, uploader: str, info: bytes
) -> None:
    module = f"MODULE Linux x86_64 {DEBUG_ID} xul.pdb\n".encode()
    assert post({NAME: module + info}, uploader).status_code == 201
    row = FileUpload.objects.get()
    assert (row.code_file, row.code_id, row.generator) == ("", "", "")


def test_a_long_generator_is_cut(post: Post, uploader: str) -> None:
    module = f"MODULE Linux x86_64 {DEBUG_ID} xul.pdb\nINFO GENERATOR {'x' * 300}\n".encode()
    post({NAME: module}, uploader)
    assert FileUpload.objects.get().generator == "x" * 255


def test_ids_go_to_upper_case(post: Post, uploader: str, bucket: Path) -> None:
    post({NAME.replace(DEBUG_ID, DEBUG_ID.lower()): TEXT}, uploader)
    assert list(objects(bucket)) == [f"v1/{NAME}"]


def test_the_same_upload_again_stores_nothing(post: Post, uploader: str, bucket: Path) -> None:
    members = {NAME: TEXT, BINARY_NAME: b"\0binary"}
    post(members, uploader)
    before = {key: (bucket / key).stat().st_mtime_ns for key in objects(bucket)}
    answer = post(members, uploader).json()["upload"]
    assert answer["files"] == []
    assert answer["skipped_keys"] == [NAME, BINARY_NAME]
    assert {key: (bucket / key).stat().st_mtime_ns for key in objects(bucket)} == before
    assert Upload.objects.filter(completed_at__isnull=False).count() == 2


def test_a_changed_file_of_equal_size_replaces_the_old(
    post: Post, uploader: str, bucket: Path
) -> None:
    post({NAME: TEXT, BINARY_NAME: b"old"}, uploader)
    changed = TEXT.replace(b"main.cc", b"niam.cc")
    answer = post({NAME: changed, BINARY_NAME: b"new"}, uploader).json()["upload"]
    assert [file["update"] for file in answer["files"]] == [True, True]
    assert gzip.decompress(objects(bucket)[f"v1/{NAME}"]) == changed
    assert objects(bucket)[f"v1/{BINARY_NAME}"] == b"new"
    assert len(list((bucket / "v1" / ".index" / NAME).iterdir())) == 1


def test_an_object_without_our_metadata_is_replaced(
    post: Post, uploader: str, bucket: Path
) -> None:
    (bucket / "v1" / NAME).parent.mkdir(parents=True)
    (bucket / "v1" / NAME).write_bytes(gzip.compress(TEXT))
    [file] = post({NAME: TEXT}, uploader).json()["upload"]["files"]
    assert file["update"] is True


def test_only_what_is_new_is_stored(post: Post, uploader: str) -> None:
    post({NAME: TEXT}, uploader)
    answer = post({NAME: TEXT, BINARY_NAME: b"new"}, uploader).json()["upload"]
    assert [file["key"] for file in answer["files"]] == [f"v1/{BINARY_NAME}"]
    assert answer["skipped_keys"] == [NAME]


def test_many_files_are_stored(post: Post, uploader: str, bucket: Path) -> None:
    members = {f"a{n}.so/{n:X}/a{n}.so.sym": b"text %d" % n for n in range(100)}
    answer = post(members, uploader).json()["upload"]
    assert len(answer["files"]) == len(objects(bucket)) == 100
    assert FileUpload.objects.filter(completed_at__isnull=False).count() == 100


def test_an_archive_of_ignored_files_is_fine(post: Post, uploader: str, bucket: Path) -> None:
    response = post({"target-symbols.txt": b"list"}, uploader)
    assert response.status_code == 201
    assert objects(bucket) == {}


def test_the_generation_of_what_was_stored_is_raised(post: Post, uploader: str) -> None:
    before = generations().read([NAME, BINARY_NAME])
    post({NAME: TEXT}, uploader)
    after = generations().read([NAME, BINARY_NAME])
    assert [*map(still_holds, before, after)] == [False, True]


def test_a_skipped_file_ends_what_is_remembered_of_it(post: Post, uploader: str) -> None:
    # Whoever stored it may have died before it told anyone.
    post({NAME: TEXT}, uploader)
    before = generations().read([NAME])
    assert post({NAME: TEXT}, uploader).json()["upload"]["files"] == []
    assert not still_holds(*before, *generations().read([NAME]))


def test_the_row_of_a_file_whose_upload_was_killed_when_it_was_stored_is_completed(
    post: Post, uploader: str, bucket: Path
) -> None:
    for _ in range(2):  # the first was killed before it was stored
        post({NAME: TEXT}, uploader)
        FileUpload.objects.update(size=None, completed_at=None)
        shutil.rmtree(bucket / "v1")
    post({NAME: TEXT}, uploader)
    FileUpload.objects.update(size=None, completed_at=None)
    post({NAME: TEXT}, uploader)
    size = (bucket / "v1" / NAME).stat().st_size
    assert [row.size for row in FileUpload.objects.order_by("pk")] == [None, None, size]


def test_the_rows_of_other_contents_and_of_older_uploads_stay_as_they_are(
    post: Post, uploader: str
) -> None:
    post({NAME: TEXT + b"PUBLIC 0 0 a\n"}, uploader)
    post({NAME: TEXT}, uploader)
    FileUpload.objects.update(completed_at=None)
    FileUpload.objects.filter(original_size=len(TEXT)).update(completed_at=timezone.now())
    post({NAME: TEXT}, uploader)
    assert FileUpload.objects.filter(completed_at=None).count() == 1
    FileUpload.objects.update(completed_at=None, original_size=1)
    post({NAME: TEXT}, uploader)
    assert FileUpload.objects.filter(completed_at=None).count() == 2


def test_a_short_id_gives_a_warning(post: Post, uploader: str) -> None:
    response = post({"xul.pdb/A7D6F1BB18CD4CB48/xul.sym": TEXT}, uploader)
    assert response.status_code == 201
    [warning] = response.json()["upload"]["warnings"]
    assert DEBUG_ID in warning


def test_a_wrong_id_gives_a_warning_where_it_is_not_verified(
    post: Post, uploader: str, settings: Settings
) -> None:
    settings.UPLOAD_VERIFY_MODULE = False
    response = post({f"xul.pdb/{'F' * 33}/xul.sym": TEXT}, uploader)
    assert len(response.json()["upload"]["warnings"]) == 1


def test_what_nothing_could_ever_download_is_warned_of(post: Post, uploader: str) -> None:
    members = {
        "xul.pdb/44E4/logo.png": b"PNG",
        "xul.pdb/44E4/xul.pd_": b"MSCF",
        "a.ocx/5C/a.ocx": b"a",
    }
    answer = post(members, uploader).json()["upload"]
    assert len(answer["files"]) == 3
    [warning] = answer["warnings"]
    assert warning.startswith("xul.pdb/44E4/logo.png cannot be downloaded: ")


def test_the_extensions_to_compress_and_their_types_are_settings(
    post: Post, uploader: str, settings: Settings, bucket: Path
) -> None:
    settings.COMPRESS_EXTENSIONS = ("pd_",)
    settings.MIME_OVERRIDES = {"sym": "text/x-symbols"}
    post({NAME: TEXT, BINARY_NAME: b"binary"}, uploader)
    assert objects(bucket)[f"v1/{NAME}"] == TEXT
    assert gzip.decompress(objects(bucket)[f"v1/{BINARY_NAME}"]) == b"binary"
    info = upload_source(try_symbols=False).bucket.head(f"v1/{NAME}")
    assert info.content.content_type == "text/x-symbols"


@pytest.mark.parametrize(
    ("field", "file_name", "expected"),
    [
        ("file", "symbols.zip", "symbols.zip"),
        ("file", "SYMBOLS.ZIP", "SYMBOLS.ZIP"),
        ("symbols.zip", "symbols", "symbols.zip"),
        ("a.zip", "b.zip", "b.zip"),
        ("file", "folder/symbols.zip", "symbols.zip"),
        ("file", "x" * 300 + ".zip", "x" * 251 + ".zip"),
    ],
)
def test_the_archive_is_called_after_its_file_or_its_field(
    post: Post, uploader: str, field: str, file_name: str, expected: str
) -> None:
    answer = post({NAME: TEXT}, uploader, field=field, file_name=file_name).json()
    assert answer["upload"]["filename"] == expected


def test_try_symbols_go_to_their_own_place(post: Post, uploader: str, bucket: Path) -> None:
    answer = post({NAME: TEXT}, uploader, **{"try": "1"}).json()["upload"]
    assert answer["try_symbols"] is True
    assert [file["key"] for file in answer["files"]] == [f"try/v1/{NAME}"]
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


def test_an_empty_try_field_is_no_wish_for_try(post: Post, uploader: str, bucket: Path) -> None:
    post({NAME: TEXT}, uploader, **{"try": ""})
    assert list(objects(bucket)) == [f"v1/{NAME}"]


@pytest.mark.parametrize("form", [{}, {"try": ""}, {"try": "0"}])
def test_a_try_token_uploads_try_symbols_only(
    post: Post, try_uploader: str, bucket: Path, form: dict[str, str]
) -> None:
    answer = post({NAME: TEXT}, try_uploader, **form).json()["upload"]
    assert answer["try_symbols"] is True
    assert list(objects(bucket)) == [f"try/v1/{NAME}"]


@pytest.fixture
def browser(db: None, bucket: Path) -> Client:
    """A browser in which somebody has signed in who may upload."""
    user, _ = User.objects.get_or_create_by_email("person@example.com")
    user.user_permissions.add(Permission.objects.get(codename="upload_symbols"))
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies["csrftoken"] = "a" * 32
    return client


def test_a_session_may_upload_with_a_csrf_token(browser: Client, bucket: Path) -> None:
    def post(**headers: str) -> int:
        form = {"symbols.zip": SimpleUploadedFile("symbols.zip", zipped({NAME: TEXT}))}
        return browser.post("/upload/", form, headers=headers).status_code

    assert post() == 403
    assert objects(bucket) == {}
    assert post(**{"X-CSRFToken": "a" * 32}) == 201


def test_the_body_of_a_session_without_csrf_token_stays_within_the_limit(
    browser: Client, settings: Settings
) -> None:
    settings.UPLOAD_MAX_ARCHIVE_BYTES = 1000
    form = {"symbols.zip": SimpleUploadedFile("symbols.zip", b"x" * 2000)}
    assert browser.post("/upload/", form).status_code == 413


@pytest.mark.real_data
def test_the_sample_archive_is_stored(
    post: Post, uploader: str, bucket: Path, real_data: Path
) -> None:
    archive = (real_data / "archives" / "sample-with-ignorable-files.zip").read_bytes()
    answer = post(archive, uploader).json()["upload"]
    assert {file["key"]: file["compressed"] for file in answer["files"]} == {
        "v1/flag/DEADBEEF/flag.jpeg": False,
        "v1/xpcshell.dbg/A7D6F1BB18CD4CB48/xpcshell.sym": True,
    }
    assert len(answer["ignored_keys"]) == 3
    assert len(answer["warnings"]) == 2  # the other is that nobody can ask for a picture
    assert len(objects(bucket)["v1/flag/DEADBEEF/flag.jpeg"]) == 69183
