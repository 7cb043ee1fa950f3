# SPDX-License-Identifier: MPL-2.0

"""`tecken check-symbols`: what files of a build are."""

import io
import json
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    compiled,
    fat_macho,
    macho,
    pe,
    source_bundle,
)
from tests.support.zstd import compress

from tecken.commands.check_symbols import command

KEY = f".native/{BUILD_ID[:2]}/{BUILD_ID[2:]}"


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "crash").write_bytes(PROGRAM)
    (tmp_path / "crash.debug").write_bytes(PROGRAM_DEBUG)
    return tmp_path


def test_each_file_has_a_line_with_its_ids_and_what_it_has(folder: Path) -> None:
    result = check(folder)
    assert result.exit_code == 0
    program, debug = result.output.splitlines()
    assert program == (
        f"{folder}/crash: ELF (x86_64) of crash/{DEBUG_ID} code id {BUILD_ID.upper()}; has unwind; "
        f"lacks lines, symbols; stored as {KEY}/executable"
    )
    assert debug.endswith(
        f"has lines, symbols; lacks unwind; gives symbols crash/{DEBUG_ID}/crash.sym; "
        f"stored as {KEY}/debuginfo"
    )


def test_a_debug_file_that_is_called_by_its_id_gives_symbols_by_that(tmp_path: Path) -> None:
    path = tmp_path / f"{BUILD_ID[2:]}.debug"
    path.write_bytes(PROGRAM_DEBUG)
    key = f"{DEBUG_ID}/{DEBUG_ID}/{DEBUG_ID}.sym"
    assert f"; gives symbols {key}, found by the id alone" in check(path).output


def test_what_cannot_be_stored_says_why(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("read")
    (tmp_path / "crash").write_bytes(PROGRAM[:100])
    result = check(tmp_path)
    assert result.exit_code == 1
    readme, program = result.output.splitlines()
    assert readme.endswith("other file; not stored: it is no file of a symbol store")
    assert "ELF; not stored: the table of section headers goes beyond" in program


def test_json_has_an_object_for_each_file(tmp_path: Path) -> None:
    path = tmp_path / "App"
    path.write_bytes(fat_macho(macho(), macho(processor=7)))
    file = json.loads(check("--json", path).output)
    assert (file["name"], file["kind"], file["problem"]) == (str(path), "macho", "")
    assert [module["arch"] for module in file["modules"]] == ["arm64", "x86"]


def test_zips_and_tars_are_looked_into(tmp_path: Path) -> None:
    archive = tmp_path / "build.zip"
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("bin/xul.dll", pe())
        zipped.writestr("xul.src.zip", source_bundle())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("bin/crash")
        info.size = len(PROGRAM)
        tar.addfile(info, io.BytesIO(PROGRAM))
    tarred = tmp_path / "build.tar.zst"
    tarred.write_bytes(compress(packed.getvalue()))
    lines = check(archive, tarred).output.splitlines()
    assert [line.split(" of ")[0] for line in lines] == [
        f"{archive}: xul.src.zip: source bundle (x86_64)",
        f"{archive}: bin/xul.dll: PE (x86_64)",
        f"{tarred}: bin/crash: ELF (x86_64)",
    ]


@pytest.mark.parametrize("name", ["build.tar.gz", "build.tar.zst", "build.zip"])
def test_a_damaged_archive_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x1f\x8bnonsense")
    assert "cannot be unpacked" in check(path).output


def test_a_tar_cannot_write_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "in" / "build.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("../../escaped"))
    assert "cannot be unpacked" in check(path).output


def test_a_symbol_file_is_where_its_module_line_says(tmp_path: Path) -> None:
    path = tmp_path / "any.sym"
    path.write_text(f"MODULE Linux x86_64 {DEBUG_ID} crash\nPUBLIC 0 0 main\n")
    assert check(path).output == (
        f"{path}: symbol file (x86_64) of crash/{DEBUG_ID}; stored as crash/{DEBUG_ID}/crash.sym\n"
    )


def test_packed_split_units_are_told_and_loose_ones_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "app.dwp").write_bytes(compiled("split5.dwp"))
    (tmp_path / "first.dwo").write_bytes(compiled("split5-first.dwo"))
    result = check(tmp_path)
    assert result.exit_code == 1
    packed, loose = result.stdout.splitlines()
    assert "ELF with split units (x86_64) without debug id code id " in packed
    assert "; has symbols; stored as .native/" in packed
    assert packed.endswith("/split")
    assert "not stored: it has split units of one source file" in loose
    assert "`dwp -e PROGRAM -o PROGRAM.dwp`" in loose
