# SPDX-License-Identifier: MPL-2.0

"""`tecken upload` against a real HTTP server."""

import io
import json
import os
import pty
import random
import subprocess
import sys
import tarfile
from http import HTTPStatus
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.source_bundles import source_bundle

from tecken.commands.options import progress_bar
from tecken.commands.upload import command
from tecken.commands.upload_requests import EXIT_PARTLY, EXIT_REFUSED

SYMBOLS = b"MODULE windows x86_64 44E4 xul.pdb\nPUBLIC 10 0 main\n"
JSON = {"Content-Type": "application/json"}
MIB = 1024 * 1024
TOKEN = "0123456789abcdef-build machine"


def created(stored: int = 1, skipped: int = 0, **more: object) -> Answer:
    upload = {
        "id": 17,
        "size": 2048,
        "files": [{"key": f"v1/xul.pdb/A{n}/xul.sym"} for n in range(stored)],
        "skipped_keys": [f"v1/old.pdb/B{n}/old.sym" for n in range(skipped)],
        "ignored_keys": [],
        **more,
    }
    return Answer(201, json.dumps({"upload": upload}).encode(), JSON)


def upload(scripted: ScriptedServer, *arguments: str | Path, token: str = TOKEN) -> Result:
    return CliRunner().invoke(
        command,
        ["--url", scripted.url, "--no-check", *map(str, arguments)],
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


@pytest.mark.parametrize("packed", ["", "gz", "xz"])
def test_what_is_in_a_tar_goes_into_a_zip(
    scripted: ScriptedServer, tmp_path: Path, symbol_file: Path, packed: str
) -> None:
    scripted.script = [created()]
    path = tmp_path / f"build.tar.{packed}".rstrip(".")
    with tarfile.open(path, f"w:{packed}") as tar:
        tar.add(symbol_file, "deep/xul.sym")
    result = upload(scripted, path)
    assert result.exit_code == 0, result.output
    with ZipFile(io.BytesIO(archive_of(scripted)[1])) as archive:
        assert archive.namelist() == ["xul.pdb/44E4/xul.sym"]
        assert archive.read("xul.pdb/44E4/xul.sym") == SYMBOLS


def test_a_zip_of_one_folder_has_its_name(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [created()]
    upload(scripted, symbol_file.parent)
    assert archive_of(scripted)[0] == f"{symbol_file.parent.name}.zip"


def test_a_source_bundle_is_a_file_of_a_build_whatever_its_name_ends_in(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    bundle = source_bundle({"/a.c": b"a"}, debug_id="5A1C3F2B9D8E47606B1FA2C4D5E6F7890")
    (tmp_path / "app.src.zip").write_bytes(bundle)
    scripted.script = [created()]
    assert upload(scripted, "--no-check", tmp_path / "app.src.zip").exit_code == 0
    with ZipFile(io.BytesIO(archive_of(scripted)[1])) as archive:
        [member] = archive.infolist()
        assert archive.read(member) == bundle


def test_the_result_says_what_became_of_each_file(
    scripted: ScriptedServer, symbol_file: Path
) -> None:
    scripted.script = [created(1, 12, warnings=["short id"])]
    result = upload(scripted, symbol_file)
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "Uploaded xul.sym.zip (2.0 KB) as upload 17",
        "  stored v1/xul.pdb/A0/xul.sym",
        "  skipped v1/old.pdb/B0/old.sym",
    ]
    assert lines[-3:] == [
        "  skipped v1/old.pdb/B11/old.sym",
        "  1 stored, 12 skipped, 0 ignored",
        f"{scripted.url}/uploads/upload/17",
    ]
    assert result.stderr == "warning: short id\n"


def test_quiet_leaves_only_the_counts(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [created(2)]
    lines = upload(scripted, symbol_file, "--quiet").stdout.splitlines()
    assert [line for line in lines if "xul.pdb" in line] == []
    assert "  2 stored, 0 skipped, 0 ignored" in lines


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
        "Error: xul.sym.zip: the server answered 503 Service Unavailable (tried 2 times)"
    )


def test_a_refusal_is_the_servers_own_sentence(scripted: ScriptedServer, symbol_file: Path) -> None:
    scripted.script = [Answer(403, b'{"error": "API Token found but expired"}', JSON)]
    result = upload(scripted, symbol_file)
    assert (result.exit_code, result.stdout) == (EXIT_REFUSED, "")
    assert result.stderr == "Error: xul.sym.zip: API Token found but expired\n"


def test_a_proxys_page_is_not_shown_and_too_large_says_what_helps(
    scripted: ScriptedServer, symbol_file: Path
) -> None:
    page = b"<html><h1>413 Request Entity Too Large</h1><hr>nginx</html>"
    scripted.script = [Answer(413, page, {"Content-Type": "text/html"})]
    result = upload(scripted, symbol_file)
    assert result.exit_code == EXIT_REFUSED
    assert result.stderr.splitlines() == [
        f"Error: xul.sym.zip: the server answered 413 {HTTPStatus(413).phrase}",
        "--max-request-bytes makes smaller requests; a zip is sent as it is",
    ]


def random_artefacts(folder: Path, count: int, size: int) -> None:
    """Make files that do not compress."""
    for number in range(count):
        path = folder / f"a{number}.pdb" / "AB0" / f"a{number}.pd_"
        path.parent.mkdir(parents=True)
        path.write_bytes(random.Random(number).randbytes(size))


def test_many_files_go_in_several_requests(scripted: ScriptedServer, tmp_path: Path) -> None:
    random_artefacts(tmp_path / "built", 5, 20_000)
    scripted.script = [created()] * 3
    result = upload(scripted, tmp_path / "built", "--max-request-bytes", "50_000")
    assert result.exit_code == 0, result.output
    forms = [received.form()["archive"] for received in scripted.received]
    assert [name for name, _ in forms] == ["built.zip", "built-2.zip", "built-3.zip"]
    names = [ZipFile(io.BytesIO(content)).namelist() for _, content in forms]
    assert [len(found) for found in names] == [2, 2, 1]
    assert all(len(received.body) <= 50_000 for received in scripted.received)


def test_a_file_that_is_too_large_alone_is_left_out_and_the_others_go(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    random_artefacts(tmp_path / "built", 2, 20_000)
    (tmp_path / "built" / "a0.pdb" / "AB0" / "a0.pd_").write_bytes(random.randbytes(90_000))
    scripted.script = [created()]
    result = upload(scripted, tmp_path / "built", "--max-request-bytes", "50_000")
    assert result.exit_code == EXIT_PARTLY
    assert "left out a0.pdb/AB0/a0.pd_: alone it is 88.1 KB" in result.stderr


def test_after_a_refusal_the_rest_is_sent(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.script = [Answer(400, b'{"error": "File is not a zip file"}', JSON), created()]
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(b"PK")
    result = upload(scripted, tmp_path / "a.zip", tmp_path / "b.zip")
    assert result.exit_code == EXIT_PARTLY
    assert result.stderr.splitlines() == [
        "Error: a.zip: File is not a zip file",
        "Not everything is there. Once that can be, the same command sends only the rest.",
    ]


def test_after_a_refusal_of_the_token_nothing_more_is_sent(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.script = [Answer(403, b'{"error": "Forbidden"}', JSON), created()]
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(b"PK")
    result = upload(scripted, tmp_path / "a.zip", tmp_path / "b.zip")
    assert (result.exit_code, len(scripted.received)) == (EXIT_REFUSED, 1)


def test_when_the_server_goes_away_in_the_middle_that_is_partly(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    away = Answer(503, headers={"Retry-After": "0"})
    scripted.script = [created(), away, away, created()]
    for name in ("a.zip", "b.zip", "c.zip"):
        (tmp_path / name).write_bytes(b"PK")
    paths = [tmp_path / name for name in ("a.zip", "b.zip", "c.zip")]
    result = upload(scripted, *paths, "--retries", "1")
    assert (result.exit_code, len(scripted.received)) == (EXIT_PARTLY, 3)


def test_a_damaged_symbol_file_makes_it_partly(scripted: ScriptedServer, symbol_file: Path) -> None:
    (symbol_file.parent / "bad.sym").write_bytes(b"no symbols\n")
    (symbol_file.parent / "readme.txt").write_bytes(b"no symbols\n")
    scripted.script = [created()]
    assert upload(scripted, symbol_file.parent).exit_code == EXIT_PARTLY


def test_the_server_is_told_what_to_fetch(scripted: ScriptedServer) -> None:
    scripted.script = [created()]
    result = upload(scripted, "--url-of", "https://host/builds/1.zip")
    assert result.exit_code == 0, result.output
    assert scripted.received[0].body == b"url=https%3A%2F%2Fhost%2Fbuilds%2F1.zip"
    assert result.stdout.startswith("Uploaded https://host/builds/1.zip (2.0 KB) as upload 17")


def test_nothing_named_is_a_wrong_use(scripted: ScriptedServer) -> None:
    result = upload(scripted)
    assert result.exit_code == 2
    assert "--url-of" in result.stderr


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
    scripted.routes = {"/upload/": created()}
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


def test_who_has_no_terminal_reads_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 4.0, 12.0, 15.0, 20.0])
    monkeypatch.setattr("tecken.commands.options.time.monotonic", lambda: next(seconds))
    with progress_bar("a.zip", "the server checks and stores it") as progress:
        for sent in (1, 2, 3, 4):
            progress(sent * MIB, 4 * MIB)
    assert capsys.readouterr().err.splitlines() == [
        "a.zip: 2.0 MB of 4.0 MB",
        "a.zip: 4.0 MB sent, the server checks and stores it",
    ]


def test_what_is_quick_is_not_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("a.zip", "the server checks and stores it") as progress:
        progress(1, 1)
    assert capsys.readouterr().err == ""


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
