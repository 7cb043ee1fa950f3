# SPDX-License-Identifier: MPL-2.0

"""The OpenAPI document is what a started server does.

Schemathesis sends what the document allows, and what it does not, as several kinds of people. What it
cannot make up, such as a zip of symbols, is sent by hand and its answers are held to the document.
"""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from tests.support.person import Person
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

if TYPE_CHECKING:
    from schemathesis.schemas import APIOperation, BaseSchema

SUPERUSER = "root@example.com"
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
TABLES = Path(__file__).parents[2] / ".hypothesis"
# What a condition means is more than a document can say: "yesterday" is a date, "D" is none, and there
# need not be a group of that id. That such a thing is refused, and how, is checked all the same.
NOT_CHECKED = "positive_data_acceptance"
# A request that is not of tus 1.0 is refused as that (412), whatever else is wrong with it. Debuggers are told 404 alone.
# Of the methods that an operation has not, two are tried. With security parameters, a made-up token would go with every
# request, and be refused before anything else is looked at. Chunks are refused without a token in any case, so that
# nothing is learnt from how wrong they are, and that takes as long as a quarter of all: they are up to 20,001 files.
# In JSON, null is as if it was not sent, and 0 is false: of operations that need nothing, more is taken than documented.
CONFIGURATION = """\
[generation]
with-security-parameters = false
[phases.coverage]
unexpected-methods = ["DELETE", "PATCH"]
[checks]
negative_data_rejection.expected-statuses = [
    400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, "5xx"
]
missing_required_header.expected-statuses = [400, 412]
[[operations]]
include-path = "/metadata"
checks.unsupported_method.enabled = false
[[operations]]
include-operation-id = "upload_chunks"
checks.negative_data_rejection.enabled = false
[[operations]]
include-operation-id = ["delete_file", "delete_upload", "change_user", "backfill"]
checks.negative_data_rejection.expected-statuses = [200, 400, 403, 404, 405, 415]
"""

# By whether PostgreSQL is behind it. The many values of the coverage phase meet the stricter database;
# both are asked odd things by tests/api, in process.
PHASES = {False: "examples,fuzzing", True: "coverage"}


def fuzz(server: StartedServer, *options: str) -> None:
    """Send requests for some seconds, the same ones every time."""
    # Of the rest, what signs people out is asked by hand, and 500 is right for a task without worker.
    left_out = "^/(oidc/|signin-link/|__task_tester__)"
    # A body of a type of its own; and 501 is right where no program is set.
    by_hand = ("go_on_with_resumable_upload", "symbolicate_minidump")
    (server.data_dir / "schemathesis.toml").write_text(CONFIGURATION)
    command = [
        *(SCHEMATHESIS, "--no-color", "run", f"{server.url}/api/schema.json"),
        *("--phases", PHASES[server.s3_objects is not None], "--max-examples", "2"),
        *(
            "--workers",
            "1",
        ),  # with several, Python 3.11 loses count of its own recursion (SystemError)
        *("--generation-deterministic", "--exclude-checks", NOT_CHECKED, "--warnings", "off"),
        *("--exclude-path-regex", left_out),
        *(f"--exclude-operation-id={operation}" for operation in by_hand),
        *("--request-timeout", "30"),
        *options,
    ]
    # Tables of all characters take seconds to make and are kept; each request reads all of the environment twice.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(server.data_dir),  # or each request asks the system for it
        "HYPOTHESIS_STORAGE_DIRECTORY": str(TABLES),
    }
    done = subprocess.run(
        command,
        cwd=server.data_dir,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert "Traceback" not in server.log()


@pytest.fixture
def demo_server(make_server: ServerMaker) -> StartedServer:
    """A server of the test's own: people are switched off, tokens deleted."""
    server = make_server()
    assert server.command("demo").returncode == 0
    return server


def test_answers_to_a_superuser_are_those_of_the_document(demo_server: StartedServer) -> None:
    demo_server.command("superuser", SUPERUSER)
    session = Person(demo_server, SUPERUSER).session
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
    csrf_token = str(session.headers["X-CSRFToken"])
    fuzz(demo_server, "-H", f"Cookie: {cookies}", "-H", f"X-CSRFToken: {csrf_token}")
    # Were she a stranger to the server, or refused, each answer would be as documented, too.
    done = demo_server.rows("SELECT action, actor_name FROM accounts_auditentry")
    assert ("symbols deleted", SUPERUSER) in done


@dataclass
class Documented:
    """A server, asked by hand. Each answer must be one of the document's."""

    server: StartedServer
    schema: "BaseSchema"
    token: str

    def ask(self, method: str, path: str, url: str = "", **request: object) -> requests.Response:
        """Send a request to a path of the document; ``url`` has its parameters filled in."""
        operation: APIOperation = self.schema[path][method]
        answer = requests.request(
            method, f"{self.server.url}{url or path}", allow_redirects=False, timeout=60, **request
        )
        known = operation.definition.raw["responses"]
        assert str(answer.status_code) in known, (method, url, answer.text)
        operation.validate_response(answer)
        return answer

    def upload(self, archive: bytes, token: str | None = None) -> requests.Response:
        return self.ask(
            "POST",
            "/upload/",
            files={"symbols.zip": ("symbols.zip", archive)},
            headers={"Auth-Token": self.token if token is None else token},
        )


def zip_of(name: str, folder: Path) -> tuple[bytes, str]:
    """Return an archive, and the key of the only file in it."""
    key = f"{name}.pdb/{HELLO_ID}/{name}.sym"
    return write_zip(folder / "symbols.zip", {key: hello(f"{name}.pdb")}).read_bytes(), key


@pytest.fixture
def documented(server: StartedServer, token: str) -> Iterator[Documented]:
    import schemathesis  # takes a second, also of processes that run other tests

    schema = schemathesis.openapi.from_url(f"{server.url}/api/schema.json")
    return Documented(server, schema, token)


def test_an_upload_and_what_follows_from_it_are_as_documented(
    documented: Documented, tmp_path: Path
) -> None:
    archive, key = zip_of("doc-upload", tmp_path)
    [file] = documented.upload(archive).json()["upload"]["files"]
    assert file["key"] == f"v1/{key}"
    assert documented.upload(archive).json()["upload"]["skipped_keys"] == [key]
    assert documented.upload(b"no zip").status_code == 400
    assert documented.upload(archive, "wrong").status_code == 403

    for prefix in ("", "/try"):
        path = f"{prefix}/{{debug_file}}/{{debug_id}}/{{symbol_file}}"
        found = documented.ask("GET", path, f"{prefix}/{key}")
        assert (found.status_code, documented.ask("HEAD", path, f"{prefix}/{key}").status_code) == (
            302,
            200,
        )
    by_code_id = "/hello.dll/5F000000A000/doc-upload.sym"
    path = "/{debug_file}/{debug_id}/{symbol_file}"
    assert documented.ask("GET", path, by_code_id).headers["Location"].endswith(key)
    assert documented.ask("GET", path, "/none.pdb/A1/none.sym").status_code == 404
    assert documented.ask("GET", path, "/a%22b.pdb/A1/none.sym").status_code == 400
    assert documented.ask("GET", path, "/none.pdb/A1/file.ptr").status_code == 404
    told = documented.ask(
        "GET", "/api/syminfo/{file}/{some_id}", f"/api/syminfo/doc-upload.pdb/{HELLO_ID}"
    )
    assert told.json()["code_id"] == "5F000000A000"


def test_an_upload_in_parts_is_as_documented(documented: Documented, tmp_path: Path) -> None:
    archive, key = zip_of("doc-parts", tmp_path)
    headers = {"Auth-Token": documented.token, "Tus-Resumable": "1.0.0"}
    metadata = f"filename {b64encode(b'symbols.zip').decode()}"
    begin = {**headers, "Upload-Length": str(len(archive)), "Upload-Metadata": metadata}
    begun = documented.ask("POST", "/upload/resumable/", headers=begin)
    assert begun.status_code == 201
    listed = documented.ask("GET", "/upload/resumable/", headers=headers).json()["uploads"]
    path, url = "/upload/resumable/{resumable_id}", begun.headers["Location"]
    assert url in {upload["url"] for upload in listed}
    headers["Content-Type"] = "application/offset+octet-stream"
    for start, end, more, status in (
        (0, 9, {}, 204),
        (0, 9, {}, 409),
        (9, 9, {"Upload-Offset": "x"}, 400),
        (9, 99, {"Content-Type": "text/plain"}, 415),
        (9, 99, {"Tus-Resumable": "0.2"}, 412),
        (9, 99, {"Auth-Token": "wrong"}, 403),
        (9, None, {}, 204),
        (0, None, {"Upload-Offset": str(len(archive))}, 413),
    ):
        sent = {**headers, "Upload-Offset": str(start), **more}
        answer = documented.ask("PATCH", path, url, data=archive[start:end], headers=sent)
        assert answer.status_code == status, answer.text
    told = documented.ask("GET", path, url, headers=headers).json()
    assert [file["key"] for file in told["upload"]["files"]] == [f"v1/{key}"]
    assert documented.ask("HEAD", path, url, headers=headers).status_code == 200
    for status in (204, 404):
        assert documented.ask("DELETE", path, url, headers=headers).status_code == status


def test_files_of_a_folder_are_as_documented(documented: Documented, tmp_path: Path) -> None:
    if documented.server.s3_objects is not None:
        return  # S3 hands out its files itself
    archive, key = zip_of("doc-files", tmp_path)
    documented.upload(archive)
    path = "/{debug_file}/{debug_id}/{symbol_file}"
    url = documented.ask("GET", path, f"/{key}").headers["Location"]
    path = "/_files/{source}/{object_key}"
    whole = documented.ask("GET", path, url)
    assert whole.text == hello("doc-files.pdb")
    for headers, status in (
        ({"Range": "bytes=0-9"}, 206),
        ({"Range": "bytes=100000-"}, 416),
        ({"If-None-Match": whole.headers["ETag"]}, 304),
        ({"If-Match": '"another"'}, 412),
    ):
        assert documented.ask("GET", path, url, headers=headers).status_code == status
    assert documented.ask("GET", path, f"{url}x").status_code == 404


@pytest.mark.parametrize("version", ["v5", "v4", "root"])
def test_symbolication_is_as_documented(
    documented: Documented, version: str, tmp_path: Path
) -> None:
    archive, key = zip_of(f"doc-{version}", tmp_path)
    documented.upload(archive)
    path = "/" if version == "root" else f"/symbolicate/{version}"
    job = {
        "memoryMap": [[key.partition("/")[0], HELLO_ID], ["none.pdb", "A1"], ["", ""]],
        "stacks": [[[0, 0x1010], [1, 5], [2, 7], [-1, 11], [0, "1.0"], [0, -4]], []],
        "version": 5 if version == "v5" else 4,
    }
    for headers in ({}, {"Debug": "true"}):
        answer = documented.ask("POST", path, json=job, headers=headers)
        assert (answer.status_code, '"main' in answer.text) == (200, True), answer.text
    assert documented.ask("POST", path, data=b"{").status_code == 400


def test_crash_texts_and_minidumps_are_as_documented(documented: Documented) -> None:
    text = f"#0  0x1010 in ?? () from /lib/hello.pdb\nhello.pdb {HELLO_ID} 0x0\n"
    for accept in ("text/plain", "application/json"):
        headers = {"Accept": accept, "Content-Type": "text/plain"}
        path = "/symbolicate/text"
        answer = documented.ask("POST", path, f"{path}?text=true", data=text, headers=headers)
        assert answer.status_code == 200
    assert documented.ask("POST", "/symbolicate/text", data="modules=x").status_code == 200
    assert documented.ask("POST", "/symbolicate/minidump", data=b"MDMP").status_code == 501


def test_the_rest_is_as_documented(documented: Documented) -> None:
    documented.ask("GET", "/missingsymbols.csv", "/missingsymbols.csv?today=1")
    documented.ask("GET", "/oidc/callback/", "/oidc/callback/?error=x")
    assert documented.ask("POST", "/oidc/logout/").status_code == 403
    begun = documented.ask("GET", "/oidc/authenticate/")
    assert begun.status_code == 302
    link = documented.server.command("signin-link", "openapi@example.com").stdout.strip()
    url = link.removeprefix(documented.server.url)
    assert documented.ask("GET", "/signin-link/", url).status_code == 200
    assert documented.ask("GET", "/signin-link/", f"{url}x").status_code == 403
    assert documented.ask("POST", "/signin-link/", data={"key": "x"}).status_code == 403
