# SPDX-License-Identifier: MPL-2.0

"""`tecken debugger-setup`, and `tecken dsym-for-uuid` against a real HTTP server."""

import json
import plistlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.native_files import GUID, macho
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.client.debugger_setup import DEBUGGERS, Step
from tecken.commands import debugger_setup, dsym_for_uuid

UUID = str(GUID).upper()
PATH = f"/unified/{GUID.hex[:2]}/{GUID.hex[2:]}"
FRONTEND = Path(__file__).parents[2] / "frontend" / "src" / "features" / "help" / "debuggers.json"


@pytest.mark.parametrize("debugger", list(DEBUGGERS))
def test_lines_to_paste_name_the_server(debugger: str) -> None:
    url = "https://symbols.example.com/"
    result = CliRunner().invoke(debugger_setup.command, [debugger, "--url", url], env={})
    assert result.exit_code == 0
    assert "symbols.example.com" in result.stdout
    assert "{" not in result.stdout
    assert "example.com//" not in result.stdout


def test_the_help_page_says_the_same() -> None:
    shown = json.loads(FRONTEND.read_text(encoding="utf-8"))
    assert {
        name: tuple(Step(**step) for step in steps) for name, steps in shown.items()
    } == DEBUGGERS


def plist_of(scripted: ScriptedServer, cache: Path, *uuids: str) -> dict[str, dict[str, str]]:
    options = ["--url", scripted.url, "--cache", str(cache), "--retries", "0"]
    result = CliRunner().invoke(dsym_for_uuid.command, [*options, *uuids], env={})
    assert result.exit_code == 0, result.output
    return plistlib.loads(result.stdout_bytes)


def test_a_dsym_is_downloaded_once_and_its_path_told(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    dsym, program = macho(file_type=10), macho()
    scripted.routes = {
        f"{PATH}/debuginfo": Answer(200, dsym),
        f"{PATH}/executable": Answer(200, program),
    }
    for _ in range(2):
        [(uuid, found)] = plist_of(scripted, tmp_path, UUID).items()
    assert uuid == UUID
    assert found["DBGArchitecture"] == "arm64"
    assert Path(found["DBGDSYMPath"]).read_bytes() == dsym
    assert f"{UUID}.dSYM/Contents/Resources/DWARF/" in found["DBGDSYMPath"]
    assert Path(found["DBGSymbolRichExecutable"]).read_bytes() == program
    assert len(scripted.received) == 2


def test_a_dsym_alone_is_enough(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.routes = {f"{PATH}/debuginfo": Answer(200, macho(file_type=10))}
    found = plist_of(scripted, tmp_path, UUID)[UUID]
    assert "DBGDSYMPath" in found
    assert "DBGSymbolRichExecutable" not in found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, b"Symbol Not Found"), "has no dSYM"),
        (Answer(503, b""), "503"),
        (Answer(200, b"no Mach-O"), "no native file"),
        (Answer(200, macho(uuid=GUID.__class__(int=1))), "of another module"),
    ],
)
def test_what_cannot_be_had_is_an_error_in_the_list(
    scripted: ScriptedServer, tmp_path: Path, answer: Answer, said: str
) -> None:
    scripted.routes = {f"{PATH}/debuginfo": answer}
    found = plist_of(scripted, tmp_path, UUID, "no-uuid")
    assert said in found[UUID]["DBGError"]
    assert found["no-uuid"]["DBGError"] == "no-uuid is no UUID"
