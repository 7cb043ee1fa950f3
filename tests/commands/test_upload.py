# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""`tecken upload` against a real HTTP server."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.upload import command

SYMBOLS = b"MODULE windows x86_64 44E4 xul.pdb\nPUBLIC 10 0 main\n"
JSON = {"Content-Type": "application/json"}
TOKEN = "0123456789abcdef-build machine"


def created(stored: int = 1, skipped: int = 0, **more: object) -> Answer:
    upload = {
        "id": 17,
        "files": [{"key": f"v1/xul.pdb/A{n}/xul.sym"} for n in range(stored)],
        "skipped_keys": [f"v1/old.pdb/B{n}/old.sym" for n in range(skipped)],
        "ignored_keys": [],
        **more,
    }
    return Answer(201, json.dumps({"upload": upload}).encode(), JSON)


def upload(scripted: ScriptedServer, *arguments: str | Path, token: str = TOKEN) -> Result:
    return CliRunner().invoke(
        command,
        ["--url", scripted.url, *map(str, arguments)],
        env={"TECKEN_TOKEN": token, "TECKEN_URL": None},
    )


@pytest.fixture
def symbol_file(tmp_path: Path) -> Path:
    path = tmp_path / "xul.sym"
    path.write_bytes(SYMBOLS)
    return path


def archive_of(scripted: ScriptedServer, number: int = 0) -> tuple[str | None, bytes]:
    return scripted.received[number].form()["archive"]


def test_a_zip_is_sent_as_it_is(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [created()]
    path = tmp_path / "mine.zip"
    path.write_bytes(b"whatever it holds")
    result = upload(scripted, path)
    assert result.exit_code == 0, result.output
    assert archive_of(scripted) == ("mine.zip", b"whatever it holds")
    assert scripted.received[0].headers["Auth-Token"] == TOKEN


def test_symbol_files_and_folders_go_into_one_zip(
    scripted: ScriptedServer, tmp_path: Path, symbol_file: Path
) -> None:
    scripted.script = [created()]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.sym").write_bytes(b"MODULE Linux arm64 AB0 a\n")
    (folder / "notes.txt").write_bytes(b"")
    result = upload(scripted, symbol_file, folder)
    name, content = archive_of(scripted)
    assert name == "symbols.zip"
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["a/AB0/a.sym", "xul.pdb/44E4/xul.sym"]
    assert result.stderr == (
        f"left out {folder / 'notes.txt'}: neither a .sym file nor another file of a symbol store\n"
    )


def test_a_zip_of_one_folder_has_its_name(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [created()]
    upload(scripted, symbol_file.parent)
    assert archive_of(scripted)[0] == f"{symbol_file.parent.name}.zip"


def test_the_result_says_what_became_of_each_file(
    scripted: ScriptedServer, symbol_file: Path
) -> None:
    scripted.script = [created(1, 12, warnings=["short id"])]
    result = upload(scripted, symbol_file)
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Uploaded xul.sym.zip (")
    assert lines[0].endswith(") as upload 17")
    assert lines[1:4] == [
        "  1 stored:",
        "    v1/xul.pdb/A0/xul.sym",
        "  12 skipped, the server has them:",
    ]
    assert lines[-3:] == [
        "    and 2 more",
        "  0 ignored",
        f"{scripted.url}/uploads/upload/17",
    ]
    assert result.stderr == "warning: short id\n"


def test_json_is_the_servers_answer(scripted: ScriptedServer, symbol_file: Path) -> None:
    answer = created()
    scripted.script = [answer]
    result = upload(scripted, symbol_file, "--json")
    assert json.loads(result.stdout) == json.loads(answer.body)


def test_try_symbols_are_sent_as_such(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [created()]
    upload(scripted, symbol_file, "--try")
    assert scripted.received[0].form()["try"] == (None, b"1")


def test_a_busy_server_is_asked_again_and_that_is_told(
    scripted: ScriptedServer, symbol_file: Path
) -> None:
    busy = Answer(503, b'{"error": "Storage is down"}', JSON | {"Retry-After": "0"})
    scripted.script = [busy, created()]
    result = upload(scripted, symbol_file)
    assert result.exit_code == 0
    assert result.stderr == "Storage is down; trying again in 0 s\n"


def test_a_server_that_stays_busy_is_an_error(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [Answer(503, headers={"Retry-After": "0"})] * 2
    result = upload(scripted, symbol_file, "--retries", "1")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "Error: the server answered 503 Service Unavailable (tried 2 times)"
    )


def test_a_refusal_is_the_servers_own_sentence(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [Answer(403, b'{"error": "API Token found but expired"}', JSON)]
    result = upload(scripted, symbol_file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: API Token found but expired\n"


def test_without_a_token_nothing_is_sent(scripted: ScriptedServer, symbol_file: Path) -> None:
    result = upload(scripted, symbol_file, token="")
    assert result.exit_code == 1
    assert result.stderr == "Error: an upload needs an API token: --token or TECKEN_TOKEN\n"
    assert scripted.received == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.zip", "No such file or directory"),
        ("gone.sym", "no such file or folder"),
        ("empty", "there is nothing to upload: no file that belongs into a symbol store"),
    ],
)
def test_nothing_to_upload_is_one_line(
    scripted: ScriptedServer, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    result = upload(scripted, tmp_path / name)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(message)


@pytest.mark.parametrize("arguments", [["--help"], ["--token", "sec\nret", "x.zip"]])
def test_the_token_is_never_shown(arguments: list[str]) -> None:
    result = CliRunner().invoke(command, arguments, env={"TECKEN_TOKEN": "sec\nret"})
    assert "sec" not in result.output
    assert "ret" not in result.output.replace("retries", "")


def test_a_terminal_gets_a_progress_bar(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [created()]
    ours, theirs = pty.openpty()
    program = "from tecken.commands.upload import command; command()"
    running = subprocess.Popen(
        [sys.executable, "-c", program, "--url", scripted.url, str(symbol_file)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TECKEN_TOKEN": TOKEN, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = read_terminal(ours)
    printed, _ = running.communicate()
    assert running.returncode == 0
    assert b"xul.sym.zip" in shown
    assert b"\x1b" not in printed
    assert b"as upload 17" in printed


def read_terminal(end: int) -> bytes:
    """Read what is shown until the program on the other side has ended."""
    shown = b""
    with open(end, "rb", buffering=0) as terminal:
        try:
            while chunk := terminal.read(4096):
                shown += chunk
        except OSError:
            pass  # how Linux says that nobody has the other side open
    return shown
