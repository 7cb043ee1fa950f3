# SPDX-License-Identifier: MPL-2.0

"""Modules by the beginnings of names and ids: what is found, and out of which index."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from tests.upload.examples import make_token

from tecken.accounts.models import User
from tecken.core.dialects.pasted import read_pasted
from tecken.upload.folded import Folded, end_of
from tecken.upload.models import FileUpload, Upload
from tecken.upload.module_search import (
    KnownName,
    count_ids,
    files_like,
    ids_of_name,
    names_like,
    regular_files,
    symbol_files_of,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, tzinfo=UTC)
GUID = "44E4EC8C2F41492B9369D6B9A059577C"


def file(name: str, some_id: str, *, minutes: int = 0, **fields: object) -> FileUpload:
    """A stored symbol file of a regular upload, so many minutes after others."""
    row = FileUpload.objects.create(
        **{
            "bucket_name": "symbols",
            "key": f"v1/{name}/{some_id}/{name}.sym",
            "update": False,
            "compressed": True,
            "original_size": 1,
            "debug_file": name,
            "debug_id": some_id,
            "completed_at": NOW,
            **fields,
        }
    )
    FileUpload.objects.filter(pk=row.pk).update(created_at=NOW + timedelta(minutes=minutes))
    return row


def upload(*, try_symbols: bool = False) -> Upload:
    make_token("upload_symbols", email="sender@example.com")
    return Upload.objects.create(
        user=User.objects.get(email="sender@example.com"),
        filename="a.zip",
        size=1,
        bucket_name="symbols",
        try_symbols=try_symbols,
    )


def names(text: str) -> list[str]:
    return [known.debug_file for known in names_like(read_pasted(text))]


def ids(text: str) -> list[str]:
    return [row.debug_id for row in files_like(read_pasted(text))]


def test_names_are_found_by_their_beginning_in_any_case() -> None:
    for name in ("libxul.so", "XUL.pdb", "xul.pdb", "xulrunner.pdb", "nss3.pdb", "x"):
        file(name, "A1")
    assert names("xul") == ["xul.pdb", "XUL.pdb", "xulrunner.pdb", "libxul.so"]
    assert names("LIBX") == ["libxul.so"]
    assert names("nss3.dll") == ["nss3.pdb"]
    assert names("x") == []
    assert names("xul_") == names("x%") == []


def test_a_name_tells_how_many_ids_it_has_and_when_the_newest_came() -> None:
    for minute, some_id in enumerate(("A1", "B2", "B2", "C3")):
        file("xul.pdb", some_id, minutes=minute)
    assert names_like(read_pasted("xul")) == [KnownName("xul.pdb", 3, NOW + timedelta(minutes=3))]


def test_many_rows_of_one_name_do_not_hide_the_next() -> None:
    rows = [file("a.pdb", f"{number:X}") for number in range(1, 200)]
    assert len(rows) == 199
    for name in "bcdefgh":
        file(f"a{name}.pdb", "A1")
    assert names("a.") == ["a.pdb"]
    assert names("a") == []
    assert len(names("ab")) == 1


def test_what_is_not_there_or_of_try_builds_has_no_name() -> None:
    file("gone.pdb", "A1", deleted_at=NOW)
    file("kept.pdb", "A1", deleted_at=NOW, removal=FileUpload.Removal.KEPT)
    file("half.pdb", "A1", completed_at=None)
    file("tried.pdb", "A1", upload=upload(try_symbols=True))
    found = [name for text in ("gone", "kept", "half", "tried") for name in names(text)]
    assert found == ["kept.pdb"]


def test_files_are_found_by_the_beginning_of_an_id() -> None:
    build_id = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
    file("xul.pdb", f"{GUID}1")
    file("xul.pdb", f"{GUID}2", code_file="xul.dll", code_id="5CF2591C6859000")
    file("hello", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890", code_id=build_id.upper())
    assert ids(GUID[:6]) == [f"{GUID}1", f"{GUID}2"]
    assert ids(f"{GUID}2") == [f"{GUID}2"]
    assert ids("5cf259") == ids("xul.dll 5CF2591C6859000") == [f"{GUID}2"]
    assert ids(build_id) == ids(build_id[:12]) == ["5A1C3F2B9D8E47606B1FA2C4D5E6F7890"]
    assert ids(f"nss.pdb/{GUID}2") == []
    assert ids(f"xul.pdb/{GUID[:8]}") == [f"{GUID}1", f"{GUID}2"]
    assert ids("abc") == ids("libxul.so") == []


def test_symbol_files_of_an_id_are_all_that_urls_tell() -> None:
    file("xul.pdb", f"{GUID}2")
    file("xul.pdb", f"{GUID}2", key=f"v1/xul.pdb/{GUID}2/xul.pd_")
    assert [row.symbol_key for row in symbol_files_of([f"{GUID}2"])] == [
        f"xul.pdb/{GUID}2/xul.pdb.sym"
    ]


def test_ids_of_a_name_come_page_by_page_each_once_and_the_newest_first() -> None:
    minutes = iter(range(1000))
    for number in range(25):
        file("xul.pdb", f"{number:02X}", minutes=next(minutes))
    for number in range(0, 25, 2):  # these have a newer file, too
        key = f"v1/xul.pdb/{number:02X}/xul.pd_"
        file("xul.pdb", f"{number:02X}", key=key, minutes=next(minutes))
    file("nss.pdb", "A1")
    found: list[str] = []
    before = None
    while True:
        page = ids_of_name("xul.pdb", before, 10)
        found += [row.debug_id for row in page.files]
        before = page.before
        if before is None:
            break
    even = [f"{number:02X}" for number in range(24, -1, -2)]
    odd = [f"{number:02X}" for number in range(23, 0, -2)]
    assert found == even + odd
    assert count_ids("xul.pdb", 10_000) == 25
    assert count_ids("xul.pdb", 5) == 5


@pytest.mark.parametrize(
    ("index", "files"),
    [
        (
            "fileupload_folded_name",
            FileUpload.objects.annotate(name=Folded("debug_file"))
            .filter(name__gte="xul", name__lt=end_of("xul"))
            .order_by("name")
            .values_list("name")[:1],
        ),
        (
            "fileupload_folded_name",
            FileUpload.objects.annotate(name=Folded("debug_file"))
            .filter(name="xul.pdb")
            .order_by("-pk")[:20],
        ),
        (
            "fileupload_debug",
            FileUpload.objects.filter(debug_id__gte="44", debug_id__lt="44G").order_by("debug_id")[
                :9
            ],
        ),
        (
            "fileupload_code_id",
            FileUpload.objects.filter(code_id__gte="44", code_id__lt="44G").order_by("code_id")[:9],
        ),
        (
            "fileupload_debug_newest",
            regular_files().filter(debug_file="a").order_by("-created_at", "-pk")[:9],
        ),
        ("fileupload_debug", regular_files().filter(debug_file="a").values("debug_id").distinct()),
    ],
)
def test_an_index_is_used(index: str, files: "QuerySet[FileUpload]") -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = files.explain()
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort " not in plan
