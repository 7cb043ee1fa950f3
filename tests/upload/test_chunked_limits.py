# SPDX-License-Identifier: MPL-2.0

"""What is refused of files that arrive in chunks, and what is left of them."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from mypy_boto3_s3 import S3Client
from pytest_django.fixtures import Settings
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    PROGRAM_FULL,
)
from tests.upload.chunks import ASSEMBLE, CHUNKS, Cli, chunks_in, form, sha1

from tecken.upload import json_body
from tecken.upload.chunked import arriving, protocol
from tecken.upload.models import ChunkedFile, Upload, UploadChunk
from tecken.upload.resumable import sweeping
from tecken.upload.spool import spool_folder
from tecken.upload.tasks import sweep_parts

FOLDER = f"v1/.native/{BUILD_ID[:2]}/{BUILD_ID[2:]}"


def test_large_files_are_parted_into_uploads(cli: Cli, settings: Settings) -> None:
    settings.UPLOAD_MAX_ARCHIVE_BYTES = len(PROGRAM_FULL) + 10
    # They have chunks in common, which the first must leave for the second.
    told = cli.upload(
        {"crash": PROGRAM_FULL, "next": PROGRAM_FULL.replace(bytes.fromhex(BUILD_ID), b"n" * 20)}
    )
    assert [one["state"] for one in told.values()] == ["ok", "ok"]
    assert Upload.objects.count() == 2
    assert UploadChunk.objects.count() == 0


def test_a_file_that_is_too_large_is_told_before_all_of_it_is_sent(
    cli: Cli, settings: Settings
) -> None:
    settings.UPLOAD_MAX_MEMBER_BYTES = 1500
    cli.send(*cli.cut(PROGRAM_FULL)[:2])
    told = cli.assemble({"crash": PROGRAM_FULL})["crash"]
    assert (told["state"], told["missingChunks"]) == ("error", [])
    assert told["detail"] == "It is too large: at most 1500 bytes are allowed"


CHUNK = b"some bytes"
HELLO = sha1(CHUNK)
BODIES = {
    "no form": (b"{}", "The multipart form cannot be read"),
    "no part": (form([]), "Must be multipart form data with at least one chunk"),
    "another field": (
        form([("chunk", HELLO, CHUNK)]),
        "The part 'chunk' of the form is neither file nor file_gzip",
    ),
    "no name": (form([("file", "x.bin", CHUNK)]), "The file name of a chunk must be its SHA-1"),
    "other bytes": (form([("file", HELLO, b"x")]), f"The chunk {HELLO} has another content"),
    "no gzip": (form([("file_gzip", HELLO, CHUNK)]), f"The chunk {HELLO} is damaged gzip"),
    "gzip that ends early": (
        form([("file_gzip", HELLO, gzip.compress(CHUNK)[:-9])]),
        f"The chunk {HELLO} is damaged gzip: it ends too early",
    ),
    "gzip with something behind": (
        form([("file_gzip", HELLO, gzip.compress(CHUNK) * 2)]),
        f"The chunk {HELLO} is damaged gzip: something follows its end",
    ),
    "cut off": (form([("file", HELLO, CHUNK)])[:-9], "The multipart form cannot be read"),
}


@pytest.mark.parametrize(("body", "error"), BODIES.values(), ids=BODIES)
def test_bad_chunks_are_refused(cli: Cli, bucket: Path, body: bytes, error: str) -> None:
    answer = cli.post_form(body)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (400, error)
    assert (chunks_in(bucket), list(spool_folder().iterdir())) == ([], [])
    assert cli.ask("POST", CHUNKS, body).status_code == 400  # of another type


def test_chunks_have_limits(cli: Cli, bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "CHUNK_BYTES", 100)
    monkeypatch.setattr(arriving, "REQUEST_BYTES", 250)
    monkeypatch.setattr(arriving, "CHUNKS_PER_REQUEST", 4)
    many = [bytes([number]) for number in range(5)]
    large = [bytes([number]) * 90 for number in range(3)]
    bomb = [bytes(1_000_000)]
    for chunks, error in ((many, "A request may"), (large, "The chunks of"), (bomb, "The chunk ")):
        answer = cli.send(*chunks)
        assert (answer.status_code, answer.json()["error"][: len(error)]) == (413, error)
    assert cli.send(*large[:2]).status_code == 200
    assert len(chunks_in(bucket)) == 2


def test_a_user_has_so_much_in_chunks(cli: Cli, settings: Settings) -> None:
    settings.UPLOAD_MAX_UNFINISHED, settings.UPLOAD_MAX_ARCHIVE_BYTES = 2, 10
    assert cli.send(b"a" * 12).status_code == 200
    refused = cli.send(b"b" * 9)
    assert refused.status_code == 413
    assert refused.json()["error"].startswith("There are 12 bytes in chunks of this user")
    assert cli.send(b"a" * 12).status_code == 200  # it is there


def test_a_full_disk_is_said(cli: Cli, settings: Settings, bucket: Path) -> None:
    settings.UPLOAD_MIN_FREE_BYTES = 2**60
    assert cli.send(CHUNK).status_code == 503
    settings.UPLOAD_MIN_FREE_BYTES = 0
    assert cli.send(*cli.cut(PROGRAM_FULL)).status_code == 200
    settings.UPLOAD_MIN_FREE_BYTES = 2**60
    body = json.dumps(cli.wanted({"crash": PROGRAM_FULL})).encode()
    assert cli.ask("POST", ASSEMBLE, body).status_code == 503
    assert ChunkedFile.objects.count() == 0


REQUESTS = {
    "no JSON": (b"{", "The body is not valid JSON"),
    "a list": (b"[]", "The body is not a JSON object"),
    "deep": (b"[" * 100_000, "The body is not valid JSON"),
    "no SHA-1": (b'{"x": {}}', "'x' is no SHA-1: 40 hexadecimal digits"),
    "no object": (b'{"%s": 1}' % HELLO.encode(), f"{HELLO}: must be an object"),
    "no name": (b'{"%s": {"chunks": []}}' % HELLO.encode(), f"{HELLO}: name must be a string"),
    "no chunks": (b'{"%s": {"name": "x", "chunks": []}}' % HELLO.encode(), f"{HELLO}: chunks must"),
    "bad chunks": (
        b'{"%s": {"name": "x", "chunks": ["y", 1]}}' % HELLO.encode(),
        f"{HELLO}: chunks must be a list of SHA-1s",
    ),
}


@pytest.mark.parametrize(("body", "error"), REQUESTS.values(), ids=REQUESTS)
def test_bad_requests_are_refused(cli: Cli, body: bytes, error: str) -> None:
    answer = cli.ask("POST", ASSEMBLE, body)
    assert (answer.status_code, answer.json()["error"][: len(error)]) == (400, error)


def test_requests_have_limits(
    cli: Cli, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(cli.wanted({"a": b"a", "b": b"b" * 3000})).encode()
    with monkeypatch.context() as patched:
        patched.setattr(protocol, "MAX_CHUNKS", 3)
        assert cli.ask("POST", ASSEMBLE, body).status_code == 413
    settings.UPLOAD_MAX_MEMBERS = 1
    assert cli.ask("POST", ASSEMBLE, body).json()["error"] == (
        "The request has 2 files; 1 are allowed"
    )
    monkeypatch.setattr(json_body, "_MAX_BODY_BYTES", 10)
    assert cli.ask("POST", ASSEMBLE, body).status_code == 413


def test_a_request_may_be_compressed_and_ask_for_nothing(cli: Cli) -> None:
    answer = cli.ask("POST", ASSEMBLE, gzip.compress(b"{}"), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()) == (200, {})


def test_what_nobody_has_asked_for_is_swept_after_a_day(
    cli: Cli, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.send(b"old", b"young")
    day = timedelta(hours=24, seconds=1)
    UploadChunk.objects.filter(sha1=sha1(b"old")).update(asked_at=timezone.now() - day)
    assert (sweep_parts.remove(dry_run=True), len(chunks_in(bucket))) == (1, 2)
    assert (sweep_parts.remove(dry_run=False), len(chunks_in(bucket))) == (1, 1)
    # An object that no row tells of may be one that is just arriving.
    UploadChunk.objects.all().delete()
    assert (sweep_parts.remove(dry_run=False), len(chunks_in(bucket))) == (0, 1)
    monkeypatch.setattr(sweeping, "_UNTOUCHED", timedelta(seconds=-60))
    cli.send(b"new")
    assert (sweep_parts.remove(dry_run=False), len(chunks_in(bucket))) == (1, 1)
    assert UploadChunk.objects.get().sha1 == sha1(b"new")


def test_files_that_came_to_nothing_are_forgotten_after_a_day(cli: Cli) -> None:
    cli.upload({"bad": b"#!", "crash": PROGRAM_FULL})
    ChunkedFile.objects.update(changed_at=timezone.now() - timedelta(days=2))
    sweep_parts.remove(dry_run=False)
    assert [row.name for row in ChunkedFile.objects.all()] == ["crash"]
    assert cli.states({"crash": PROGRAM_FULL}) == ["ok"]
    # What somebody brings again counts as brought.
    assert Upload.objects.latest("pk").skipped_keys == [f"{FOLDER}/executable"]


def test_chunks_and_files_lie_in_s3(cli: Cli, s3_client: S3Client, s3_bucket: str) -> None:
    def listed() -> set[str]:
        found = s3_client.list_objects_v2(Bucket=s3_bucket).get("Contents", [])
        keys = {item["Key"] for item in found}
        return {key for key in keys if "/.index/" not in key and not key.endswith(".alias")}

    cli.send(*cli.cut(PROGRAM_FULL))
    assert len(listed()) == len(set(cli.cut(PROGRAM_FULL)))
    assert cli.upload({"crash": PROGRAM_FULL})["crash"]["state"] == "ok"
    assert listed() == {f"{FOLDER}/executable", f"v1/crash/{DEBUG_ID}/crash.sym"}
    assert cli.states({"crash": PROGRAM_FULL}) == ["ok"]
