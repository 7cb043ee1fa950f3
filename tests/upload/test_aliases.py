# SPDX-License-Identifier: MPL-2.0

"""Aliases of originals: each id of a native file leads to it, without the database."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    GUID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    fat_macho,
    macho,
    pdb,
    pe,
    source_bundle,
)
from tests.upload.examples import Post, aliases, objects, send, take_back

from tecken.core.identifiers import NativeKey, SymbolKey
from tecken.core.storage.aliases import AliasKey
from tecken.download.selectors import FileSearch
from tecken.upload import services
from tecken.upload.aliases import WrittenAliases
from tecken.upload.models import FileUpload, Upload
from tecken.upload.tasks import remove_try_objects
from tecken.web.sources import upload_source

pytestmark = pytest.mark.django_db
WINDOWS_ID = "44e4ec8c2f41492b9369d6b9a059577c2"
OTHER_UUID = UUID(int=1)
FAT = fat_macho(macho(), macho(processor=0x01000007, uuid=OTHER_UUID))
BY_DEBUG_ID = f"v1/.native/{DEBUG_ID[:2]}/{DEBUG_ID[2:]}/executable.alias".lower()
BY_BUILD_ID = f"v1/.native/{BUILD_ID[:2]}/{BUILD_ID[2:]}/executable.alias"
BY_CODE_ID = "v1/.native/5c/f2591c12000/names/xul.dll"
ORIGINAL = f".native/{BUILD_ID[:2]}/{BUILD_ID[2:]}/executable"


@pytest.fixture(autouse=True)
def _nothing_is_derived(settings: Settings) -> None:
    """Leave it to a background that is not there."""
    settings.UPLOAD_DERIVE_MAX_BYTES = 0


def original_of(some_id: str, role: str, *, with_try: bool = False) -> bytes | None:
    """Return the bytes of an original; the database is not asked."""
    return bytes_at([NativeKey.of_id(some_id, role), AliasKey.of_id(some_id, role)], with_try)


def executable_of(code_id: str, name: str) -> bytes | None:
    return bytes_at([AliasKey.of_name(code_id, name)])


def bytes_at(keys: Sequence[SymbolKey], with_try: bool = False) -> bytes | None:
    with CaptureQueriesContext(connection) as asked:
        found = FileSearch(keys, with_try=with_try).first(keys)
    assert len(asked) == 0
    if found is None:
        return None
    with found.source.bucket.open(found.info.key) as reader:
        return reader.read()


@pytest.mark.parametrize("name", ["out/crash", "crash/ABC123/crash"])
@pytest.mark.parametrize("some_id", [BUILD_ID, BUILD_ID.upper(), DEBUG_ID])
def test_an_executable_is_found_by_each_id(
    post: Post, uploader: str, bucket: Path, name: str, some_id: str
) -> None:
    send(post, uploader, {name: PROGRAM_FULL})
    assert original_of(some_id, "executable") == PROGRAM_FULL
    assert original_of(some_id, "debuginfo") is None


def test_a_debug_file_is_found_by_each_id(post: Post, uploader: str) -> None:
    send(post, uploader, {f"crash/{DEBUG_ID}/crash.debug": PROGRAM_DEBUG, "crash": PROGRAM})
    for some_id in (BUILD_ID, DEBUG_ID):
        assert original_of(some_id, "debuginfo") == PROGRAM_DEBUG
        assert original_of(some_id, "executable") == PROGRAM


def test_each_slice_of_a_fat_file_leads_to_it(post: Post, uploader: str, bucket: Path) -> None:
    send(post, uploader, {"App": FAT})
    for uuid in (GUID, OTHER_UUID):
        assert original_of(uuid.hex, "executable") == FAT
    assert len(aliases(bucket)) == 1


@pytest.mark.parametrize("name", ["bin/XUL.dll", "xul.pdb/ABC123/XUL.dll"])
def test_an_executable_of_windows_is_found_by_its_name_and_code_id(
    post: Post, uploader: str, name: str
) -> None:
    send(post, uploader, {name: pe()})
    assert executable_of("5CF2591c12000", "xul.DLL") == pe()
    assert executable_of("5CF2591c12000", "other.dll") is None
    assert original_of(WINDOWS_ID, "executable") == pe()


def test_a_pdb_and_a_source_bundle_at_symbol_keys_are_found(post: Post, uploader: str) -> None:
    bundle = source_bundle()
    members = {"xul.pdb/AB12/xul.pdb": pdb(), "xul.pdb/AB12/xul.src.zip": bundle}
    send(post, uploader, members)
    assert original_of(WINDOWS_ID, "debuginfo") == pdb()
    row = FileUpload.objects.get(kind="sourcebundle")
    assert original_of(row.debug_id, "sourcebundle") == bundle


def test_what_lies_at_its_own_key_needs_one_question(
    post: Post, uploader: str, bucket: Path
) -> None:
    send(post, uploader, {"xul.pdb": pdb()})
    assert aliases(bucket) == {}
    send(post, uploader, {"crash": PROGRAM_FULL, "xul.dll": pe()})
    assert aliases(bucket) == {
        BY_DEBUG_ID: ORIGINAL,
        BY_CODE_ID: f".native/{WINDOWS_ID[:2]}/{WINDOWS_ID[2:]}/executable",
    }


def test_an_alias_is_no_file_of_an_upload(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    answer = send(post, uploader, {"crash/AB12/crash": PROGRAM_FULL})
    keys = {file["key"] for file in answer["files"]}
    assert keys == set(objects(bucket))
    assert len(aliases(bucket)) == 2
    assert FileUpload.objects.count() == len(keys)
    (source_name,) = {upload_source(try_symbols=False).name}
    for alias in aliases(bucket):
        assert client.get(f"/_files/{source_name}/{alias}").status_code == 404


@pytest.mark.parametrize("alias", [BY_DEBUG_ID, BY_CODE_ID])
def test_an_archive_has_no_alias(post: Post, uploader: str, bucket: Path, alias: str) -> None:
    path = alias.removeprefix("v1/")
    assert post({path: b"evil"}, uploader).status_code == 400
    answer = send(post, uploader, {path: b"evil", "crash": PROGRAM_FULL})
    assert answer["ignored_keys"] == [path]
    assert aliases(bucket) == {BY_DEBUG_ID: ORIGINAL}


def test_aliases_go_with_their_original(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    members = {"crash/AB12/crash": PROGRAM_FULL, "App": FAT, "xul.dll": pe()}
    answer = send(post, uploader, members)
    assert original_of(DEBUG_ID, "executable") == PROGRAM_FULL
    take_back(client, answer, uploader)
    assert aliases(bucket) == {}
    for some_id in (BUILD_ID, DEBUG_ID, OTHER_UUID.hex, WINDOWS_ID):
        assert original_of(some_id, "executable") is None
    assert executable_of("5CF2591C12000", "xul.dll") is None


def test_aliases_stay_while_another_upload_has_their_original(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    first = send(post, uploader, {"crash": PROGRAM_FULL})
    send(post, uploader, {"other/crash": PROGRAM_FULL, "README": b"read"})
    take_back(client, first, uploader)
    assert aliases(bucket) == {BY_DEBUG_ID: ORIGINAL}
    assert original_of(DEBUG_ID, "executable") == PROGRAM_FULL


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_alias_is_inherited_by_another_original_of_the_id(
    post: Post, uploader: str, bucket: Path, client: Client, order: tuple[int, int]
) -> None:
    paths = ["crash/AB12/crash", "crash/CD34/crash"]
    sent = [send(post, uploader, {paths[number]: PROGRAM_FULL}) for number in order]
    assert aliases(bucket)[BY_BUILD_ID] == paths[order[1]]  # the later one
    take_back(client, sent[1], uploader)
    assert set(aliases(bucket).values()) == {paths[order[0]]}
    assert original_of(BUILD_ID, "executable") == PROGRAM_FULL
    take_back(client, sent[0], uploader)
    assert aliases(bucket) == {}
    assert original_of(BUILD_ID, "executable") is None


def test_an_alias_does_not_leave_an_original_that_has_more(
    post: Post, uploader: str, bucket: Path
) -> None:
    send(post, uploader, {"crash/AB12/crash": PROGRAM_FULL})
    send(post, uploader, {"crash/CD34/crash": PROGRAM})
    assert original_of(BUILD_ID, "executable") == PROGRAM_FULL


def test_what_replaces_an_original_does_not_get_its_ids(
    post: Post, uploader: str, bucket: Path
) -> None:
    one = fat_macho(macho(), macho(processor=0x01000007, uuid=UUID(int=5)))
    send(post, uploader, {"App": FAT})
    send(post, uploader, {"App": one})
    assert original_of(GUID.hex, "executable") == one
    assert original_of(UUID(int=5).hex, "executable") == one
    assert original_of(OTHER_UUID.hex, "executable") is None


def test_an_upload_that_was_killed_before_its_aliases_is_ended_by_the_same_one(
    post: Post, uploader: str, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(services, "write_aliases", lambda *_: WrittenAliases())
        send(post, uploader, {"crash/AB12/crash": PROGRAM_FULL})
    assert original_of(BUILD_ID, "executable") is None
    send(post, uploader, {"crash/AB12/crash": PROGRAM_FULL})
    assert original_of(BUILD_ID, "executable") == PROGRAM_FULL


def test_an_original_that_is_stored_while_another_goes_keeps_its_alias(
    post: Post,
    uploader: str,
    bucket: Path,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second upload has written all but the end of its row when the first one is taken back."""
    first = send(post, uploader, {"crash/AB12/crash": PROGRAM_FULL})
    complete_row = services.complete_row

    def interrupted(row: FileUpload, info: object) -> None:
        if row.key.startswith("v1/crash/CD34/"):
            # Its alias is not there yet, as far as the other one has seen.
            (bucket / BY_BUILD_ID).write_text("crash/AB12/crash")
            take_back(client, first, uploader)
        complete_row(row, info)

    monkeypatch.setattr(services, "complete_row", interrupted)
    send(post, uploader, {"crash/CD34/crash": PROGRAM_FULL})
    assert original_of(BUILD_ID, "executable") == PROGRAM_FULL


def test_aliases_of_try_symbols_are_apart_and_expire_with_them(
    post: Post, try_uploader: str, bucket: Path, settings: Settings
) -> None:
    send(post, try_uploader, {"crash": PROGRAM_FULL, "App": FAT})
    assert all(key.startswith("try/v1/") for key in aliases(bucket))
    assert original_of(DEBUG_ID, "executable") is None
    assert original_of(DEBUG_ID, "executable", with_try=True) == PROGRAM_FULL
    settings.TRY_SYMBOLS_RETENTION_DAYS = 0
    Upload.objects.update(created_at=timezone.now() - timedelta(days=31))
    remove_try_objects.clean()
    assert objects(bucket) == aliases(bucket) == {}
    assert original_of(DEBUG_ID, "executable", with_try=True) is None


@pytest.mark.parametrize(
    "text", ["", "x" * 3000, "../../etc/passwd", "\x00", BY_DEBUG_ID, ".native/ab/cd/executable"]
)
def test_an_alias_that_somebody_else_wrote_leads_nowhere_else(
    post: Post, uploader: str, bucket: Path, client: Client, text: str
) -> None:
    answer = send(post, uploader, {"crash": PROGRAM_FULL})
    (bucket / BY_DEBUG_ID).write_text(text)
    assert original_of(DEBUG_ID, "executable") is None
    take_back(client, answer, uploader)  # what is not ours is left alone
    assert set(aliases(bucket)) == {BY_DEBUG_ID}


def test_a_change_of_an_alias_is_seen_at_once(post: Post, uploader: str, client: Client) -> None:
    assert original_of(DEBUG_ID, "executable") is None
    for _ in range(2):
        answer = send(post, uploader, {"crash": PROGRAM_FULL})
        assert original_of(DEBUG_ID, "executable") == PROGRAM_FULL
        take_back(client, answer, uploader)
        assert original_of(DEBUG_ID, "executable") is None
