# SPDX-License-Identifier: MPL-2.0

"""Native files in uploads: recognised, kept once, and made into symbols."""

import gzip
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support.native_files import (
    ALTERNATE,
    ALTERNATE_ID,
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    PROGRAM_SHARED_DEBUG,
    compiled,
    fat_macho,
    macho,
    pdb,
    pe,
    source_bundle,
)
from tests.upload.examples import NAME, TEXT, Post, objects

from tecken.core.native.content import Content
from tecken.core.native.elf import ElfFile
from tecken.core.native.model import Derived
from tecken.jobs.models import Task
from tecken.upload.deriving.module import LACKS_ALTERNATE
from tecken.upload.deriving.shares import ModuleWork
from tecken.upload.deriving.uploads import TASK, derive_pending
from tecken.upload.file_urls import url_path
from tecken.upload.models import FileUpload, Upload

pytestmark = pytest.mark.django_db
FOLDER = f"v1/.native/{BUILD_ID[:2]}/{BUILD_ID[2:]}"
DERIVED = f"v1/crash/{DEBUG_ID}/crash.sym"
DAMAGED = PROGRAM_FULL.replace(b"\x05\0\x01\x08", b"\x05\0\x01\x77")  # the header of a unit


def answer_of(response: object) -> dict:
    assert response.status_code == 201, response.content
    return response.json()["upload"]


def by_key(answer: dict) -> dict:
    return {file["key"]: file for file in answer["files"]}


def fetched(client: Client, url: str) -> bytes:
    """Download a file, whose bytes have no encoding."""
    response = client.get(url)
    if response.status_code == 302:
        response = client.get(response["Location"])
    assert response.status_code == 200, url
    assert url.endswith(".sym") or "Content-Encoding" not in response
    return b"".join(response.streaming_content)


def derived_text(bucket: Path) -> str:
    return gzip.decompress(objects(bucket)[DERIVED]).decode()


def test_an_executable_becomes_a_symbol_file(post: Post, uploader: str, bucket: Path) -> None:
    answer = answer_of(post({"build/out/crash": PROGRAM_FULL}, uploader))
    files = by_key(answer)
    original = files[f"{FOLDER}/executable"]
    assert objects(bucket)[f"{FOLDER}/executable"] == PROGRAM_FULL
    assert (original["kind"], original["debug_file"], original["debug_id"]) == (
        "elf",
        "crash",
        DEBUG_ID,
    )
    assert original["code_id"] == BUILD_ID.upper()
    assert original["has"] == ["lines", "symbols", "unwind"]
    assert (original["derivation"], original["problem"]) == ("done", "")
    derived = files[DERIVED]
    assert (derived["kind"], derived["derived"], derived["code_id"]) == (
        "breakpad",
        True,
        BUILD_ID.upper(),
    )
    assert "lines" in derived["has"]
    assert "FUNC 10c b 0 outer" in derived_text(bucket)


@pytest.mark.parametrize("order", [("debug", "program"), ("program", "debug")])
def test_parts_of_a_build_come_in_any_order(
    post: Post, uploader: str, bucket: Path, order: tuple[str, str]
) -> None:
    members = {"debug": {"x/crash.debug": PROGRAM_DEBUG}, "program": {"crash": PROGRAM}}
    for part in order:
        answer_of(post(members[part], uploader))
    assert set(objects(bucket)) == {f"{FOLDER}/debuginfo", f"{FOLDER}/executable", DERIVED}
    assert "FUNC 10c b 0 outer" in derived_text(bucket)


def test_parts_of_one_upload_are_put_together(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    # As Debian lays its debug files out: the name of the module is the executable's.
    path = f"usr/lib/debug/.build-id/{BUILD_ID[:2]}/{BUILD_ID[2:]}.debug"
    answer = answer_of(post({path: PROGRAM_DEBUG, "usr/bin/crash": PROGRAM}, uploader))
    assert sorted(file["derivation"] for file in answer["files"]) == ["", "done", "done"]
    assert {file["debug_file"] for file in answer["files"]} == {"crash"}
    assert "FUNC 10c b 0 outer" in derived_text(bucket)
    assert fetched(client, f"/crash/{BUILD_ID}/crash.debug") == PROGRAM_DEBUG


def test_a_stripped_executable_alone_says_what_is_missing(post: Post, uploader: str) -> None:
    (file,) = answer_of(post({"crash": PROGRAM}, uploader))["files"]
    assert file["derivation"] == "waiting"
    assert "its debug file" in file["problem"]


def test_a_stripped_file_does_not_replace_a_richer_one(
    post: Post, uploader: str, bucket: Path
) -> None:
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    before = objects(bucket)
    answer = answer_of(post({"crash": PROGRAM}, uploader))
    assert answer["files"] == []
    assert answer["warnings"] == ["crash is not stored: what is there has more (lines, symbols)"]
    assert objects(bucket) == before


def test_a_richer_file_replaces_a_stripped_one(post: Post, uploader: str, bucket: Path) -> None:
    answer_of(post({"crash": PROGRAM}, uploader))
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    assert objects(bucket)[f"{FOLDER}/executable"] == PROGRAM_FULL
    assert "FUNC 10c b 0 outer" in derived_text(bucket)


def test_of_two_files_of_one_id_in_an_archive_the_richer_is_taken(
    post: Post, uploader: str, bucket: Path
) -> None:
    answer = answer_of(post({"a/crash": PROGRAM_FULL, "b/crash": PROGRAM}, uploader))
    assert answer["ignored_keys"] == ["b/crash"]
    assert objects(bucket)[f"{FOLDER}/executable"] == PROGRAM_FULL


def test_what_is_there_is_skipped_and_told(post: Post, uploader: str) -> None:
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    answer = answer_of(post({"bin/crash": PROGRAM_FULL}, uploader))
    assert answer["files"] == []
    assert answer["skipped_keys"] == ["bin/crash"]
    (skipped,) = answer["skipped"]
    assert (skipped["name"], skipped["kind"], skipped["debug_id"]) == ("bin/crash", "elf", DEBUG_ID)
    assert skipped["derivation"] == "done"


def test_an_uploaded_symbol_file_wins(post: Post, uploader: str, bucket: Path) -> None:
    text = f"MODULE Linux x86_64 {DEBUG_ID} crash\nPUBLIC 10c 0 mine\n".encode()
    key = DERIVED.removeprefix("v1/")
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    answer_of(post({key: text}, uploader))
    assert derived_text(bucket).encode() == text
    answer = answer_of(post({"crash.debug": PROGRAM_DEBUG}, uploader))
    assert answer["files"][0]["derivation"] == "superseded"
    assert derived_text(bucket).encode() == text


def test_a_damaged_file_tells_its_reason_in_the_answer_and_in_its_row(
    post: Post, uploader: str, bucket: Path
) -> None:
    assert DAMAGED != PROGRAM_FULL
    (file,) = answer_of(post({"crash": DAMAGED}, uploader))["files"]
    assert file["derivation"] == "failed"
    assert file["problem"]
    row = FileUpload.objects.get()
    assert row.problem == file["problem"]
    assert set(objects(bucket)) == {f"{FOLDER}/executable"}


def test_what_has_no_id_is_ignored_and_named(post: Post, uploader: str, bucket: Path) -> None:
    cut = PROGRAM_FULL[:100]
    answer = answer_of(post({"crash": cut, NAME: TEXT}, uploader))
    assert answer["ignored_keys"] == ["crash"]
    assert answer["warnings"][0].startswith("crash is ignored: ")
    assert set(objects(bucket)) == {f"v1/{NAME}"}


def test_a_damaged_native_file_at_a_symbol_key_is_stored_as_ever(
    post: Post, uploader: str, bucket: Path
) -> None:
    (file,) = answer_of(post({"crash/ABC123/crash": PROGRAM_FULL[:100]}, uploader))["files"]
    assert (file["key"], file["kind"]) == ("v1/crash/ABC123/crash", "elf")
    assert file["problem"]


def test_files_that_belong_to_no_store_are_ignored_beside_native_ones(
    post: Post, uploader: str
) -> None:
    answer = answer_of(post({"README.md": b"read", "out/crash": PROGRAM_FULL}, uploader))
    assert answer["ignored_keys"] == ["README.md"]


def test_without_native_files_the_rule_of_paths_holds(post: Post, uploader: str) -> None:
    response = post({"README.md": b"read", NAME: TEXT}, uploader)
    assert response.status_code == 400
    assert "Unrecognized file pattern" in response.json()["error"]


def test_a_symbol_file_is_held_to_its_path_beside_native_ones(post: Post, uploader: str) -> None:
    response = post({"crash.sym": TEXT, "crash": PROGRAM_FULL}, uploader)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["../crash", "/crash", "a/../crash"])
def test_a_native_file_may_not_lead_out_of_the_archive(
    post: Post, uploader: str, name: str
) -> None:
    response = post({name: PROGRAM_FULL}, uploader)
    assert response.status_code == 400


def test_files_of_windows_are_kept_by_their_guid(post: Post, uploader: str, bucket: Path) -> None:
    answer = answer_of(post({"bin/xul.dll": pe(), "bin/xul.pdb": pdb()}, uploader))
    folder = "v1/.native/44/e4ec8c2f41492b9369d6b9a059577c2"
    assert set(objects(bucket)) == {f"{folder}/executable", f"{folder}/debuginfo"}
    dll = by_key(answer)[f"{folder}/executable"]
    assert (dll["kind"], dll["debug_file"], dll["code_file"], dll["code_id"]) == (
        "pe",
        "xul.pdb",
        "xul.dll",
        "5CF2591C12000",
    )


def test_a_native_file_at_a_symbol_key_lies_where_its_path_says(
    post: Post, uploader: str, bucket: Path
) -> None:
    name = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.pdb"
    (file,) = answer_of(post({name: pdb()}, uploader))["files"]
    assert (file["key"], file["kind"]) == (f"v1/{name}", "pdb")
    assert objects(bucket) == {f"v1/{name}": pdb()}


def test_each_slice_of_a_fat_file_is_told_and_the_file_is_kept_whole(
    post: Post, uploader: str, bucket: Path
) -> None:
    from uuid import UUID

    data = fat_macho(macho(), macho(processor=0x01000007, uuid=UUID(int=1)))
    answer = answer_of(post({"App.dSYM/Contents/Resources/DWARF/App": data}, uploader))
    assert [file["arch"] for file in answer["files"]] == ["arm64", "x86_64"]
    assert len({file["key"] for file in answer["files"]}) == 1
    assert list(objects(bucket).values()) == [data]


def test_symbols_are_derived_from_each_slice_of_a_dsym(post: Post, uploader: str) -> None:
    path = "mac.dSYM/Contents/Resources/DWARF/mac"
    answer = answer_of(post({path: compiled("mac")}, uploader))
    derived = [file for file in answer["files"] if file["derived"]]
    assert sorted(file["arch"] for file in derived) == ["arm64", "x86_64"]
    assert all("lines" in file["has"] for file in derived)


def test_what_dwz_has_shared_is_read_from_its_file(post: Post, uploader: str, bucket: Path) -> None:
    answer = answer_of(post({"dwz": compiled("dwz"), "dwz.alt": compiled("dwz.alt")}, uploader))
    (derived,) = [file for file in answer["files"] if file["derived"]]
    alone = answer_of(post({"x/dwz": compiled("dwz")}, uploader, **{"try": "1"}))
    (poorer,) = [file for file in alone["files"] if file["derived"]]
    assert [file["problem"] for file in answer["files"]] == ["", "", ""]
    assert any("missing or damaged" in file["problem"] for file in alone["files"])
    assert derived["original_size"] != poorer["original_size"]


def test_a_source_bundle_is_kept(post: Post, uploader: str, bucket: Path) -> None:
    (file,) = answer_of(post({"xul.src.zip": source_bundle()}, uploader))["files"]
    assert (file["kind"], file["has"]) == ("sourcebundle", ["sources"])
    assert file["key"].endswith("/sourcebundle")


@pytest.mark.parametrize(
    ("name", "data", "asked"),
    [
        ("out/crash", PROGRAM_FULL, f"crash/{DEBUG_ID}/crash"),
        ("out/crash", PROGRAM_FULL, f"crash/{BUILD_ID}/crash"),
        ("crash.debug", PROGRAM_DEBUG, f"crash/{DEBUG_ID.lower()}/crash.debug"),
        ("xul.dll", pe(), "xul.dll/5CF2591C12000/xul.dll"),
        ("xul.pdb", pdb(), "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.pdb"),
        ("xul.pdb/ABC123/xul.pdb", pdb(), "xul.pdb/ABC123/xul.pdb"),
    ],
)
def test_an_original_comes_back_byte_for_byte(
    post: Post, uploader: str, client: Client, name: str, data: bytes, asked: str
) -> None:
    answer_of(post({name: data}, uploader))
    assert fetched(client, f"/{asked}") == data


def test_an_original_of_try_symbols_is_no_regular_one(
    post: Post, try_uploader: str, client: Client
) -> None:
    answer_of(post({"crash": PROGRAM_FULL}, try_uploader))
    assert client.get(f"/crash/{DEBUG_ID}/crash").status_code == 404
    assert fetched(client, f"/try/crash/{DEBUG_ID}/crash") == PROGRAM_FULL


def test_the_url_of_a_row_is_where_its_file_is(post: Post, uploader: str, client: Client) -> None:
    answer_of(post({"crash": PROGRAM, "crash.debug": PROGRAM_DEBUG}, uploader))
    for row in FileUpload.objects.all():
        assert fetched(client, url_path(row)), row


def test_a_large_file_is_derived_in_the_background(
    post: Post, uploader: str, bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    answer = answer_of(post({"crash": PROGRAM, "crash.debug": PROGRAM_DEBUG}, uploader))
    assert {file["derivation"] for file in answer["files"]} == {"pending"}
    assert derive_pending(answer["id"]) == 1
    assert "FUNC 10c b 0 outer" in derived_text(bucket)
    assert not FileUpload.objects.filter(derivation="pending").exists()


def test_what_is_uploaded_while_symbols_are_derived_stays(
    post: Post, uploader: str, bucket: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    answer = answer_of(post({"crash": PROGRAM_FULL}, uploader))
    run = ModuleWork.run
    text = (
        TEXT.decode()
        .replace("xul.pdb", "crash")
        .replace("44E4EC8C2F41492B9369D6B9A059577C2", DEBUG_ID)
    )

    def run_slowly(work: ModuleWork, processes: int) -> Derived:
        derived = run(work, processes)
        answer_of(post({f"crash/{DEBUG_ID}/crash.sym": text}, uploader))
        return derived

    monkeypatch.setattr(ModuleWork, "run", run_slowly)
    assert derive_pending(answer["id"]) == 0
    assert derived_text(bucket) == text
    assert FileUpload.objects.get(kind="elf").derivation == "superseded"


def test_an_upload_is_taken_though_the_other_file_of_its_build_is_gone(
    post: Post, uploader: str, bucket: Path
) -> None:
    answer_of(post({"crash": PROGRAM}, uploader))
    (bucket / FOLDER / "executable").unlink()
    answer_of(post({"crash.debug": PROGRAM_DEBUG}, uploader))
    states = (
        FileUpload.objects.filter(kind="elf").order_by("pk").values_list("derivation", flat=True)
    )
    assert [*states][-1] == "done"


def test_a_missing_file_of_dwz_is_told_and_used_when_it_comes(
    post: Post, uploader: str, bucket: Path
) -> None:
    first = answer_of(post({"crash": PROGRAM, "crash.debug": PROGRAM_SHARED_DEBUG}, uploader))
    debug = by_key(first)[f"{FOLDER}/debuginfo"]
    assert debug["derivation"] == "done"
    assert ALTERNATE_ID in debug["problem"]
    assert "FUNC 10c b 0 outer" in derived_text(bucket)
    second = answer_of(post({"alternate": ALTERNATE}, uploader))
    (alternate,) = second["files"]
    assert (alternate["derivation"], alternate["key"].rpartition("/")[2]) == ("", "debuginfo")
    assert Task.objects.get(name=TASK).arguments == {"upload_id": first["id"]}
    derive_pending(first["id"])
    rows = FileUpload.objects.filter(upload=first["id"], kind="elf")
    assert {(row.derivation, row.problem) for row in rows} == {("done", "")}


def test_rows_of_an_older_version_find_what_they_lack_as_well(
    post: Post, uploader: str, bucket: Path
) -> None:
    first = answer_of(post({"crash": PROGRAM, "crash.debug": PROGRAM_SHARED_DEBUG}, uploader))
    lacking = FileUpload.objects.filter(upload=first["id"]).exclude(problem="")
    assert [row.problem for row in lacking] == [LACKS_ALTERNATE.format(ALTERNATE_ID)] * 2
    split, of_dwz = lacking
    old = {
        split.pk: "a part of its debug information is in files of split units, which are missing",
        of_dwz.pk: f"a part of its debug information is in a file of dwz, with the build id {ALTERNATE_ID}, which is missing",
    }
    for pk, problem in old.items():
        FileUpload.objects.filter(pk=pk).update(problem=problem)
    migration = import_module("tecken.upload.migrations.0020_lacking_texts")
    migration.say_it_anew(apps, None)
    split.refresh_from_db()
    of_dwz.refresh_from_db()
    assert (split.derivation, split.problem) == ("pending", "")
    assert (of_dwz.derivation, of_dwz.problem) == ("done", LACKS_ALTERNATE.format(ALTERNATE_ID))


def test_a_damaged_file_of_dwz_takes_nothing_away(
    post: Post, uploader: str, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    whole.write_bytes(compiled("dwz.alt"))
    sections = ElfFile(Content.of_file(whole)).sections
    [abbreviations] = [section for section in sections if section.name == ".debug_abbrev"]
    damaged = bytearray(whole.read_bytes())
    damaged[abbreviations.offset : abbreviations.offset + abbreviations.size] = b"\x7f" * (
        abbreviations.size
    )
    answer_of(post({"dwz.alt": bytes(damaged)}, uploader))
    files = answer_of(post({"dwz": compiled("dwz")}, uploader))["files"]
    [module] = [file for file in files if not file["derived"]]
    assert (module["derivation"], "missing or damaged" in module["problem"]) == ("done", True)
    assert len(files) == 2


def test_a_file_of_dwz_that_is_there_is_used_at_once(post: Post, uploader: str) -> None:
    members = {"x/alternate": ALTERNATE, "crash": PROGRAM, "crash.debug": PROGRAM_SHARED_DEBUG}
    answer = answer_of(post(members, uploader))
    assert {(file["derivation"], file["problem"]) for file in answer["files"]} == {
        ("done", ""),
        ("", ""),
    }


def test_a_forbidden_text_in_what_is_derived_is_not_stored(
    post: Post, uploader: str, bucket: Path, settings: Settings
) -> None:
    settings.DISALLOWED_SYMBOLS_SNIPPETS = ("INFO GENERATOR tecken",)
    answer = answer_of(post({"crash": PROGRAM_FULL}, uploader))
    assert "not allowed" in answer["files"][0]["problem"]
    assert DERIVED not in objects(bucket)


def test_a_try_uploader_reaches_try_symbols_only(
    post: Post, uploader: str, try_uploader: str, bucket: Path
) -> None:
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    before = objects(bucket)
    answer_of(post({"evil": PROGRAM_FULL + b"\0"}, try_uploader))
    after = objects(bucket)
    assert {key: after[key] for key in before} == before
    assert all(key.startswith("try/v1/") for key in after.keys() - before.keys())


def test_parts_of_try_symbols_are_not_put_into_regular_ones(
    post: Post, uploader: str, try_uploader: str, bucket: Path
) -> None:
    # Both lie in one bucket, and who may upload try symbols alone has made up a debug file.
    answer_of(post({"crash.debug": PROGRAM_DEBUG}, try_uploader))
    (file,) = answer_of(post({"crash": PROGRAM}, uploader))["files"]
    assert file["derivation"] == "waiting"
    assert DERIVED not in objects(bucket)


def test_a_large_file_that_failed_is_tried_again_when_it_is_sent_again(
    post: Post, uploader: str, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 100
    first = answer_of(post({"crash": PROGRAM_FULL}, uploader))
    FileUpload.objects.update(derivation="failed", problem="out of luck")
    Task.objects.all().delete()
    (skipped,) = answer_of(post({"crash": PROGRAM_FULL}, uploader))["skipped"]
    assert (skipped["derivation"], skipped["problem"]) == ("pending", "")
    assert Task.objects.get(name=TASK).arguments == {"upload_id": first["id"]}


def test_taking_an_upload_back_removes_the_original_and_what_was_derived(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    answer = answer_of(post({"crash": PROGRAM_FULL}, uploader))
    response = client.delete(
        f"/api/uploads/upload/{answer['id']}", headers={"Auth-Token": uploader}
    )
    assert response.status_code == 200, response.content
    assert len(response.json()["removed"]) == 2
    assert objects(bucket) == {}
    assert Upload.objects.get().deleted_at


def test_an_original_can_be_taken_back_by_its_key(
    post: Post, uploader: str, bucket: Path, client: Client
) -> None:
    answer_of(post({"crash": PROGRAM_FULL}, uploader))
    response = client.post(
        "/api/uploads/delete",
        {"keys": [f"{FOLDER}/executable".removeprefix("v1/")]},
        headers={"Auth-Token": uploader},
    )
    assert response.json()["removed"] == [f"{FOLDER}/executable"]
    assert set(objects(bucket)) == {DERIVED}


def test_a_file_of_the_reserved_folder_is_refused(post: Post, uploader: str) -> None:
    response = post({f".native/{BUILD_ID}/debuginfo": b"text"}, uploader)
    assert response.status_code == 400
