# SPDX-License-Identifier: MPL-2.0

"""PDBs and PE files in uploads, and the symbols that are derived from them."""

import gzip
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.support.native_files import pdb, pe, portable_pdb
from tests.support.windows_files import windows_file, with_large_stream
from tests.upload.examples import Post, objects

from tecken.core.concurrency.file_lock import file_lock
from tecken.upload.deriving.uploads import derive_pending
from tecken.upload.spool import spool_folder

pytestmark = pytest.mark.django_db
ID = "0807CE0AB064D1034C4C44205044422E1"
KEY = f"v1/sample.pdb/{ID}/sample.sym"
FOLDER = f"v1/.native/{ID[:2].lower()}/{ID[2:].lower()}"
DLL = windows_file("x64/sample.dll")
PDB = windows_file("x64/sample.pdb")


def files_of(response: object) -> dict:
    assert response.status_code == 201, response.content
    return {file["key"]: file for file in response.json()["upload"]["files"]}


def derived_text(bucket: Path) -> str:
    return gzip.decompress(objects(bucket)[KEY]).decode()


def test_a_pdb_and_its_executable_become_a_symbol_file(
    post: Post, uploader: str, bucket: Path
) -> None:
    files = files_of(post({"bin/sample.dll": DLL, "bin/sample.pdb": PDB}, uploader))
    originals = [files[f"{FOLDER}/executable"], files[f"{FOLDER}/debuginfo"]]
    assert [file["derivation"] for file in originals] == ["done", "done"]
    derived = files[KEY]
    assert (derived["kind"], derived["derived"]) == ("breakpad", True)
    assert (derived["code_file"], derived["debug_id"]) == ("sample.dll", ID)
    assert derived["has"] == ["lines", "symbols", "unwind"]
    text = derived_text(bucket)
    assert text.startswith(f"MODULE windows x86_64 {ID} sample.pdb\n")
    assert "sell(int)\n" in text
    assert "\nSTACK CFI INIT " in text


def test_the_executable_says_how_the_pdb_is_called(post: Post, uploader: str, bucket: Path) -> None:
    files_of(post({"renamed.pdb": PDB}, uploader))
    assert (
        "STACK" not in gzip.decompress(objects(bucket)[f"v1/renamed.pdb/{ID}/renamed.sym"]).decode()
    )
    files_of(post({"sample.dll": DLL}, uploader))
    assert "STACK CFI INIT" in derived_text(bucket)


def test_an_executable_alone_gives_its_exports_until_the_pdb_comes(
    post: Post, uploader: str, bucket: Path
) -> None:
    files_of(post({"sample.dll": DLL}, uploader))
    assert "PUBLIC 1030 0 sell\n" in derived_text(bucket)
    files_of(post({"sample.pdb": PDB}, uploader))
    assert "FUNC 1030 121 0 sell(int)\n" in derived_text(bucket)


def test_a_damaged_pdb_tells_its_reason(post: Post, uploader: str) -> None:
    (file,) = files_of(post({"xul.pdb": pdb()}, uploader)).values()
    assert file["derivation"] == "failed"
    assert file["problem"].startswith("it is damaged")


def test_a_pdb_that_the_library_dies_of_tells_its_reason(
    post: Post, uploader: str, settings: Settings
) -> None:
    # The library aborts its process where it gets no memory: here for a stream of 400 MB in a file of 500 kB.
    settings.UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES = 200_000_000
    large = with_large_stream(PDB, 400_000_000)
    (file,) = files_of(post({"sample.pdb": large}, uploader)).values()
    assert file["derivation"] == "failed"
    assert file["problem"].startswith("it is damaged, or takes too much memory")


def test_executables_without_symbols_wait_for_their_pdb(post: Post, uploader: str) -> None:
    (file,) = files_of(post({"xul.dll": pe()}, uploader)).values()
    assert file["derivation"] == "waiting"
    assert "its debug file" in file["problem"]


def test_a_portable_pdb_is_kept_only(post: Post, uploader: str) -> None:
    (file,) = files_of(post({"app.pdb": portable_pdb()}, uploader)).values()
    assert (file["kind"], file["derivation"], file["problem"]) == ("pdb", "", "")


@pytest.mark.usefixtures("_without_waiting")
def test_one_pdb_is_read_at_a_time(post: Post, uploader: str, bucket: Path) -> None:
    with file_lock(spool_folder().parent / "deriving" / "windows.lock"):
        response = post({"sample.dll": DLL, "sample.pdb": PDB}, uploader)
        upload_id = response.json()["upload"]["id"]
        assert derive_pending(upload_id) == 0
    assert {file["derivation"] for file in files_of(response).values()} == {"pending"}
    assert derive_pending(upload_id) == 1
    assert "sell(int)\n" in derived_text(bucket)
