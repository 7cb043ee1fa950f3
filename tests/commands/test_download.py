# SPDX-License-Identifier: MPL-2.0

"""`tecken download` against a real HTTP server."""

import gzip
from pathlib import Path

from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.download import command

KEY = "xul.pdb/44E4/xul.sym"
TEXT = b"MODULE windows x86_64 44E4 xul.pdb\n"


def download(scripted: ScriptedServer, folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        command, ["--url", scripted.url, "--output", str(folder), *arguments], env={}
    )


def test_a_file_lands_under_its_key(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.routes = {f"/{KEY}": Answer(200, gzip.compress(TEXT), {"Content-Encoding": "gzip"})}
    result = download(scripted, tmp_path / "new folder", "xul.pdb/44e4")
    target = tmp_path / "new folder" / KEY
    assert result.exit_code == 0
    assert result.stdout == f"{target} {len(TEXT)} bytes\n"
    assert target.read_bytes() == TEXT


def test_a_missing_file_is_told_and_the_others_are_fetched(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.routes = {f"/{KEY}": Answer(200, TEXT)}
    result = download(scripted, tmp_path, "gone.pdb/44E4", "xul.pdb/44E4")
    assert result.exit_code == 1
    assert result.stderr == "Error: gone.pdb/44E4/gone.sym: Symbol Not Found\n"
    assert (tmp_path / KEY).read_bytes() == TEXT


def test_try_symbols_are_asked_for(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [Answer(200, TEXT)]
    download(scripted, tmp_path, "--try", KEY)
    assert scripted.received[0].path == f"/{KEY}?try=1"


def test_what_can_be_no_key_is_one_line(scripted: ScriptedServer, tmp_path: Path) -> None:
    result = download(scripted, tmp_path, "xul.pdb")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: 'xul.pdb' is not of the form <debug file>/<debug id>/<symbol file>\n"
    )
    assert scripted.received == []


def test_a_place_that_cannot_be_written_is_one_line(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.routes = {f"/{KEY}": Answer(200, TEXT)}
    (tmp_path / "xul.pdb").write_bytes(b"a file where a folder should be")
    result = download(scripted, tmp_path, KEY)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {tmp_path / 'xul.pdb'}")
