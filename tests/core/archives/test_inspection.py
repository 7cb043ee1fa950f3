# SPDX-License-Identifier: MPL-2.0

import hashlib
import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO

import pytest
from tests.support.files import NamelessFile

from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.archives.inspection import (
    InspectedMember,
    Inspection,
    InspectionRules,
    refuse_names,
)
from tecken.core.archives.layout import symbol_key_of
from tecken.core.errors import ArchiveRefusedError
from tecken.core.storage.digest import Digest

ID = "44E4EC8C2F41492B9369D6B9A059577C2"
OTHER_ID = "11111111111111111111111111111111A"
NAME = f"xul.pdb/{ID}/xul.sym"
MODULE = f"MODULE windows x86_64 {ID} xul.pdb\n".encode()


def zipped(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def open_bytes(data: bytes) -> Archive:
    return open_archive(NamelessFile(data), ArchiveLimits(10, 1 << 26, 1 << 26, 2000))


def inspect(
    data: bytes,
    name: str = NAME,
    snippets: Sequence[str] = ("forbidden/path",),
    *,
    verify: bool = True,
    method: int = zipfile.ZIP_DEFLATED,
) -> InspectedMember:
    archive = open_bytes(zipped(name, data, method))
    rules = InspectionRules(tuple(snippets), verify)
    [member] = archive.members
    return Inspection(archive.stream(member), member.size, symbol_key_of(name), rules).finish()


def test_a_member_has_its_size_and_its_md5() -> None:
    data = MODULE + bytes(range(256)) * 10_000
    digest = inspect(data).digest
    assert digest == Digest(len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())


def test_a_symbol_file_has_its_head() -> None:
    head = inspect(
        MODULE + b"INFO CODE_ID 5CF2591C6859000 xul.dll\nINFO GENERATOR dump_syms 2\n"
    ).head
    assert head.module is not None
    assert head.module.debug_id == ID
    assert (head.code_id, head.code_file) == ("5CF2591C6859000", "xul.dll")
    assert head.generator == "dump_syms 2"


def test_only_symbol_files_have_a_head() -> None:
    inspected = inspect(MODULE, name=f"xul.pdb/{OTHER_ID}/xul.pd_")
    assert inspected.head.module is None
    assert inspected.warning is None


def test_ignored_members_are_read_but_have_no_head() -> None:
    assert inspect(b"text", name="target-symbols.txt").digest.size == 4


def test_another_debug_id_than_the_path_says_is_refused_with_both() -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        inspect(MODULE, name=f"xul.pdb/{OTHER_ID}/xul.SYM")
    assert ID in str(caught.value)
    assert OTHER_ID in str(caught.value)


def test_the_case_of_a_debug_id_does_not_matter() -> None:
    assert inspect(MODULE.lower().replace(b"module", b"MODULE")).warning is None
    assert inspect(MODULE, name=f"xul.pdb/{ID.lower()}/xul.sym").warning is None


def test_a_path_with_a_short_id_only_gives_a_warning() -> None:
    warning = inspect(MODULE, name="xul.pdb/A7D6F1BB18CD4CB48/xul.sym").warning
    assert warning is not None
    assert ID in warning
    assert "A7D6F1BB18CD4CB48" in warning


def test_a_wrong_id_only_gives_a_warning_where_it_is_not_verified() -> None:
    assert inspect(MODULE, name=f"xul.pdb/{OTHER_ID}/xul.sym", verify=False).warning is not None


@pytest.mark.parametrize("text", [b"", b"MODULE\n", b"FUNC 1 1 0 main\n", b"\xff" * 100])
def test_a_symbol_file_without_a_module_line_gives_a_warning(text: bytes) -> None:
    assert inspect(text).warning == f"{NAME} has no MODULE line"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", [NAME, "target-symbols.txt"])
def test_a_snippet_is_found_anywhere(name: str, method: int) -> None:
    # Around the borders of what is read (128 KiB) and inflated (512 KiB) at once.
    for border in [0, 128 * 1024, 512 * 1024, 1024 * 1024]:
        for shift in [-14, -7, -1, 0]:
            data = bytearray(MODULE + b"." * 1_100_000)
            at = max(len(MODULE), border + shift)
            data[at : at + 14] = b"forbidden/path"
            with pytest.raises(ArchiveRefusedError) as caught:
                inspect(bytes(data), name=name, method=method)
            assert str(caught.value) == (
                "Content of archive file contains the snippet 'forbidden/path' which is not allowed"
            )


def test_a_snippet_may_be_one_character() -> None:
    with pytest.raises(ArchiveRefusedError, match="'x'"):
        inspect(b"abcxdef", snippets=["x"])


def test_without_snippets_everything_passes() -> None:
    assert inspect(MODULE + b"forbidden/path", snippets=[]).warning is None


def test_a_snippet_in_a_name_is_refused() -> None:
    refuse_names(["forbidden/pat/h"], ["forbidden/path"])
    with pytest.raises(ArchiveRefusedError, match="contains the snippet 'forbidden/path'"):
        refuse_names(["a/ABC/b", "forbidden/path/b"], ["other", "forbidden/path"])


def test_a_damaged_member_is_refused() -> None:
    data = bytearray(zipped(NAME, MODULE))
    struct.pack_into("<L", data, data.index(b"PK\1\2") + 16, 1)
    struct.pack_into("<L", data, data.index(b"PK\3\4") + 14, 1)
    archive = open_bytes(bytes(data))
    [member] = archive.members
    rules = InspectionRules((), verify_module=True)
    with pytest.raises(ArchiveRefusedError, match="is damaged"):
        Inspection(archive.stream(member), member.size, None, rules).finish()


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 7, 8, 9, 1000])
@pytest.mark.parametrize(
    ("text", "has"),
    [
        (b"FILE 0 a.c\nFUNC 1 2 3 f\n1 2 3 0\nSTACK CFI INIT 1 2 x\n", "lines symbols unwind"),
        (b"PUBLIC 1 0 f\n", "symbols"),
        (b"STACK WIN 4 1 2 3\n", "unwind"),
        (b"INFO SOMETHING FILE FUNC STACK PUBLIC \nFILES \n", ""),
        (b"", ""),
    ],
)
def test_a_symbol_file_says_what_it_has(text: bytes, has: str, chunk_bytes: int) -> None:
    whole = MODULE + text
    chunks = (whole[at : at + chunk_bytes] for at in range(0, len(whole), chunk_bytes))
    rules = InspectionRules((), verify_module=True)
    found = Inspection(chunks, len(whole), symbol_key_of(NAME), rules).finish()
    assert found.has == tuple(has.split())
