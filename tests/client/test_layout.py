# SPDX-License-Identifier: MPL-2.0

"""Where files of a build go in the zip, and what is left out of it."""

import gzip
import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.support.native_files import BUILD_ID, PROGRAM, PROGRAM_DEBUG, PROGRAM_FULL

from tecken.client.errors import ClientError
from tecken.client.gzips import DamagedGzipError
from tecken.client.layout import lay_out, write_zip

XUL = b"MODULE windows x86_64 44e4ec8c2f41492b9369d6b9a059577c2 xul.pdb\nPUBLIC 10 0 main\n"
XUL_KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"


def make(path: Path, content: bytes = b"bytes") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def keys(*paths: Path) -> list[str]:
    return [str(member.key) for member in lay_out(paths).members]


def reasons(*paths: Path) -> dict[str, str]:
    return {out.path.name: out.reason for out in lay_out(paths).left_out}


def zipped(*paths: Path) -> dict[str, bytes]:
    target = io.BytesIO()
    write_zip(lay_out(paths).members, target)
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["xul.sym", "anything.SYM", "3f2a9c1b/xul.sym", "a/BAD1D/b.sym"])
def test_a_symbol_file_goes_where_its_module_line_says(tmp_path: Path, name: str) -> None:
    make(tmp_path / name, XUL)
    assert keys(tmp_path) == [XUL_KEY]


def test_a_debug_file_may_contain_spaces_and_lines_may_end_in_crlf(tmp_path: Path) -> None:
    file = make(tmp_path / "a.sym", b"MODULE mac arm64 ABC0 My App\r\nPUBLIC 10 0 main\r\n")
    assert keys(file) == ["My App/ABC0/My App.sym"]


@pytest.mark.parametrize("name", ["xul.sym.gz", "xul.sym"])
def test_gzip_is_inflated_whatever_the_name_says(tmp_path: Path, name: str) -> None:
    file = make(tmp_path / name, gzip.compress(XUL[:20]) + gzip.compress(XUL[20:]))
    assert zipped(file) == {XUL_KEY: XUL}


@pytest.mark.parametrize(
    "name", ["xul.pd_", "xul.dll.dbg.gz", "xul.dSYM.tar.bz2", "xul.ex_", "xul.dl_"]
)
def test_other_files_of_a_symbol_store_keep_their_place_and_bytes(
    tmp_path: Path, name: str
) -> None:
    content = gzip.compress(b"debug")
    file = make(tmp_path / "xul.dll" / "5c34d92c63000" / name, content)
    for path in (tmp_path, tmp_path / "xul.dll", file):
        assert zipped(path) == {f"xul.dll/5C34D92C63000/{name}": content}


def test_what_is_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    make(tmp_path / "good.sym", XUL)
    make(tmp_path / "readme.txt")
    make(tmp_path / "empty.sym", b"")
    make(tmp_path / "page.sym", b"<html>")
    make(tmp_path / "bad name.sym", XUL.replace(b"xul.pdb", b"x<ul>.pdb"))
    make(tmp_path / "bad id.sym", XUL.replace(b"44e4", b"zzzz"))
    make(tmp_path / "cut.sym.gz", gzip.compress(XUL)[:-9])
    make(tmp_path / "lost.pd_")
    assert keys(tmp_path) == [XUL_KEY]
    no_module = "the first line is not MODULE <os> <arch> <debug id> <debug file>"
    found = reasons(tmp_path)
    assert found.pop("lost.pd_").endswith("is not a hexadecimal id")
    assert found.pop("bad id.sym").endswith("is not a hexadecimal id")
    assert found.pop("cut.sym.gz").startswith("damaged gzip")
    assert found == {
        "readme.txt": "neither a .sym file nor another file of a symbol store",
        "empty.sym": no_module,
        "page.sym": no_module,
        "bad name.sym": "'x<ul>.pdb' contains invalid characters",
    }


def test_of_two_files_with_one_key_the_first_is_taken(tmp_path: Path) -> None:
    first, second = (
        make(tmp_path / "a.sym", XUL),
        make(tmp_path / "b.sym", XUL + b"PUBLIC 20 0 b\n"),
    )
    assert zipped(tmp_path) == {XUL_KEY: XUL}
    assert reasons(first, second) == {"b.sym": f"{first} has the same key"}


def test_a_file_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    file = make(tmp_path / "a.sym", XUL)
    assert keys(file, tmp_path) == [XUL_KEY]
    assert reasons(file, tmp_path) == {}


def test_a_named_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    file = make(tmp_path / "page.sym", b"<html>")
    with pytest.raises(ClientError, match=r"page\.sym: the first line is not MODULE"):
        lay_out([file])


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"gone\.sym: no such file or folder"):
        lay_out([tmp_path / "gone.sym"])


def test_gzip_that_is_damaged_further_in_spoils_the_zip(tmp_path: Path) -> None:
    lines = b"".join(b"PUBLIC %x 0 f%d\n" % (n, n) for n in range(200_000))
    file = make(tmp_path / "xul.sym.gz", gzip.compress(XUL + lines, 1)[:-9])
    with pytest.raises(DamagedGzipError):
        zipped(file)


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    file = make(tmp_path / "xul.sym", XUL)
    one, two = io.BytesIO(), io.BytesIO()
    write_zip(lay_out([file]).members, one)
    file.touch()
    write_zip(lay_out([tmp_path]).members, two)
    assert one.getvalue() == two.getvalue()


@pytest.mark.real_data
def test_real_symbol_files_are_laid_out_as_their_store_has_them(real_data: Path) -> None:
    store = real_data / "symbols"
    expected = {str(path.relative_to(store)).removesuffix(".gz") for path in store.glob("*/*/*")}
    assert set(keys(store)) == expected


def test_native_files_are_taken_wherever_they_lie(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "crash").write_bytes(PROGRAM)
    (tmp_path / "crash.debug").write_bytes(PROGRAM_DEBUG)
    (tmp_path / "README").write_text("read")
    layout = lay_out([tmp_path])
    folder = f".native/{BUILD_ID[:2]}/{BUILD_ID[2:]}"
    assert [(str(member.key), member.name) for member in layout.members] == [
        (f"{folder}/debuginfo", f"native/{BUILD_ID}/debuginfo/crash.debug"),
        (f"{folder}/executable", f"native/{BUILD_ID}/executable/crash"),
    ]
    assert [out.missed for out in layout.left_out] == [False]


def test_of_native_files_of_one_id_that_with_the_most_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(PROGRAM)
    (tmp_path / "b").write_bytes(PROGRAM_FULL)
    layout = lay_out([tmp_path])
    assert [member.path.name for member in layout.members] == ["b"]
    assert [out.path.name for out in layout.left_out] == ["a"]


def test_a_damaged_native_file_is_missed(tmp_path: Path) -> None:
    (tmp_path / "crash").write_bytes(PROGRAM[:100])
    assert [out.missed for out in lay_out([tmp_path]).left_out] == [True]
