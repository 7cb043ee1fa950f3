# SPDX-License-Identifier: MPL-2.0

"""A production on one machine: Prodlike, TLS in front, all services, a worker; asked by curl."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import servers
from tests.support.nginx import Nginx, started_nginx
from tests.support.servers import S3, Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

NAME = "prod.tecken.test"
KEY = f"prodlike.pdb/{HELLO_ID}/prodlike.sym"
TEXT = hello("prodlike.pdb")


@pytest.fixture(scope="module")
def node(
    tmp_path_factory: pytest.TempPathFactory,
    make_migrated_database: Callable[[], str],
    redis_server: Server,
    redis_store_server: Server,
    s3: S3,
    make_bucket: Callable[[], str],
) -> Iterator[StartedServer]:
    """The server and its worker."""
    bucket_url = f"{s3.endpoint}/{make_bucket()}"
    settings = {
        "DJANGO_CONFIGURATION": "Prodlike",
        "DJANGO_SECRET_KEY": os.urandom(32).hex(),
        "DJANGO_ALLOWED_HOSTS": NAME,
        "DATABASE_URL": make_migrated_database(),
        "REDIS_URL": servers.redis_url(redis_server, database=900),
        "REDIS_STORE_URL": servers.redis_url(redis_store_server, database=900),
        "DJANGO_SYMBOL_URLS": bucket_url,
        "DJANGO_UPLOAD_DEFAULT_URL": bucket_url,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
    }
    server = StartedServer(tmp_path_factory.mktemp("prodlike") / "data", settings)
    worker = StartedWorker(server)
    server.start()
    worker.start()
    yield server
    worker.stop()
    server.stop()
    assert "Traceback" not in server.log() + worker.log()


@pytest.fixture(scope="module")
def nginx(node: StartedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with started_nginx(
        tmp_path_factory.mktemp("nginx"), NAME, node.url.replace("localhost", "127.0.0.1")[7:]
    ) as nginx:
        yield nginx


Curl = Callable[..., str]


@pytest.fixture(scope="module")
def curl(nginx: Nginx) -> Curl:
    """Return a function that runs curl with a path; its status must be below 400, unless told."""
    program = shutil.which("curl")
    assert program, "curl is not installed: apt-get install curl"

    def run(path: str, *options: str, fail: bool = True) -> str:
        url = path if "://" in path else nginx.url + path
        command = [program, "-sS", "--max-time", "60", *nginx.curl_options]
        command += ["--fail-with-body"] if fail else []
        done = subprocess.run([*command, *options, url], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def token(node: StartedServer) -> str:
    return node.token("upload_symbols")


@pytest.fixture(scope="module")
def uploaded(curl: Curl, token: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    archive = write_zip(tmp_path_factory.mktemp("upload") / "symbols.zip", {KEY: TEXT})
    return curl("/upload/", "-H", f"Auth-Token: {token}", "-F", f"symbols.zip=@{archive}")


def test_the_settings_are_right(node: StartedServer) -> None:
    room = str(100 * 1024**2)  # how full this machine's disk is, is no setting
    done = node.command("check", "--quiet", DJANGO_UPLOAD_MAX_ARCHIVE_BYTES=room)
    assert done.returncode == 0, done.stdout
    assert "0 errors, 0 warnings" in done.stdout


def test_an_upload_is_stored(uploaded: str) -> None:
    assert json.loads(uploaded)["upload"]["files"][0]["key"] == f"v1/{KEY}"


def test_a_download_is_redirected_to_the_bucket(uploaded: str, curl: Curl) -> None:
    assert curl(f"/{KEY}", "-L", "--compressed") == TEXT


def test_a_stack_is_symbolicated(uploaded: str, curl: Curl) -> None:
    job = {"memoryMap": [["prodlike.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]}
    answer = json.loads(curl("/symbolicate/v5", "--data", json.dumps(job)))
    assert answer["results"][0]["stacks"][0][0]["function"] == "main"


def test_a_token_in_front_of_a_path_is_in_no_log(
    uploaded: str, token: str, nginx: Nginx, node: StartedServer, curl: Curl
) -> None:
    assert curl(f"/t/{token}/{KEY}", "-L", "--compressed") == TEXT
    log = nginx.certificate.parent / "access.log"  # written after the answer
    line = f"GET /t/***/{KEY} HTTP/1.1"
    wait_until(lambda: line in log.read_text(), "the line of the log")
    assert token not in log.read_text() + node.log()


def test_plain_http_is_redirected(nginx: Nginx, curl: Curl) -> None:
    said = curl(f"{nginx.plain_url}/{KEY}", "-o", os.devnull, "-w", "%{http_code} %{redirect_url}")
    assert said == f"301 {nginx.url}/{KEY}"


def test_who_goes_around_nginx_is_sent_to_https(node: StartedServer, curl: Curl) -> None:
    options = ["-H", f"Host: {NAME}", "-o", os.devnull, "-w", "%{http_code} %{redirect_url}"]
    assert curl(f"{node.url}/{KEY}", *options) == f"301 https://{NAME}/{KEY}"


def test_browsers_are_told_to_stay_with_https(curl: Curl) -> None:
    headers = curl("/", "-o", os.devnull, "-D", "-").lower()
    assert "strict-transport-security: max-age=31536000" in headers


def test_all_it_stands_on_is_well(curl: Curl) -> None:
    assert json.loads(curl("/__heartbeat__"))["status"] == "ok"


def test_the_worker_runs_tasks(curl: Curl) -> None:
    curl("/__task_tester__", "-X", "POST")
    wait_until(lambda: "It works!" in curl("/__task_tester__", fail=False), "the task ran")


def test_a_large_body_goes_through(curl: Curl, token: str, tmp_path: Path) -> None:
    # Larger than what nginx takes by default (1 MB), and sent on while it arrives.
    text = hello("large.pdb") + "".join(
        f"PUBLIC {n:x} 0 {os.urandom(24).hex()}\n" for n in range(100_000)
    )
    archive = write_zip(tmp_path / "large.zip", {f"large.pdb/{HELLO_ID}/large.sym": text})
    assert archive.stat().st_size > 2_000_000
    sent = curl("/upload/", "-H", f"Auth-Token: {token}", "-F", f"large.zip=@{archive}")
    assert json.loads(sent)["upload"]["files"][0]["key"].endswith("/large.sym")


def test_a_refusal_is_read_before_a_large_body_was_sent(curl: Curl, tmp_path: Path) -> None:
    (tmp_path / "large.zip").write_bytes(os.urandom(20_000_000))
    archive = f"large.zip=@{tmp_path}/large.zip"
    said = curl("/upload/", "-H", "Auth-Token: wrong", "-F", archive, fail=False)
    assert "error" in json.loads(said)
