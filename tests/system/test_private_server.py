# SPDX-License-Identifier: MPL-2.0

"""A private server, with clients that know URLs and passwords, and no token of ours."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
TEXT = hello("hello.pdb")
JOB = json.dumps({"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]})


def curl(*options: str) -> str:
    """What curl writes, and after it the status."""
    program = shutil.which("curl")
    assert program, "curl is not installed: apt-get install curl"
    command = [program, "-sS", "--max-time", "60", "-L", "-w", "%{http_code}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def private(make_server: ServerMaker, tmp_path: Path) -> StartedServer:
    server = make_server(DJANGO_READ_REQUIRES_LOGIN="true")
    archive = write_zip(tmp_path / "symbols.zip", {KEY: TEXT})
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201
    return server


def test_clients_read_with_what_they_can_send(private: StartedServer) -> None:
    token = private.token(email="reader@example.com")
    origin = private.url.removeprefix("http://")
    in_path, with_password = f"http://{origin}/t/{token}", f"http://any:{token}@{origin}"
    ways = (
        (in_path,),
        (with_password,),
        (private.url, "-H", f"Auth-Token: {token}"),
        (private.url, "-H", f"Authorization: Bearer {token}"),
    )
    for base, *options in ways:
        assert curl("--compressed", *options, f"{base}/{KEY}") == f"{TEXT}200"
        answer = curl("--data", JOB, *options, f"{base}/symbolicate/v5")
        assert '"function":"main"' in answer
    for strange in (private.url, f"{private.url}/t/{'f' * 32}", f"http://any:x@{origin}"):
        assert curl(f"{strange}/{KEY}").endswith("403")
        assert curl(f"{strange}/hello.pdb/{HELLO_ID}/hello.pdb").endswith("404")
        assert curl("--data", JOB, f"{strange}/symbolicate/v5").endswith("403")
    assert token not in private.log()
    assert f"GET /t/***/{KEY} 302" in private.log()
    downloaded = private.command("download", f"hello.pdb/{HELLO_ID}", TECKEN_TOKEN=token)
    assert downloaded.returncode == 0, downloaded.stderr


def test_a_url_of_the_bucket_ends_soon(private: StartedServer) -> None:
    token = private.token(email="reader@example.com")
    answer = requests.get(
        f"{private.url}/{KEY}", headers={"Auth-Token": token}, allow_redirects=False, timeout=60
    )
    location = urlsplit(answer.headers["Location"])
    if private.s3_objects is None:
        assert location.path.startswith("/_files/")
        assert requests.get(f"{private.url}{location.path}", timeout=60).status_code == 403
    else:
        assert parse_qs(location.query)["X-Amz-Expires"] == ["300"]
        assert requests.get(answer.headers["Location"], timeout=60).text == TEXT


def test_a_token_that_is_deleted_reads_no_more_on_any_node(nodes: list[StartedServer]) -> None:
    for node in nodes:
        node.stop()
        node.settings["DJANGO_READ_REQUIRES_LOGIN"] = "true"
        node.start()
    token = nodes[0].token(email="reader@example.com")

    def statuses() -> set[int]:
        url = f"missing.pdb/{HELLO_ID}/missing.sym"
        return {
            requests.get(f"{node.url}/t/{token}/{url}", timeout=60).status_code for node in nodes
        }

    assert statuses() == {404}
    deleted = nodes[0].command("tokens", "revoke", token[:8])
    assert deleted.returncode == 0, deleted.stderr
    since = time.monotonic()
    wait_until(lambda: statuses() == {403}, "the token is refused")
    assert time.monotonic() - since < 8
