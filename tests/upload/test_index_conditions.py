# SPDX-License-Identifier: MPL-2.0

"""Queries that would read the whole table of files without their index; a table of millions shows it."""

import pytest
from django.db import connection
from django.db.models import QuerySet

from tecken.upload import lone_symbols
from tecken.upload.index_conditions import ELF, LACKING, UNDERIVED
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db
_FILES = FileUpload.objects.filter


@pytest.fixture(autouse=True)
def _as_in_a_large_table(db: None) -> None:
    """A small one would be read whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")


@pytest.mark.parametrize(
    ("index", "files"),
    [
        ("fileupload_underived", _FILES(UNDERIVED)),
        ("fileupload_underived", _FILES(UNDERIVED, derivation="pending", problem="")),
        ("fileupload_underived", _FILES(UNDERIVED, debug_id__in=["A", "B"], deleted_at=None)),
        ("fileupload_lacking", _FILES(LACKING, problem="missing", bucket_name="symbols")),
        ("fileupload_elf_debug", _FILES(ELF, debug_file="libc.so").order_by("-pk")[:9]),
        ("fileupload_elf_debug", _FILES(ELF, debug_file__gte="l").order_by("debug_file", "pk")[:9]),
        ("fileupload_elf_code", _FILES(ELF, code_file="libc.so").order_by("-pk")[:9]),
        ("fileupload_lone", lone_symbols._lone_files().filter(pk__gt=7).order_by("pk")),
    ],
)
def test_an_index_is_used(index: str, files: "QuerySet[FileUpload]") -> None:
    assert index in files.explain()
