# SPDX-License-Identifier: MPL-2.0

"""``tecken end-to-end-test`` between two started servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.forms import EMBEDDED_ONLY
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"


@dataclass
class Between:
    """Two servers, and a third that has an archive which both may fetch."""

    first: StartedServer
    second: StartedServer
    web: ScriptedServer
    from_token: str
    to_token: str

    def run(self) -> tuple[int, str, str]:
        """Run the command; return exit code, standard output and standard error."""
        options = ("--from-url", self.first.url, "--to-url", self.second.url)
        tokens = (self.from_token, self.to_token)
        done = self.first.command("end-to-end-test", *tokens, *options)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def between(make_server: ServerMaker, tmp_path: Path) -> Iterator[Between]:
    archive = write_zip(tmp_path / "symbols.zip", {KEY: hello()})
    first, second = (make_server(DJANGO_ALLOW_UPLOAD_BY_ANY_DOMAIN="True") for _ in range(2))
    with ScriptedServer() as web:
        web.routes["/symbols.zip"] = Answer(body=archive.read_bytes())
        yield Between(
            first,
            second,
            web,
            first.token("upload_symbols", "view_all_uploads"),
            second.token("upload_symbols", email="stage@example.com"),
        )


def fetch(between: Between, *options: str) -> None:
    """Let the first server fetch the archive."""
    server, token = between.first, between.from_token
    url = f"{between.web.url}/symbols.zip"
    done = server.command("upload", "--url-of", url, *options, TECKEN_TOKEN=token)
    assert done.returncode == 0, done.stderr


@EMBEDDED_ONLY
def test_the_newest_upload_by_url_goes_to_the_other_server(between: Between) -> None:
    code, _, wrong = between.run()
    none = f"Error: {between.first.url} tells this token of no upload by URL that was completed\n"
    assert (code, wrong) == (1, none)

    fetch(between)
    code, said, wrong = between.run()
    assert (code, wrong) == (0, ""), wrong
    lines = said.splitlines()
    assert lines[:2] == [
        f"From {between.first.url}, user: builder@example.com",
        f"To {between.second.url}, user: stage@example.com",
    ]
    assert lines[2].startswith("About to upload ")
    assert lines[2].endswith(f" of symbols by URL: {between.web.url}/symbols.zip")
    assert [line for line in lines if line.startswith("Files")] == [
        "Files skipped: 0",
        "Files uploaded: 1",
        "Files uploaded, completed: 1",
    ]
    assert f"To see it, go to: {between.second.url}/uploads/upload/1" in lines
    assert lines[-1] == "It worked!"
    assert between.second.function_in("hello.pdb") == "main"
    # No token was printed.
    assert between.from_token not in said
    assert between.to_token not in said

    # What the other server has by now is skipped, and that works as well.
    code, said, _ = between.run()
    assert (code, "Files skipped: 1" in said, said.endswith("\nIt worked!\n")) == (0, True, True)

    # Symbols of a try build stay such.
    fetch(between, "--try")
    code, said, _ = between.run()
    assert (code, " of try symbols by URL: " in said) == (0, True)
    newest = "SELECT try_symbols FROM upload_upload ORDER BY id DESC LIMIT 1"
    assert between.second.rows(newest) in ([(True,)], [(1,)])

    between.web.routes.clear()  # the archive is gone since
    code, said, wrong = between.run()
    assert (code, "can't be found (404)" in wrong, "It worked!" in said) == (1, True, False)
