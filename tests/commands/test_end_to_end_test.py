# SPDX-License-Identifier: MPL-2.0

"""``tecken end-to-end-test`` with servers that are not what they should be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.commands.end_to_end_test import command

UPLOAD = {
    "id": 1,
    "size": 10,
    "try_symbols": False,
    "files_count": 1,
    "files_incomplete_count": 0,
    "download_url": "https://example.com/symbols.zip",
    "completed_at": "2026-11-24T12:00:00Z",
}
UPLOADED = {"upload": {"id": 1, "size": 10, "files": [{"key": "v1/a/B/a.sym"}]}}


@dataclass
class Between:
    """Two servers of which all is well, until a test says otherwise."""

    first: ScriptedServer
    second: ScriptedServer

    def run(self) -> Result:
        options = ["--from-url", self.first.url, "--to-url", self.second.url]
        return CliRunner().invoke(command, ["from-token", "to-token", *options])

    def fails(self, error: str) -> None:
        result = self.run()
        assert (result.exit_code, result.stderr) == (1, f"Error: {error}\n")
        assert "It worked!" not in result.stdout


def say(server: ScriptedServer, path: str, content: object, status: int = 200) -> None:
    body = json.dumps(content).encode()
    server.routes[path] = Answer(status, body, {"Content-Type": "application/json"})


@pytest.fixture
def between(scripted: ScriptedServer) -> Iterator[Between]:
    with ScriptedServer() as second:
        for server in (scripted, second):
            say(server, "/api/_auth/", {"user": {"email": "you@example.com"}})
        say(scripted, "/api/uploads/", {"uploads": [UPLOAD]})
        say(second, "/upload/", UPLOADED, 201)
        say(second, "/api/uploads/upload/1", {"upload": UPLOAD})
        yield Between(scripted, second)


def test_it_works_between_servers_that_are_well(between: Between) -> None:
    result = between.run()
    assert (result.exit_code, result.stdout.endswith("\nIt worked!\n")) == (0, True)
    [sent] = [asked for asked in between.second.received if asked.method == "POST"]
    assert sent.body == b"url=https%3A%2F%2Fexample.com%2Fsymbols.zip"


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_token_that_is_refused(between: Between, name: str) -> None:
    say(getattr(between, name), "/api/_auth/", {"error": "API Token not matched"}, 403)
    between.fails("API Token not matched")


def test_a_server_that_does_not_look_at_tokens(between: Between) -> None:
    say(between.first, "/api/_auth/", {"user": None})
    between.fails(f"{between.first.url} does not look at tokens")


def test_what_is_no_symbol_server(between: Between) -> None:
    say(between.first, "/api/uploads/", {"error": "none"})
    result = between.run()
    assert result.exit_code == 1
    assert f"Error: {between.first.url} did not answer as a symbol server does" in result.stderr


def test_an_upload_that_was_interrupted_is_left_out(between: Between) -> None:
    say(between.first, "/api/uploads/", {"uploads": [{**UPLOAD, "completed_at": None}]})
    between.fails(f"{between.first.url} tells this token of no upload by URL that was completed")


@pytest.mark.parametrize(
    "changed", [{"completed_at": None}, {"files_incomplete_count": 1}, {"files_count": 0}]
)
def test_an_upload_that_is_not_complete_did_not_work(
    between: Between, changed: dict[str, object]
) -> None:
    say(between.second, "/api/uploads/upload/1", {"upload": {**UPLOAD, **changed}})
    between.fails("the server did not complete the upload")
