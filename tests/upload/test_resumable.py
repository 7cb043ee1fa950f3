# SPDX-License-Identifier: MPL-2.0

"""``/upload/resumable/``: an archive that arrives in parts and goes on after an interruption."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from mypy_boto3_s3 import S3Client
from pytest_django.fixtures import Settings
from tests.upload.examples import DEBUG_ID, NAME, TEXT, Post, make_token, objects, zipped

from tecken.accounts.models import User
from tecken.core.errors import StorageUnavailableError
from tecken.core.storage.filesystem import FolderBucket
from tecken.upload import orphans
from tecken.upload.models import FileUpload, ResumablePart, ResumableUpload, Upload
from tecken.upload.resumable import parts, services, sweeping
from tecken.upload.spool import spool_folder
from tecken.upload.tasks import remove_try_objects, sweep_parts
from tecken.web.sources import upload_source

ARCHIVE = zipped({NAME: TEXT})
START = "/upload/resumable/"
VERSION = {"Tus-Resumable": "1.0.0"}


class Tus:
    """A client of the protocol. ``token`` may be changed on the way."""

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.token = token
        self.url = ""

    def ask(self, method: str, url: str, data: bytes = b"", **headers: str) -> HttpResponse:
        kind = headers.pop("Content_Type", "application/offset+octet-stream")
        sent = {"Auth-Token": self.token, **VERSION}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, url, data, kind, headers={k: v for k, v in sent.items() if v}
        )

    def begin(self, size: int = len(ARCHIVE), **fields: str) -> HttpResponse:
        fields = {"filename": "symbols.zip", **fields}
        answer = self.ask(
            "POST", START, Upload_Length=str(size), Upload_Metadata=metadata(**fields)
        )
        if answer.status_code == 201:
            self.url = answer["Location"]
        return answer

    def send(self, data: bytes, offset: int) -> HttpResponse:
        return self.ask("PATCH", self.url, data, Upload_Offset=str(offset))

    def offset(self) -> int:
        answer = self.ask("HEAD", self.url)
        assert answer.status_code == 200, answer.content
        return int(answer["Upload-Offset"])

    def stored(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.client.get(
            self.url, headers={"Auth-Token": self.token}
        ).json()["upload"]
        return found


def metadata(**fields: str) -> str:
    return ",".join(f"{name} {b64encode(text.encode()).decode()}" for name, text in fields.items())


def parts_in(bucket: Path) -> list[Path]:
    return [path for path in (bucket / "v1/.parts").rglob("*") if path.is_file()]


@pytest.fixture
def tus(client: Client, bucket: Path, uploader: str) -> Tus:
    return Tus(client, uploader)


def test_an_archive_in_parts_is_stored_as_one_in_a_form(
    tus: Tus, post: Post, bucket: Path, client: Client
) -> None:
    begun = tus.begin()
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "0")
    for start in range(0, len(ARCHIVE), 100):
        assert tus.offset() == start
        answer = tus.send(ARCHIVE[start : start + 100], start)
        assert (answer.status_code, answer["Tus-Resumable"]) == (204, "1.0.0"), answer.content
    assert tus.offset() == len(ARCHIVE)
    stored = tus.stored()
    assert stored is not None
    assert parts_in(bucket) == []
    assert list(spool_folder().iterdir()) == []
    assert client.get(f"/{NAME}").status_code == 302
    before = objects(bucket)
    Upload.objects.all().delete()
    (bucket / "v1" / NAME).unlink()
    whole = post(ARCHIVE, tus.token).json()["upload"]
    assert objects(bucket).keys() == before.keys()
    differing = {"id", "completed_at", "created_at"}
    assert {k: v for k, v in stored.items() if k not in differing} == {
        k: v for k, v in whole.items() if k not in differing
    }


def test_what_is_said_of_an_upload(tus: Tus, client: Client) -> None:
    tus.begin()
    tus.send(ARCHIVE[:9], 0)
    answer = client.get(tus.url, headers={"Auth-Token": tus.token})
    said = answer.json()
    assert (said["url"], said["offset"], said["size"]) == (tus.url, 9, len(ARCHIVE))
    assert (said["filename"], said["try_symbols"], said["upload"]) == ("symbols.zip", False, None)
    head = tus.ask("HEAD", tus.url)
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("9", str(len(ARCHIVE)))
    assert head["Upload-Metadata"] == metadata(filename="symbols.zip")
    assert (head["Cache-Control"], head["Upload-Expires"][-3:]) == ("no-store", "GMT")
    listed = client.get(START, headers={"Auth-Token": tus.token}).json()["uploads"]
    assert [upload["id"] for upload in listed] == [said["id"]]
    abilities = client.options(START)
    assert (abilities["Tus-Version"], abilities.status_code) == ("1.0.0", 204)
    assert abilities["Tus-Extension"] == "creation,expiration,termination"
    assert int(abilities["Tus-Max-Size"]) == 4 * 1024**3


def test_parts_are_no_files(
    tus: Tus, bucket: Path, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus.begin(**{"try": "1"})
    tus.send(ARCHIVE[:100], 0)
    [part] = (path for path in bucket.rglob("try/v1/.parts/*/*") if path.is_file())
    upload_id = tus.url.rpartition("/")[2]
    assert part.read_bytes() == ARCHIVE[:100]
    key = f".parts/{upload_id}/{part.name}"
    source = upload_source(try_symbols=True)
    for url in (f"/{key}", f"/try/{key}", f"/_files/{source.name}/try/v1/{key}"):
        assert client.get(url).status_code in {400, 404}
    settings.SYMBOL_URLS = ()
    elsewhere = bucket.with_name("elsewhere")
    elsewhere.mkdir()
    settings.UPLOAD_DEFAULT_URL = elsewhere.as_uri()
    settings.TRY_SYMBOLS_RETENTION_DAYS = -1
    assert remove_try_objects.remove(dry_run=False) == 0
    monkeypatch.setattr(orphans, "_ORPHAN_SECONDS", -60)
    assert orphans.sweep_orphaned_indexes() == 0
    assert part.exists()


def test_of_two_who_send_the_same_bytes_one_wins(
    tus: Tus, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus.begin()
    store = parts._store
    answers = []

    def store_after_another(*arguments: Any) -> None:
        monkeypatch.setattr(parts, "_store", store)  # the other is as far as this one
        store(*arguments)
        answers.append(tus.send(b"X" * 50, 0))

    monkeypatch.setattr(parts, "_store", store_after_another)
    answers.append(tus.send(ARCHIVE[:70], 0))
    assert [answer.status_code for answer in answers] == [204, 409]
    assert answers[1].json() == {"error": "Another request has sent these bytes meanwhile"}
    assert tus.offset() == 50
    assert [part.read_bytes() for part in parts_in(bucket)] == [b"X" * 50]


def test_of_two_who_send_the_end_one_wins(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    tus.begin()
    tus.send(ARCHIVE[:100], 0)
    store = services.measured_upload
    answers = []

    def meanwhile(*arguments: Any) -> Any:
        answers.append(tus.send(ARCHIVE[100:], 100))
        answers.append(tus.send(ARCHIVE[100:110], 100))
        answers.append(tus.ask("DELETE", tus.url))
        return store(*arguments)

    monkeypatch.setattr(services, "measured_upload", meanwhile)
    assert tus.send(ARCHIVE[100:], 100).status_code == 204
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert Upload.objects.count() == 1


def test_storing_that_was_interrupted_begins_anew(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, bucket: Path
) -> None:
    tus.begin()
    tus.send(ARCHIVE[:100], 0)

    def killed(*_arguments: object) -> None:
        raise StorageUnavailableError("symbols", None, "away")

    with monkeypatch.context() as patched:
        patched.setattr(services, "measured_upload", killed)
        assert tus.send(ARCHIVE[100:], 100).status_code == 503
    assert (tus.offset(), tus.stored(), len(parts_in(bucket))) == (100, None, 1)
    # A process that is killed says until when nobody else may begin.
    ResumableUpload.objects.update(finishing_until=timezone.now() + timedelta(seconds=9))
    assert tus.send(ARCHIVE[100:], 100).status_code == 409
    ResumableUpload.objects.update(finishing_until=timezone.now())
    assert tus.send(ARCHIVE[100:], 100).status_code == 204
    assert tus.stored() is not None


def test_an_archive_that_is_refused_is_refused_again(tus: Tus, bucket: Path) -> None:
    tus.begin(20)
    tus.send(b"no zip, but", 0)
    refused = tus.send(b"123456789", 11)
    assert refused.status_code == 400
    for answer in (tus.send(b"123456789", 11), tus.ask("GET", tus.url)):
        assert (answer.status_code, answer.json()) == (400, refused.json())
    assert parts_in(bucket) == []
    assert tus.ask("DELETE", tus.url).status_code == 204
    assert tus.ask("HEAD", tus.url).status_code == 404


def test_a_part_that_was_lost_ends_the_upload(tus: Tus, bucket: Path) -> None:
    tus.begin()
    tus.send(ARCHIVE[:100], 0)
    [part] = parts_in(bucket)
    part.unlink()
    assert tus.send(ARCHIVE[100:], 100).status_code == 410
    assert tus.ask("HEAD", tus.url).status_code == 410


def test_an_upload_is_its_owners_alone(
    tus: Tus, try_uploader: str, stranger: str, client: Client
) -> None:
    tus.begin()
    for token, status in ((try_uploader, 404), (stranger, 403), ("", 403), ("f" * 32, 403)):
        tus.token = token
        assert tus.send(ARCHIVE[:10], 0).status_code == status
        for method in ("HEAD", "GET", "DELETE"):
            assert tus.ask(method, tus.url).status_code == status
    tus.token = try_uploader
    assert client.get(START, headers={"Auth-Token": try_uploader}).json() == {"uploads": []}


def test_another_token_of_the_owner_goes_on_where_it_may_upload(tus: Tus) -> None:
    tus.begin()
    tus.token = make_token("upload_try_symbols", email="uploader@example.com")
    assert tus.send(ARCHIVE[:10], 0).status_code == 403
    assert tus.offset() == 0
    tus.token = make_token("upload_symbols", email="uploader@example.com")
    assert tus.send(ARCHIVE, 0).status_code == 204


def test_where_the_files_go(
    tus: Tus, try_uploader: str, bucket: Path, settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    settings.UPLOAD_URL_EXCEPTIONS = {"uploader@example.com": other.as_uri()}
    for fields, folder in (
        ({}, other / "v1"),
        ({"bucket_name": "symbols"}, bucket / "v1"),
        ({"try": "1"}, bucket / "try/v1"),
    ):
        assert tus.begin(**fields).status_code == 201
        tus.send(ARCHIVE[:100], 0)
        assert [path.parent.parent.name for path in folder.rglob(".parts/*/*")] == [".parts"]
        assert tus.send(ARCHIVE[100:], 100).status_code == 204
        assert (folder / NAME).exists()
    assert tus.begin(bucket_name="nowhere").json() == {"error": "No valid bucket"}
    tus.token = try_uploader
    tus.begin()
    assert tus.ask("GET", tus.url).json()["try_symbols"] is True


def test_a_session_needs_its_csrf_token(tus: Tus) -> None:
    browser = Tus(Client(enforce_csrf_checks=True), "")
    browser.client.force_login(User.objects.get(), "django.contrib.auth.backends.ModelBackend")
    assert browser.begin().status_code == 403
    browser.client.cookies["csrftoken"] = "a" * 32
    tus.begin()
    browser.url = tus.url
    assert browser.send(ARCHIVE, 0).status_code == 403
    answer = browser.ask("PATCH", tus.url, ARCHIVE, Upload_Offset="0", X_CSRFToken="a" * 32)
    assert answer.status_code == 204


def test_a_client_that_knows_post_alone(tus: Tus) -> None:
    tus.begin()
    headers = {"X_HTTP_Method_Override": "PATCH", "Upload_Offset": "0"}
    assert tus.ask("POST", tus.url, ARCHIVE, **headers).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        ({"Tus_Resumable": ""}, 412, "Tus-Resumable must be 1.0.0"),
        ({"Tus_Resumable": "0.2.2"}, 412, "Tus-Resumable must be 1.0.0"),
        ({"Upload_Length": ""}, 400, "Upload-Length must be a number of bytes"),
        ({"Upload_Length": "-1"}, 400, "Upload-Length must be a number of bytes"),
        ({"Upload_Length": "9" * 30}, 400, "Upload-Length must be a number of bytes"),
        ({"Upload_Length": "²"}, 400, "Upload-Length must be a number of bytes"),
        ({"Upload_Length": "0"}, 400, "Upload-Length is 0: an archive has some bytes"),
        ({"Upload_Length": "1000001"}, 413, "The archive is too large: at most 1000000 bytes are allowed"),
        ({"Upload_Defer_Length": "1"}, 400, "Upload-Length must be known from the beginning"),
        ({"Upload_Metadata": ""}, 400, "Upload-Metadata must have the filename of the archive"),
        ({"Upload_Metadata": "filename"}, 400, "Upload-Metadata must have the filename of the archive"),
        ({"Upload_Metadata": "filename !"}, 400, "Upload-Metadata: filename must be UTF-8 text in base64"),
        ({"Upload_Metadata": "filename /w=="}, 400, "Upload-Metadata: filename must be UTF-8 text in base64"),
        ({"Upload_Metadata": "a\0"}, 400, "Upload-Metadata has characters that do not belong there"),
        ({"Upload_Metadata": "a" * 5000}, 413, "Upload-Metadata is longer than 4096 bytes"),
        ({"Upload_Metadata": metadata(filename="a.exe")}, 400, 'Unrecognized archive file extension ".exe"'),
        ({"Upload_Metadata": metadata(filename="a.zip", bucket_name="a" * 300)}, 400, "Upload-Metadata: bucket_name is no name of a bucket"),
    ],
)  # fmt: skip
def test_a_beginning_that_makes_no_sense(
    tus: Tus, settings: Settings, headers: dict[str, str], status: int, sentence: str
) -> None:
    settings.UPLOAD_MAX_ARCHIVE_BYTES = 1_000_000
    right = {"Upload_Length": "10", "Upload_Metadata": metadata(filename="symbols.zip")}
    answer = tus.ask("POST", START, **{**right, **headers})
    assert (answer.status_code, answer.json()) == (status, {"error": sentence})
    assert answer["Tus-Resumable"] == "1.0.0"
    assert not ResumableUpload.objects.exists()


@pytest.mark.parametrize(
    ("data", "headers", "status", "sentence"),
    [
        (b"x", {"Tus_Resumable": ""}, 412, "Tus-Resumable must be 1.0.0"),
        (b"x", {"Content_Type": "text/plain"}, 415, "Content-Type must be application/offset+octet-stream"),
        (b"x", {"Upload_Offset": ""}, 400, "Upload-Offset must be a number of bytes"),
        (b"x", {"Upload_Offset": "0"}, 409, "Upload-Offset is 0, and 10 bytes are there of this upload"),
        (b"x", {"Upload_Offset": "11"}, 409, "Upload-Offset is 11, and 10 bytes are there of this upload"),
        (ARCHIVE, {}, 413, f"Upload-Length leaves only {len(ARCHIVE) - 10} bytes to be sent"),
        (b"x", {"Content_Encoding": "gzip"}, 415, "Content-Encoding 'gzip' cannot be read: no compressed body is taken here"),
    ],
)  # fmt: skip
def test_a_part_that_does_not_fit(
    tus: Tus, bucket: Path, data: bytes, headers: dict[str, str], status: int, sentence: str
) -> None:
    tus.begin()
    tus.send(ARCHIVE[:10], 0)
    answer = tus.ask("PATCH", tus.url, data, **{"Upload_Offset": "10", **headers})
    assert (answer.status_code, answer.json()) == (status, {"error": sentence})
    assert (tus.offset(), len(parts_in(bucket))) == (10, 1)


def test_no_bytes_change_nothing(tus: Tus) -> None:
    tus.begin()
    assert tus.send(b"", 0).status_code == 204
    assert tus.send(ARCHIVE, 0).status_code == 204
    assert tus.send(b"", len(ARCHIVE)).status_code == 204
    assert tus.send(b"x", len(ARCHIVE)).status_code == 413
    assert (tus.offset(), Upload.objects.count()) == (len(ARCHIVE), 1)


def test_so_many_may_be_unfinished(tus: Tus, settings: Settings) -> None:
    settings.UPLOAD_MAX_UNFINISHED = 2
    assert [tus.begin().status_code for _ in range(3)] == [201, 201, 413]
    assert "There are 2 unfinished uploads of this user" in tus.begin().json()["error"]
    assert tus.ask("DELETE", tus.url).status_code == 204
    assert tus.begin().status_code == 201
    assert tus.send(ARCHIVE, 0).status_code == 204
    assert tus.begin().status_code == 201


def test_so_many_parts_are_kept(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_PARTS", 2)
    tus.begin()
    assert [tus.send(b"x", at).status_code for at in range(3)] == [204, 204, 413]


def test_a_full_disk_is_said_before_and_in_the_middle(
    tus: Tus, settings: Settings, bucket: Path
) -> None:
    tus.begin()
    settings.UPLOAD_MIN_FREE_BYTES = 2**60
    assert tus.begin().status_code == 503
    assert tus.send(ARCHIVE[:10], 0).status_code == 503
    assert tus.send(ARCHIVE, 0).status_code == 503
    settings.UPLOAD_MIN_FREE_BYTES = 0
    assert (tus.offset(), parts_in(bucket)) == (0, [])
    assert tus.send(ARCHIVE, 0).status_code == 204


def test_a_large_part_is_streamed(tus: Tus, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PUT_BYTES", 50)
    monkeypatch.setattr(FolderBucket, "put", None)
    tus.begin()
    assert tus.send(ARCHIVE[:100], 0).status_code == 204
    assert [part.read_bytes() for part in parts_in(bucket)] == [ARCHIVE[:100]]


def expire() -> None:
    ResumableUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_what_has_expired_is_swept(tus: Tus, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_UNTOUCHED", timedelta(seconds=-60))
    for _ in range(2):
        tus.begin()
        tus.send(ARCHIVE[:100], 0)
    assert ResumableUpload.objects.get(pk=tus.url[-32:]).expires_at > timezone.now() + timedelta(
        hours=23
    )
    assert (sweep_parts.remove(dry_run=False), len(parts_in(bucket))) == (0, 2)
    kept = tus.url[-32:]
    ResumableUpload.objects.exclude(pk=kept).update(expires_at=timezone.now())
    assert (sweep_parts.remove(dry_run=True), len(parts_in(bucket))) == (1, 2)
    assert (sweep_parts.remove(dry_run=False), len(parts_in(bucket))) == (1, 1)
    assert [str(row.pk) for row in ResumableUpload.objects.all()] == [kept]
    assert ResumablePart.objects.count() == 1
    expire()
    answer = tus.ask("HEAD", tus.url)
    assert answer.status_code == 410
    assert tus.ask("GET", tus.url).json() == {"error": "This upload has expired: begin it again"}
    assert tus.send(ARCHIVE[100:], 100).status_code == 410
    sweep_parts.remove(dry_run=False)
    assert parts_in(bucket) == []
    assert tus.ask("HEAD", tus.url).status_code == 404


def test_parts_that_no_row_knows_are_swept_after_an_hour(
    tus: Tus, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus.begin()
    tus.send(ARCHIVE[:100], 0)
    ResumableUpload.objects.all().delete()
    assert (sweep_parts.remove(dry_run=False), len(parts_in(bucket))) == (0, 1)
    monkeypatch.setattr(sweeping, "_UNTOUCHED", timedelta(seconds=-60))
    assert (sweep_parts.remove(dry_run=False), len(parts_in(bucket))) == (1, 0)


def test_parts_lie_in_s3(
    tus: Tus, s3_client: S3Client, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_PUT_BYTES", 150)

    def listed() -> list[tuple[str, int]]:
        found = s3_client.list_objects_v2(Bucket=s3_bucket).get("Contents", [])
        return sorted((item["Key"].rpartition("/")[0], item["Size"]) for item in found)

    tus.begin()
    for start, stop in ((0, 100), (100, 260)):
        tus.send(ARCHIVE[start:stop], start)
    folder = f"v1/.parts/{tus.url[-32:]}"
    assert listed() == [(folder, 100), (folder, 160)]
    assert tus.send(ARCHIVE[260:], 260).status_code == 204
    assert {key for key, _ in listed()} == {
        f"v1/xul.pdb/{DEBUG_ID}",
        f"v1/.index/xul.pdb/{DEBUG_ID}/xul.sym",
    }
    tus.begin()
    tus.send(ARCHIVE[:100], 0)
    monkeypatch.setattr(sweeping, "_UNTOUCHED", timedelta(seconds=-60))
    expire()
    assert sweep_parts.remove(dry_run=False) == 1
    assert FileUpload.objects.count() == 1
