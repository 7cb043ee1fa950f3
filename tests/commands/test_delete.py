# SPDX-License-Identifier: MPL-2.0

"""`tecken delete` against a real HTTP server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands import delete
from tecken.commands.delete import EXIT_PARTLY, EXIT_REFUSED, command

KEY = "v1/xul.pdb/44E4/xul.sym"
KINDS = ("removed", "kept", "out_of_reach", "pending")


def deleted(counts: dict[str, int] | None = None, **keys: list[str]) -> Answer:
    lists = {kind: keys.get(kind, []) for kind in KINDS}
    numbers = {f"{kind}_count": len(lists[kind]) for kind in KINDS} | (counts or {})
    return Answer(200, json.dumps(lists | numbers).encode(), {"Content-Type": "application/json"})


def run(scripted: ScriptedServer, *arguments: str, token: str = "key") -> Result:  # noqa: S107 - of nobody
    return CliRunner().invoke(
        command,
        ["--url", scripted.url, "--reason", "wrong", *arguments],
        env={"TECKEN_TOKEN": token, "TECKEN_URL": None},
    )


def test_an_upload_is_deleted(scripted: ScriptedServer) -> None:
    scripted.script = [deleted(removed=[KEY])]
    result = run(scripted, "--upload", "17")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"{KEY}: removed",
        "1 removed, 0 stay, 0 are being removed",
    ]
    [request] = scripted.received
    assert (request.method, request.path) == ("DELETE", "/api/uploads/upload/17")
    assert json.loads(request.body) == {"reason": "wrong"}
    assert request.headers["Auth-Token"] == "key"


def test_keys_go_in_one_request(scripted: ScriptedServer, tmp_path: Path) -> None:
    more = tmp_path / "keys.txt"
    more.write_text("a/1/a\n\n b/2/b \n")
    scripted.script = [deleted(kept=[KEY])]
    result = run(scripted, KEY, "--keys-from", str(more))
    assert result.exit_code == EXIT_PARTLY
    assert f"{KEY}: kept, as another upload has brought it, too" in result.output
    [request] = scripted.received
    assert (request.method, request.path) == ("POST", "/api/uploads/delete")
    assert json.loads(request.body) == {"keys": [KEY, "a/1/a", "b/2/b"], "reason": "wrong"}


def test_waiting_asks_again_until_all_is_removed(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delete, "_LOOK_AGAIN_SECONDS", 0)
    scripted.script = [deleted(pending=[KEY]), deleted(removed=[KEY])]
    result = run(scripted, "--file", "5", "--wait", "--quiet")
    assert result.exit_code == 0
    assert result.stdout == "1 removed, 0 stay, 0 are being removed\n"
    assert {request.path for request in scripted.received} == {"/api/uploads/files/file/5"}


def test_long_lists_say_how_many_more(scripted: ScriptedServer) -> None:
    scripted.script = [deleted({"pending_count": 20_000}, pending=[KEY])]
    result = run(scripted, "--upload", "17")
    assert result.exit_code == EXIT_PARTLY
    assert "and 19999 more: removed in the background" in result.output


def test_what_the_server_refuses_is_said(scripted: ScriptedServer) -> None:
    error = b'{"error": "There is nothing of yours with this number"}'
    scripted.script = [Answer(404, error, {"Content-Type": "application/json"})]
    result = run(scripted, "--upload", "17")
    assert result.exit_code == EXIT_REFUSED
    assert "There is nothing of yours with this number" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name keys"),
        (("--upload", "0"), "0 is not in the range"),
        (("--upload", "1", "--reason", " "), "--reason must not be empty"),
    ],
)
def test_odd_options_are_refused(
    scripted: ScriptedServer, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run(scripted, *arguments)
    assert result.exit_code == 2
    assert sentence in result.output
    assert scripted.received == []


def test_without_a_token_nothing_is_sent(scripted: ScriptedServer) -> None:
    result = run(scripted, "--upload", "1", token="")
    assert result.exit_code == 1
    assert "needs an API token" in result.output
