# SPDX-License-Identifier: MPL-2.0

"""`tecken symbolicate` against a real HTTP server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.symbolicate import command

FOUND = {
    "frame": 0,
    "module": "xul.pdb",
    "module_offset": "0xb2e3f7",
    "function": "XREMain::XRE_mainRun()",
    "function_offset": "0x7",
    "file": "nsAppRunner.cpp",
    "line": 4811,
    "inlines": [{"function": "Run", "file": "Run.h", "line": 12}],
}
NOT_FOUND = {"frame": 1, "module": "wntdll.pdb", "module_offset": "0x1010a"}
STACK = """\
       Run  Run.h:12  (inlined)
  0  XREMain::XRE_mainRun()  nsAppRunner.cpp:4811
  1  wntdll.pdb + 0x1010a
"""


def answer(*jobs: dict[str, object]) -> Answer:
    body = json.dumps({"results": jobs}).encode()
    return Answer(200, body, {"Content-Type": "application/json"})


def symbolicate(scripted: ScriptedServer, *arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(
        command, ["--url", scripted.url, *arguments], env={}, input=stdin, color=False
    )


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_a_request_on_standard_input_gives_a_stack(
    scripted: ScriptedServer, arguments: list[str]
) -> None:
    scripted.script = [answer({"stacks": [[FOUND, NOT_FOUND]]})]
    result = symbolicate(scripted, *arguments, stdin=b'{"jobs": []}')
    assert result.stdout == STACK
    assert scripted.received[0].body == b'{"jobs": []}'


def test_a_request_may_be_a_file(scripted: ScriptedServer, tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_bytes(b'{"jobs": [{}]}')
    scripted.script = [answer({"stacks": [[FOUND, NOT_FOUND]]})]
    assert symbolicate(scripted, str(request)).stdout == STACK
    assert scripted.received[0].body == b'{"jobs": [{}]}'


def test_modules_and_offsets_make_a_request(scripted: ScriptedServer) -> None:
    scripted.script = [answer({"stacks": [[FOUND, NOT_FOUND]]})]
    arguments = (
        "--module xul.pdb/44E4 --module wntdll.pdb/D74F --offset 0:0xb2e3f7 --offset 1:0x1010a"
    )
    assert symbolicate(scripted, *arguments.split()).stdout == STACK
    assert json.loads(scripted.received[0].body)["jobs"][0] == {
        "memoryMap": [["xul.pdb", "44E4"], ["wntdll.pdb", "D74F"]],
        "stacks": [[[0, 0xB2E3F7], [1, 0x1010A]]],
    }


def test_several_stacks_have_a_title(scripted: ScriptedServer) -> None:
    scripted.script = [answer({"stacks": [[NOT_FOUND], []]}, {"stacks": [[NOT_FOUND]]})]
    assert symbolicate(scripted, stdin=b'{"jobs": []}').stdout.splitlines() == [
        "Job 0, stack 0",
        "  1  wntdll.pdb + 0x1010a",
        "Job 0, stack 1",
        "Job 1, stack 0",
        "  1  wntdll.pdb + 0x1010a",
    ]


def test_modules_without_symbols_are_told_apart_from_the_stack(scripted: ScriptedServer) -> None:
    errors = {"wntdll.pdb/D74F": [{"name": "not_found", "message": "in no source"}]}
    scripted.script = [answer({"stacks": [[NOT_FOUND]], "module_errors": errors})]
    result = symbolicate(scripted, stdin=b'{"jobs": []}')
    assert result.exit_code == 0
    assert result.stdout == "  1  wntdll.pdb + 0x1010a\n"
    assert result.stderr == "no symbols for wntdll.pdb/D74F: in no source\n"


def test_json_is_the_answer_as_it_is(scripted: ScriptedServer) -> None:
    scripted.script = [Answer(200, b'{"results":  []}')]
    assert symbolicate(scripted, "--json", stdin=b'{"jobs": []}').stdout == '{"results":  []}\n'


def test_names_cannot_command_the_terminal(scripted: ScriptedServer) -> None:
    scripted.script = [
        answer({"stacks": [[FOUND | {"function": "\x1b]0;x\x07\n", "inlines": []}]]})
    ]
    result = symbolicate(scripted, stdin=b'{"jobs": []}')
    assert result.stdout == "  0  \ufffd]0;x\ufffd\ufffd  nsAppRunner.cpp:4811\n"


def test_a_terminal_gets_colours(scripted: ScriptedServer) -> None:
    scripted.script = [answer({"stacks": [[FOUND]]})]
    result = CliRunner().invoke(command, ["--url", scripted.url], input=b'{"jobs": []}', color=True)
    assert "\x1b[1mXREMain" in result.stdout


def test_a_refusal_is_the_servers_own_sentence(scripted: ScriptedServer) -> None:
    scripted.script = [
        Answer(400, b'{"error": "Jobs list empty"}', {"Content-Type": "application/json"})
    ]
    result = symbolicate(scripted, stdin=b'{"jobs": []}')
    assert (result.exit_code, result.stderr) == (1, "Error: Jobs list empty\n")


@pytest.mark.parametrize(
    "arguments",
    [["--module", "a/A"], ["--offset", "0x1"], ["-", "--module", "a/A", "--offset", "1"]],
)
def test_half_a_request_is_a_usage_error(scripted: ScriptedServer, arguments: list[str]) -> None:
    result = symbolicate(scripted, *arguments)
    assert result.exit_code == 2
    assert "at least one --module and one --offset" in result.stderr
    assert scripted.received == []
