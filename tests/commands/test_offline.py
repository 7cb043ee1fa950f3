# SPDX-License-Identifier: MPL-2.0

"""`tecken symbolicate --symbols DIR`: from a folder, with no server."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG, PROGRAM_FULL, compiled
from tests.support.windows_files import windows_file

from tecken.commands.offline import symbolicate_offline
from tecken.commands.symbolicate import command
from tecken.core.errors import InvalidRequestError
from tecken.core.native.identify import identify_file

XUL = ["xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2"]
LIBC = ["libc.so.6", "1A0DF793E38A8E4F63C223F1500327FB0"]
XUL_TEXT = b"""MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 xul.pdb
FILE 0 main.cc
FILE 1 run.h
INLINE_ORIGIN 0 run()
FUNC 1000 20 0 main
INLINE 0 12 0 0 1000 10
1000 10 3 1
1010 10 14 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Symbol files as a build leaves them, plain and compressed."""
    xul = tmp_path / "symbols" / XUL[0] / XUL[1] / "xul.sym"
    libc = tmp_path / "symbols" / LIBC[0] / LIBC[1] / "libc.so.6.sym.gz"
    for path, data in ((xul, XUL_TEXT), (libc, gzip.compress(b"PUBLIC 10 0 malloc\n"))):
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    return tmp_path / "symbols"


def request(*frames: tuple[int, int]) -> bytes:
    modules = [XUL, [LIBC[0], LIBC[1].lower()], ["none.pdb", "ABC"], ["../..", "ABC"]]
    return json.dumps({"memoryMap": modules, "stacks": [frames]}).encode()


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(
        command, ["--symbols", str(folder), *arguments], env={}, input=stdin, color=False
    )


def test_a_stack_is_answered_from_plain_and_compressed_files(folder: Path) -> None:
    result = run(folder, stdin=request((0, 0x1018), (1, 0x12)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "  0  main  main.cc:14\n  1  malloc  libc.so.6 + 0x12\n"


def test_modules_and_offsets_may_stand_on_the_command_line(folder: Path) -> None:
    result = run(folder, "--module", "/".join(XUL), "--offset", "0x1004")
    assert result.stdout == "       run()  run.h:3  (inlined)\n  0  main  main.cc:12\n"


def test_the_answer_is_that_of_v5(folder: Path) -> None:
    result = run(folder, "--json", stdin=request((1, 0x10), (2, 5), (3, 5), (-1, 9)))
    [answer] = json.loads(result.stdout)["results"]
    assert [frame.get("function") for frame in answer["stacks"][0]] == ["malloc", None, None, None]
    assert list(answer["found_modules"].values()) == [None, True, False, False]
    assert [errors[0]["name"] for errors in answer["module_errors"].values()] == ["not_found"] * 2


def test_a_plain_file_comes_before_a_compressed_one(folder: Path) -> None:
    path = folder / LIBC[0] / LIBC[1] / "libc.so.6.sym"
    path.write_bytes(b"PUBLIC 10 0 plain\n")
    assert "plain" in run(folder, stdin=request((1, 0x10))).stdout


def test_a_damaged_file_fails_no_other_module(folder: Path) -> None:
    path = folder / LIBC[0] / LIBC[1] / "libc.so.6.sym.gz"
    path.write_bytes(path.read_bytes()[:-3])
    result = run(folder, stdin=request((0, 0x1018), (1, 0x10)))
    assert result.stdout == "  0  main  main.cc:14\n  1  libc.so.6 + 0x10\n"
    assert "no symbols for libc.so.6" in result.stderr
    assert "ends too early" in result.stderr


def test_nothing_is_written_to_the_folder(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    run(folder, stdin=request((0, 0x1018), (1, 0x10)))
    assert sorted(folder.rglob("*")) == before


def test_a_wrong_request_is_refused_as_a_server_does(folder: Path) -> None:
    with pytest.raises(InvalidRequestError, match="Jobs list empty"):
        symbolicate_offline(b'{"jobs": []}', folder)


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = run(tmp_path / "none", stdin=request())
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_no_settings_and_no_django_are_needed(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from tecken.commands.main import main\n"
        "try: main()\n"
        "finally: print(sorted({'django', 'httpx2', 'tecken.settings'} & set(sys.modules)))"
    )
    arguments = ["symbolicate", "--symbols", str(folder), "--module", "/".join(XUL)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments, "--offset", "0x1018"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DJANGO_SYMBOL_URLS": "not a URL"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "  0  main  main.cc:14\n[]\n"


def test_a_wrong_request_is_one_line_on_standard_error(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tecken.commands.main", "symbolicate", "--symbols", str(folder)],
        cwd=tmp_path,
        input='{"jobs": 1}',
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Error: Must be a list of jobs\n")


@pytest.mark.parametrize(
    "files",
    [
        {"bin/crash": PROGRAM_FULL},
        {"bin/crash": PROGRAM, "debug/crash.debug": PROGRAM_DEBUG},
        {"debug/crash.debug": PROGRAM_DEBUG},
        {"bin/crash": PROGRAM_FULL, "old/crash": PROGRAM},
    ],
)
def test_programs_and_their_debug_files_are_read(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    body = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
    result = run(tmp_path, stdin=json.dumps(body).encode())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "       inner  /build/crash.c:2  (inlined)\n  0  outer  /build/crash.c:3\n"
    )


def test_a_pdb_and_its_executable_are_read(tmp_path: Path) -> None:
    for name in ("sample.dll", "sample.pdb"):
        (tmp_path / name).write_bytes(windows_file(f"x64/{name}"))
    debug_id = "0807CE0AB064D1034C4C44205044422E1"
    body = {"memoryMap": [["sample.pdb", debug_id]], "stacks": [[[0, 0x10C0]]]}
    result = run(tmp_path, stdin=json.dumps(body).encode())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "       shop::Till::~Till()  /source/first.cc:12  (inlined)\n"
        "  0  sell(int)  /source/first.cc:39\n"
    )


def test_a_damaged_program_has_no_symbols(tmp_path: Path) -> None:
    (tmp_path / "crash").write_bytes(PROGRAM_FULL.replace(b"\x05\0\x01\x08", b"\x05\0\x01\x77"))
    body = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
    result = run(tmp_path, "--json", stdin=json.dumps(body).encode())
    (error,) = json.loads(result.stdout)["results"][0]["module_errors"][f"crash/{DEBUG_ID}"]
    assert error["name"] in {"malformed", "unsupported"}


def test_split_units_are_found_by_their_ids(tmp_path: Path) -> None:
    program = tmp_path / "split5"
    program.write_bytes(compiled("split5"))
    (module,) = identify_file(program)
    job = {
        "memoryMap": [["split5", module.debug_id]],
        "stacks": [[[0, offset] for offset in range(0x1000, 0x3000)]],
    }

    def inlined_calls() -> int:
        answer = json.loads(symbolicate_offline(json.dumps(job).encode(), tmp_path))
        frames = answer["results"][0]["stacks"][0]
        return sum("inlines" in frame for frame in frames)

    assert inlined_calls() == 0
    (tmp_path / "of another program").write_bytes(compiled("splitgcc4.dwp"))
    assert inlined_calls() == 0
    (tmp_path / "of any name").write_bytes(compiled("split5.dwp"))
    assert inlined_calls() > 0
