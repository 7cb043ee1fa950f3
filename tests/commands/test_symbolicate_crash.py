# SPDX-License-Identifier: MPL-2.0

"""`tecken symbolicate --modules`: the text of a crash, with a server and without."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.symbolicate import command

LIBFOO = ("libfoo.so", "1A0DF793E38A8E4F63C223F1500327FB0")
LIBFOO_TEXT = b"""FILE 0 main.cc
FILE 1 run.h
INLINE_ORIGIN 0 run()
FUNC 1000 20 0 main
INLINE 0 12 0 0 1000 10
1000 10 3 1
1010 10 14 0
"""
TOMBSTONE = b"""\
signal 11 (SIGSEGV)\tfault addr 0x0 \xff
    #00 pc 0000000000001018  /system/lib64/libfoo.so (BuildId: f793)
    #01 pc 0000000000001004  /system/lib64/libfoo.so
    #02 pc 0000000000000010  /system/lib64/libfoo.so
    #03 pc 0000000000000020  /system/lib64/libc.so
the end"""
SYMBOLICATED = b"""\
signal 11 (SIGSEGV)\tfault addr 0x0 \xff
  0  main  main.cc:14
       run()  run.h:3  (inlined)
  1  main  main.cc:12
    #02 pc 0000000000000010  /system/lib64/libfoo.so
    #03 pc 0000000000000020  /system/lib64/libc.so
the end"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The symbols of libfoo.so as a build leaves them, and beside them its line of modules."""
    path = tmp_path / "symbols" / LIBFOO[0] / LIBFOO[1] / "libfoo.so.sym"
    path.parent.mkdir(parents=True)
    path.write_bytes(LIBFOO_TEXT)
    (tmp_path / "modules.txt").write_text(f"{LIBFOO[0]} {LIBFOO[1]} 0x7f0000000000\n")
    return tmp_path


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    fixed = ["--modules", str(folder / "modules.txt")]
    return CliRunner().invoke(command, [*fixed, *arguments], env={}, input=stdin, color=False)


def offline(folder: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    return run(folder, "--symbols", str(folder / "symbols"), *arguments, stdin=stdin)


def test_frames_are_replaced_and_all_else_stays_as_it_is(folder: Path) -> None:
    result = offline(folder, stdin=TOMBSTONE)
    assert result.exit_code == 0
    assert result.stdout_bytes == SYMBOLICATED
    assert result.stderr == "line 5: libc.so is not among the modules\n"


def test_the_text_may_be_a_file_with_any_line_ends(folder: Path) -> None:
    crash = folder / "crash.txt"
    crash.write_bytes(b"One\r\nlibfoo.so + 0x1018\r\n0x7f0000001018 libfoo.so\r\n")
    result = offline(folder, str(crash))
    assert result.stdout_bytes == b"One\r\n     main  main.cc:14\n     main  main.cc:14\n"


def test_json_is_the_answer_with_the_frames_in_order(folder: Path) -> None:
    [result] = json.loads(offline(folder, "--json", stdin=TOMBSTONE).stdout)["results"]
    [stack] = result["stacks"]
    assert [frame.get("function") for frame in stack] == ["main", "main", None]


def test_a_server_is_asked_for_the_modules_that_are_needed(
    scripted: ScriptedServer, folder: Path
) -> None:
    with (folder / "modules.txt").open("a") as modules:
        modules.write("libunused.so AB\n")
    frame = {"frame": 0, "module": "libfoo.so", "module_offset": "0x1018"}
    errors = {"/".join(LIBFOO): [{"name": "not_found", "message": "nowhere"}]}
    body = json.dumps({"results": [{"stacks": [[frame]], "module_errors": errors}]}).encode()
    scripted.script = [Answer(200, body, {"Content-Type": "application/json"})]
    result = run(folder, "--url", scripted.url, stdin=b"#7 pc 1018 libfoo.so\n")
    assert json.loads(scripted.received[0].body)["jobs"] == [
        {"memoryMap": [[*LIBFOO]], "stacks": [[[0, 0x1018]]]}
    ]
    assert result.stdout == "#7 pc 1018 libfoo.so\n"
    assert result.stderr == f"no symbols for {'/'.join(LIBFOO)}: nowhere\n"


def test_an_answer_to_something_else_is_an_error(scripted: ScriptedServer, folder: Path) -> None:
    body = json.dumps({"results": [{"stacks": [[]]}]}).encode()
    scripted.script = [Answer(200, body, {"Content-Type": "application/json"})]
    result = run(folder, "--url", scripted.url, stdin=b"libfoo.so + 0x1018")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "does not have the frames that were asked for" in result.stderr


def test_a_text_without_frames_is_an_error_that_says_why(folder: Path) -> None:
    result = offline(folder, stdin=b"#00 pc 0010 libc.so\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "line 1: libc.so is not among the modules",
        "Error: no line of the text is a frame of one of the modules",
    ]


def test_modules_that_cannot_be_read_are_an_error(folder: Path) -> None:
    (folder / "modules.txt").write_text("libfoo.so\n")
    result = offline(folder, stdin=TOMBSTONE)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: line 1 of the modules is not")


@pytest.mark.parametrize("option", ["--module", "--offset"])
def test_frames_are_not_given_in_two_ways(folder: Path, option: str) -> None:
    result = offline(folder, option, "a/A", stdin=TOMBSTONE)
    assert result.exit_code == 2
    assert "no --module, no --offset" in result.stderr


def test_the_help_shows_each_form() -> None:
    text = CliRunner().invoke(command, ["--help"]).stdout
    for form in ("#01 pc 0000b2e3  libfoo.so", "libfoo.so + 0xb2e3", "0x7f12a4b0b2e3 libfoo.so"):
        assert form in text
