# SPDX-License-Identifier: MPL-2.0

"""A file that no upload brought is stored like one of an upload."""

import gzip
from pathlib import Path

import pytest
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, Post, objects

from tecken.core.errors import ArchiveRefusedError
from tecken.core.identifiers import SymbolKey
from tecken.upload.models import FileUpload, Upload
from tecken.upload.selectors import modules_of_code_id
from tecken.upload.services import store_file

pytestmark = pytest.mark.django_db
KEY = SymbolKey.parse(NAME)


def stored(tmp_path: Path, text: bytes = TEXT, key: SymbolKey = KEY) -> FileUpload | None:
    path = tmp_path / "file"
    path.write_bytes(text)
    with path.open("rb") as file:
        return store_file(file, key)


def test_it_has_its_object_and_its_row_but_no_upload(bucket: Path, tmp_path: Path) -> None:
    row = stored(tmp_path)
    assert row is not None
    assert FileUpload.objects.get() == row
    assert (row.upload, row.key, row.update) == (None, f"v1/{NAME}", False)
    assert (row.compressed, row.original_size) == (True, len(TEXT))
    assert row.completed_at is not None
    data = objects(bucket)[f"v1/{NAME}"]
    assert gzip.decompress(data) == TEXT
    assert row.size == len(data)
    assert list((bucket / "v1" / ".index").rglob("*")) != []
    assert not Upload.objects.exists()


def test_its_code_id_is_known(bucket: Path, tmp_path: Path) -> None:
    stored(tmp_path)
    for with_try in (False, True):
        [module] = modules_of_code_id("xul.dll", "5CF2591C6859000", with_try=with_try)
        assert module.debug_id == DEBUG_ID


def test_what_the_bucket_has_is_not_stored_again(
    bucket: Path, tmp_path: Path, post: Post, uploader: str
) -> None:
    post({NAME: TEXT}, uploader)
    assert stored(tmp_path) is None
    assert FileUpload.objects.count() == 1


def test_who_was_killed_after_storing_ends_with_a_row_all_the_same(
    bucket: Path, tmp_path: Path
) -> None:
    row = stored(tmp_path)
    assert row is not None
    FileUpload.objects.update(completed_at=None, size=None)
    again = stored(tmp_path)
    assert again == row
    assert (again.size, again.completed_at is not None) == (row.size, True)
    assert stored(tmp_path) is None


def test_another_text_replaces_what_the_bucket_has(bucket: Path, tmp_path: Path) -> None:
    stored(tmp_path)
    row = stored(tmp_path, TEXT + b"PUBLIC 2000 0 more\n")
    assert row is not None
    assert row.update


@pytest.mark.parametrize(
    "text", [TEXT.replace(DEBUG_ID.encode(), b"F" * 33), b"", b"no symbols", b"MODULE\n"]
)
def test_symbols_of_another_module_are_refused(bucket: Path, tmp_path: Path, text: bytes) -> None:
    for key in (KEY, SymbolKey.parse("xul.pdb/ABC/xul.sym")):
        with pytest.raises(ArchiveRefusedError, match="MODULE line"):
            stored(tmp_path, text, key)
    assert objects(bucket) == {}
    assert not FileUpload.objects.exists()


def test_what_is_no_symbol_file_keeps_its_bytes(bucket: Path, tmp_path: Path) -> None:
    stored(tmp_path, b"binary", SymbolKey.parse(BINARY_NAME))
    assert objects(bucket) == {f"v1/{BINARY_NAME}": b"binary"}
