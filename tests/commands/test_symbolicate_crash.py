# SPDX-License-Identifier: MPL-2.0

"""`tecken symbolicate` of the text of a crash, with a server and without."""

import json
import os
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
    #04 pc 00000000000000zz  /system/lib64/libc.so
the end"""
SYMBOLICATED = b"""\
signal 11 (SIGSEGV)\tfault addr 0x0 \xff
    #00 pc 0000000000001018  /system/lib64/libfoo.so (main at main.cc:14) (BuildId: f793)
    #01 pc 0000000000001004  /system/lib64/libfoo.so (main at main.cc:12)
        inlined: run() at run.h:3
    #02 pc 0000000000000010  /system/lib64/libfoo.so
    #03 pc 0000000000000020  /system/lib64/libc.so
    #04 pc 00000000000000zz  /system/lib64/libc.so
the end"""
NOTES = """\
line 6: it begins like a frame (android-tombstone), but its address or offset cannot be read
the id of libc.so is not known: see --modules and --guess
2 of 4 frames named
"""
ANSWER = {
    "format": "gdb",
    "title": None,
    "modules": [],
    "threads": [],
    "frames": 0,
    "named": 0,
    "unread": [],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The symbols of libfoo.so as a build leaves them, and beside them its line of modules."""
    path = tmp_path / "symbols" / LIBFOO[0] / LIBFOO[1] / "libfoo.so.sym"
    path.parent.mkdir(parents=True)
    path.write_bytes(LIBFOO_TEXT)
    (tmp_path / "modules.txt").write_text(f"{LIBFOO[0]} {LIBFOO[1]} 0x7f0000000000\n")
    return tmp_path


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, [*arguments], env={}, input=stdin, color=False)


def offline(folder: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    fixed = ("--symbols", str(folder / "symbols"), "--modules", str(folder / "modules.txt"))
    return run(*fixed, *arguments, stdin=stdin)


def test_frames_are_named_and_all_else_stays_as_it_is(folder: Path) -> None:
    text = TOMBSTONE.replace(b" (BuildId: f793)", b"")
    result = offline(folder, stdin=text)
    assert result.exit_code == 0
    assert result.stdout_bytes == SYMBOLICATED.replace(b" (BuildId: f793)", b"")
    assert result.stderr == NOTES


def test_the_text_may_be_a_file_with_any_line_ends(folder: Path) -> None:
    crash = folder / "crash.txt"
    crash.write_bytes(b"One\r\nlibfoo.so + 0x1018\r\n0x7f0000001018 libfoo.so\r\n")
    result = offline(folder, str(crash))
    named = b"One\r\nlibfoo.so + 0x1018  main at main.cc:14\r\n"
    assert result.stdout_bytes == named + b"0x7f0000001018 libfoo.so  main at main.cc:14\r\n"


def test_json_has_all_that_was_found(folder: Path) -> None:
    answer = json.loads(offline(folder, "--json", stdin=TOMBSTONE).stdout)
    [thread] = answer["threads"]
    assert [frame["function"] for frame in thread["frames"]][1:] == ["main", None, None]
    assert answer["format"] == "android-tombstone"


def test_a_name_is_guessed_from_the_newest_file_when_that_is_asked_for(folder: Path) -> None:
    text = b"#0  0x0000000000001018 in ?? () from /lib/libfoo.so\n"
    older = folder / "symbols" / LIBFOO[0] / "AB" / "libfoo.so.sym"
    older.parent.mkdir()
    older.write_bytes(b"FUNC 1000 20 0 older\n")
    os.utime(older, (1, 1))
    maps = folder / "maps"
    maps.write_text("00000000-00002000 r-xp 00000000 08:01 1234    /lib/libfoo.so\n")
    fixed = ("--symbols", str(folder / "symbols"), "--modules", str(maps))
    assert run(*fixed, stdin=text).stdout_bytes == text
    guessed = run(*fixed, "--guess", stdin=text)
    assert guessed.stdout == text.decode().replace("?? ()", "main at main.cc:14")
    assert guessed.stderr == f"assumed that libfoo.so is {'/'.join(LIBFOO)}\n"


def test_a_server_is_asked_with_the_modules(scripted: ScriptedServer, folder: Path) -> None:
    answer = ANSWER | {"frames": 2, "named": 1, "unread": [{"line": 3, "reason": "odd"}]}
    answer["text"] = "named \udcff\n"
    scripted.script = [
        Answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"}),
    ]
    arguments = ("--url", scripted.url, "--modules", str(folder / "modules.txt"), "--guess")
    result = run(*arguments, stdin=TOMBSTONE)
    assert result.stdout_bytes == b"named \xff\n"
    assert result.stderr == "line 3: odd\n1 of 2 frames named\n"
    [received] = scripted.received
    assert received.path == "/symbolicate/text?guess=true&text=true"
    assert TOMBSTONE in received.body
    assert LIBFOO[1].encode() in received.body


def test_a_minidump_is_sent_as_it_is(scripted: ScriptedServer, folder: Path) -> None:
    answer = ANSWER | {"frames": 1, "named": 1, "text": " 0  hello + 0x4  main\n"}
    scripted.script = [
        Answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"}),
    ]
    dump = b"MDMP\x93\xa7\0\0"
    assert run("--url", scripted.url, stdin=dump).stdout == answer["text"]
    [received] = scripted.received
    assert (received.path, received.body) == ("/symbolicate/minidump?text=true", dump)
    refused = offline(folder, stdin=dump)
    assert refused.exit_code == 2
    assert "A minidump is read by a server alone" in refused.stderr


def test_an_older_server_is_told_of(scripted: ScriptedServer) -> None:
    scripted.script = [
        Answer(200, json.dumps(ANSWER).encode(), {"Content-Type": "application/json"}),
    ]
    result = run("--url", scripted.url, stdin=TOMBSTONE)
    assert result.exit_code == 1
    assert "the server is older than this command" in result.stderr


def test_a_text_without_frames_comes_back(folder: Path) -> None:
    result = offline(folder, stdin=b"nothing\xff")
    assert (result.exit_code, result.stdout_bytes) == (0, b"nothing\xff")
    assert result.stderr == "no line of the text is a frame\n"


def test_modules_that_cannot_be_read_are_an_error(folder: Path) -> None:
    (folder / "modules.txt").write_text("libfoo.so\n")
    result = offline(folder, stdin=TOMBSTONE)
    assert result.exit_code == 1
    assert "line 1 of the modules is not" in result.stderr


@pytest.mark.parametrize("option", ["--module", "--offset"])
def test_frames_are_not_given_in_two_ways(folder: Path, option: str) -> None:
    result = offline(folder, option, "a/A", stdin=TOMBSTONE)
    assert result.exit_code == 2
