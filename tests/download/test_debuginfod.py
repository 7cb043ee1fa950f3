# SPDX-License-Identifier: MPL-2.0

"""debuginfod's URLs: files, sections and sources by build id."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.download.conftest import Store
from tests.support.native_files import BUILD_ID, DEBUG_ID, PROGRAM, PROGRAM_DEBUG, PROGRAM_FULL
from tests.support.source_bundles import source_bundle
from tests.upload.examples import make_token, zipped

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.identifiers import NativeKey
from tecken.core.native.content import Content as NativeContent
from tecken.core.native.elf import ElfFile
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source
from tecken.download import metadata as metadata_module
from tecken.upload.models import FileUpload

URL = f"/buildid/{BUILD_ID}"
PLAIN = Content()
SOURCE = b"int main(void) { return 0; }\n" * 1000


def put(source: Source, role: str, data: bytes, content: Content = PLAIN) -> str:
    object_key = source.object_key(NativeKey.of_id(BUILD_ID, role))
    source.bucket.put(object_key, data, content)
    return object_key


@pytest.fixture
def build(store: Store) -> Store:
    """A stripped program, its debug file, and its sources."""
    put(store.first, "executable", PROGRAM)
    put(store.second, "debuginfo", PROGRAM_DEBUG)
    sources = {"/build/crash.c": SOURCE, "/build/a +%#.c": b"odd", "C:\\src\\win.c": b"windows"}
    bundle = source_bundle(sources, debug_id=DEBUG_ID, code_id=BUILD_ID)
    put(store.first, "sourcebundle", bundle)
    return store


def body(response) -> bytes:
    return b"".join(response)


def raw_section(data: bytes, name: str) -> bytes:
    elf = ElfFile(NativeContent(data, 0, len(data), "the file"))
    section = elf.find(name)
    assert section is not None
    return data[section.offset : section.offset + section.size]


@pytest.mark.parametrize(("role", "data"), [("debuginfo", PROGRAM_DEBUG), ("executable", PROGRAM)])
def test_a_file_comes_back_byte_for_byte(
    client: Client, build: Store, role: str, data: bytes
) -> None:
    response = client.get(f"{URL}/{role}")
    assert response.status_code == 200
    assert body(response) == data
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Length"] == response["X-DEBUGINFOD-SIZE"] == str(len(data))
    assert response["X-DEBUGINFOD-FILE"] == f".native/{BUILD_ID[:2]}/{BUILD_ID[2:]}/{role}"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Last-Modified"]
    assert response["Cache-Control"] == "private, no-cache, no-transform"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_an_id_may_have_any_case(client: Client, build: Store) -> None:
    assert body(client.get(f"/buildid/{BUILD_ID.upper()}/debuginfo")) == PROGRAM_DEBUG


def test_head_tells_size_and_version_without_a_body(client: Client, build: Store) -> None:
    response, got = client.head(f"{URL}/debuginfo"), client.get(f"{URL}/debuginfo")
    assert (response.status_code, body(response)) == (200, b"")
    for header in ("Content-Length", "ETag", "Last-Modified", "X-DEBUGINFOD-SIZE"):
        assert response[header] == got[header]


def test_conditions_and_ranges_hold(client: Client, build: Store) -> None:
    etag = client.get(f"{URL}/debuginfo")["ETag"]

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(f"{URL}/debuginfo", headers=named).status_code

    assert status(If_None_Match=etag) == 304
    assert status(If_Match='"another"') == 412
    assert status(Range="bytes=999999999-") == 416
    ranged = client.get(f"{URL}/debuginfo", headers={"Range": "bytes=4-7", "If-Range": etag})
    assert (ranged.status_code, body(ranged)) == (206, PROGRAM_DEBUG[4:8])
    assert ranged["Content-Range"] == f"bytes 4-7/{len(PROGRAM_DEBUG)}"


def test_a_client_gets_no_more_than_it_takes(client: Client, build: Store) -> None:
    def status(most: str) -> int:
        return client.get(f"{URL}/debuginfo", headers={"X-DEBUGINFOD-MAXSIZE": most}).status_code

    size = len(PROGRAM_DEBUG)
    assert [status(str(size)), status(str(size - 1)), status("1" * 30)] == [200, 406, 200]
    assert [status("-5"), status("²"), status("")] == [200, 200, 200]


def test_answers_are_public_where_the_settings_allow_it(
    client: Client, build: Store, settings
) -> None:
    settings.DOWNLOAD_CACHE_SECONDS = 600
    found, missing = client.get(f"{URL}/debuginfo"), client.get("/buildid/abcdef/debuginfo")
    assert found["Cache-Control"] == "public, max-age=600, no-transform"
    assert missing["Cache-Control"] == "public, max-age=600"


def test_an_unstripped_program_is_its_own_debug_file(client: Client, store: Store) -> None:
    put(store.first, "executable", PROGRAM_FULL)
    assert body(client.get(f"{URL}/debuginfo")) == PROGRAM_FULL


def test_a_stripped_program_is_nobodys_debug_file(client: Client, store: Store) -> None:
    put(store.first, "executable", PROGRAM)
    assert client.get(f"{URL}/debuginfo").status_code == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [(".debug_info", PROGRAM_DEBUG), (".text", PROGRAM), (".comment", PROGRAM_DEBUG)],
)
def test_a_section_comes_from_the_file_that_has_it(
    client: Client, build: Store, name: str, data: bytes
) -> None:
    response = client.get(f"{URL}/section/{name}")
    assert response.status_code == 200
    assert body(response) == raw_section(data, name)
    assert response["X-DEBUGINFOD-SIZE"] == response["Content-Length"]


def test_a_section_of_a_compressed_object_is_read_from_its_text(
    client: Client, store: Store
) -> None:
    metadata = {"original_size": str(len(PROGRAM_FULL))}
    content = Content("application/octet-stream", "gzip", metadata)
    put(store.first, "debuginfo", gzip.compress(PROGRAM_FULL), content)
    response = client.get(f"{URL}/section/.debug_line", headers={"Range": "bytes=2-5"})
    assert (response.status_code, body(response)) == (
        206,
        raw_section(PROGRAM_FULL, ".debug_line")[2:6],
    )
    assert client.get(f"{URL}/debuginfo")["X-DEBUGINFOD-SIZE"] == str(len(PROGRAM_FULL))


@pytest.mark.parametrize(
    "data", [b"", b"MZ", PROGRAM[:100], PROGRAM[:-64], b"\x7fELF" + b"\xff" * 500]
)
def test_a_damaged_file_has_no_sections(client: Client, store: Store, data: bytes) -> None:
    put(store.first, "debuginfo", data)
    assert client.get(f"{URL}/section/.text").status_code == 404


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/build/crash.c", SOURCE),
        ("//build/./x/../crash.c", SOURCE),
        ("/build/a%20%2B%25%23.c", b"odd"),
        ("/C%3A%5Csrc%5Cwin.c", b"windows"),
    ],
)
def test_a_source_comes_out_of_the_uploaded_bundle(
    client: Client, build: Store, path: str, text: bytes
) -> None:
    response = client.get(f"{URL}/source{path}")
    assert (response.status_code, body(response)) == (200, text)
    assert response["X-DEBUGINFOD-SIZE"] == str(len(text))


def test_a_range_of_a_source_is_cut_out(client: Client, build: Store) -> None:
    response = client.get(f"{URL}/source/build/crash.c", headers={"Range": "bytes=100-199"})
    assert (response.status_code, body(response)) == (206, SOURCE[100:200])


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/../../../../etc/passwd", "/build", "/manifest.json"]
)
def test_no_other_file_is_handed_out(client: Client, build: Store, path: str) -> None:
    assert client.get(f"{URL}/source{path}").status_code == 404


@pytest.mark.parametrize(
    "damage", [lambda d: d[:100], lambda d: d[:-30], lambda d: b"SYSB" + d[50:]]
)
def test_a_damaged_bundle_has_no_sources(client: Client, store: Store, damage) -> None:
    bundle = source_bundle({"/a.c": b"a"}, debug_id=DEBUG_ID)
    put(store.first, "sourcebundle", damage(bundle))
    assert client.get(f"{URL}/source/a.c").status_code == 404


@pytest.mark.parametrize("rest", ["debuginfo", "executable", "section/.text", "source/a.c"])
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
def test_what_is_not_there_is_not_found_and_nothing_else(
    store: Store, rest: str, method: str
) -> None:
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)(f"/buildid/{BUILD_ID}/{rest}?code_file=%00")
    assert response.status_code == 404


def test_too_many_fields_of_a_query_are_no_bad_request(client: Client, store: Store) -> None:
    assert client.get(f"{URL}/debuginfo?{'a&' * 2000}").status_code == 404


def test_storage_that_cannot_be_asked_is_503(client: Client, build: Store, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "first")
    for rest in ("debuginfo", "section/.text", "source/a.c"):
        assert client.get(f"{URL}/{rest}").status_code == 503


def test_try_symbols_are_asked_for(client: Client, store: Store) -> None:
    put(store.try_symbols, "debuginfo", PROGRAM_DEBUG)
    assert client.get(f"{URL}/debuginfo").status_code == 404
    assert client.get(f"/try{URL}/debuginfo").status_code == 200
    assert client.get(f"{URL}/debuginfo?try").status_code == 200


@pytest.fixture
def uploaded(client: Client, store: Store, db: None) -> None:
    archive = zipped({"bin/crash": PROGRAM, "crash.debug": PROGRAM_DEBUG})
    token = make_token("upload_symbols", email="uploader@example.com")

    file = SimpleUploadedFile("symbols.zip", archive)
    sent = client.post("/upload/", {"symbols.zip": file}, headers={"Auth-Token": token})
    assert sent.status_code == 201, sent.content


def metadata(client: Client, key: str, value: str) -> dict:
    response = client.get("/metadata", {"key": key, "value": value})
    assert response.status_code == 200
    return json.loads(response.content)


def test_metadata_finds_builds_by_name(client: Client, uploaded: None) -> None:
    program = {"type": "executable", "buildid": BUILD_ID, "file": "crash"}
    debug = {"type": "debuginfo", "buildid": BUILD_ID, "file": "crash.debug"}
    assert metadata(client, "file", "/usr/bin/crash") == {"results": [program], "complete": True}
    assert metadata(client, "file", "crash.debug")["results"] == [debug]
    found = metadata(client, "glob", "/usr/*/cr*")["results"]
    assert sorted(file["file"] for file in found) == ["crash", "crash.debug"]
    assert metadata(client, "glob", "/usr/bin/cr?sh")["results"] == [program]


def test_of_very_many_builds_metadata_tells_some_and_that_there_are_more(
    client: Client, store: Store, db: None
) -> None:
    FileUpload.objects.bulk_create(
        FileUpload(
            bucket_name="symbols",
            key=f"v1/libc.so/{number:033X}/libc.so",
            debug_file="libc.so",
            debug_id=f"{number:033X}",
            code_file="libc.so",
            code_id=f"{number:040X}",
            kind="elf",
            role="executable",
            update=False,
            original_size=1,
            compressed=False,
            size=1,
            completed_at=timezone.now(),
        )
        for number in range(3000)
    )
    for key, value in (("file", "libc.so"), ("glob", "/lib/libc*")):
        with CaptureQueriesContext(connection) as queries:
            answer = metadata(client, key, value)
        assert answer["complete"] is False
        assert 1000 < len(answer["results"]) <= 2000
        of_files = [query["sql"] for query in queries if "debug_file" in query["sql"]]
        assert len(of_files) <= 3
        assert all("LIMIT 2000" in sql for sql in of_files)


def test_trouble_of_metadata_is_that_of_nobody_else(
    client: Client, uploaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:  # as a query that takes longer than it may
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(metadata_module, "elf_files_named", fail)
    monkeypatch.setattr(metadata_module, "_breaker", CircuitBreaker())
    for _ in range(2):
        assert client.get("/metadata", {"key": "file", "value": "crash"}).status_code == 503
    by_code_id = client.get(f"/crash/{BUILD_ID[:16]}/crash.sym")
    assert by_code_id.status_code == 404


@pytest.mark.parametrize(
    ("key", "value"), [("file", ""), ("glob", "*"), ("glob", "/a/"), ("glob", "a[" * 999), ("key", "a"), ("file", "a\0")]
)  # fmt: skip
def test_metadata_of_what_nobody_can_mean_is_empty(
    client: Client, uploaded: None, key: str, value: str
) -> None:
    assert metadata(client, key, value)["results"] == []


@pytest.mark.django_db
def test_a_wrong_token_is_no_reason_to_refuse(client: Client, build: Store) -> None:
    for headers in ({"Auth-Token": "0" * 32}, {"Authorization": "Bearer wrong"}):
        assert client.get(f"{URL}/debuginfo", headers=headers).status_code in {200, 404}
