# SPDX-License-Identifier: MPL-2.0

"""`tecken make-a-zip` against a real HTTP server."""

import gzip
from pathlib import Path
from zipfile import ZipFile

from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.make_a_zip import command

TEXT = b"MODULE windows x86_64 44E4 xul.pdb\n"


def make_a_zip(scripted: ScriptedServer, output: Path, *symbols: str) -> Result:
    return CliRunner().invoke(
        command, ["--url", scripted.url, "--output", str(output), *symbols], env={}
    )


def test_the_zip_holds_each_file_under_its_key(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.routes = {
        "/xul.pdb/44E4/xul.sym": Answer(200, gzip.compress(TEXT), {"Content-Encoding": "gzip"}),
        "/xul.dll/5C3/xul.dl_": Answer(200, b"MSCF"),
    }
    output = tmp_path / "mine.zip"
    result = make_a_zip(scripted, output, "xul.pdb/44e4", "xul.dll/5c3/xul.dl_")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"Downloaded {len(TEXT)} bytes ({len(TEXT)} B): xul.pdb/44E4/xul.sym",
        "Downloaded 4 bytes (4 B): xul.dll/5C3/xul.dl_",
        f"Wrote {output}",
    ]
    with ZipFile(output) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "xul.pdb/44E4/xul.sym": TEXT,
            "xul.dll/5C3/xul.dl_": b"MSCF",
        }


def test_a_missing_file_leaves_no_zip(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.routes = {"/xul.pdb/44E4/xul.sym": Answer(200, TEXT)}
    result = make_a_zip(scripted, tmp_path / "mine.zip", "xul.pdb/44E4", "gone.pdb/44E4")
    assert result.exit_code == 1
    assert result.stderr == "Error: gone.pdb/44E4/gone.sym: Symbol Not Found\n"
    assert list(tmp_path.iterdir()) == []


def test_a_symbol_that_is_named_twice_is_in_it_once(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.routes = {"/xul.pdb/44E4/xul.sym": Answer(200, TEXT)}
    output = tmp_path / "mine.zip"
    make_a_zip(scripted, output, "xul.pdb/44e4", "xul.pdb/44E4/xul.sym")
    with ZipFile(output) as archive:
        assert archive.namelist() == ["xul.pdb/44E4/xul.sym"]
