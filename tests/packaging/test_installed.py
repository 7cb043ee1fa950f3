# SPDX-License-Identifier: MPL-2.0

"""What is shipped: built, installed into empty environments in other folders, and used from there."""

import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import requests
from tests.support.forms import Form
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker
from tests.support.symbol_texts import HELLO_ID, hello

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
MAX_CLIENT_BYTES = 30_000_000
PAGE = "tecken/web/static/app/index.html"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run(*command: str | Path, **options: object) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command,
        **{"capture_output": True, "text": True, "check": False, "timeout": 300, **options},  # type: ignore[call-overload]
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("built") / "dist"
    run(BIN / "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture
def install(built: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes an environment of a lock file and the wheel, and returns its ``bin``."""

    def install(lock: str) -> Path:
        environment = tmp_path / lock
        run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, environment)
        pip = [
            BIN / "uv",
            "pip",
            "install",
            "--quiet",
            "--system-certs",
            "--no-deps",
            "--python",
            environment,
        ]
        run(*pip, "--require-hashes", "-r", ROOT / "requirements" / f"{lock}.txt")
        [wheel] = built.glob("*.whl")
        run(*pip, wheel)
        return environment / "bin"

    return install


@pytest.fixture
def elsewhere(tmp_path: Path) -> Run:
    """Return what runs a program in an empty folder, with an empty home and no settings."""
    folder = tmp_path / "elsewhere"
    home = tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return partial(subprocess.run, cwd=folder, env=environment, capture_output=True, text=True)


def test_what_is_built_has_the_web_app(built: Path) -> None:
    [wheel], [source] = built.glob("*.whl"), built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        assert PAGE in archive.namelist()
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"src/{PAGE}", "README.md", "LICENSE", "CHANGELOG.md"} <= names


def installed_bytes(programs: Path) -> int:
    """Return the size of what is installed, without what Python compiles."""
    [packages] = programs.parent.glob("lib/python3*/site-packages")
    files = (path for path in packages.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in files)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartedServer]:
    started = StartedServer(tmp_path / "data", {"DJANGO_LOCAL_PROVIDER": "false"})
    yield started
    started.stop(signal.SIGKILL)


def test_the_client_alone_speaks_with_a_server_and_reads_offline(
    install: Callable[[str], Path], elsewhere: Run, server: StartedServer, tmp_path: Path
) -> None:
    programs = install("client")
    assert installed_bytes(programs) < MAX_CLIENT_BYTES
    server.begin()
    token = server.token("upload_symbols")
    symbols = tmp_path / "symbols"
    (symbols / KEY).parent.mkdir(parents=True)
    (symbols / KEY).write_text(hello())

    def tecken(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return elsewhere([programs / "tecken", *arguments])

    to_server = ("--url", server.url, "--token", token)
    assert "may upload symbols as builder@example.com" in tecken("check", *to_server).stdout
    assert "1 stored" in tecken("upload", symbols, *to_server).stdout
    module = ("--module", f"hello.pdb/{HELLO_ID}", "--offset", "0x1020")
    for place in (("--url", server.url), ("--symbols", symbols)):
        assert "main" in tecken("symbolicate", *place, *module).stdout
    assert tecken("download", KEY, "--url", server.url).returncode == 0
    wrong = tecken("check", "--url", server.url, "--token", "0" * 32)
    assert (wrong.returncode, "error    TECKEN_TOKEN: " in wrong.stdout) == (1, True)
    refused = tecken("serve", "--port", "0")
    assert refused.returncode == 1
    assert "pip install 'tecken[server]'" in refused.stderr
    assert elsewhere([programs / "python", "-m", "tecken", "--version"]).returncode == 0


def test_server_and_worker_run_from_the_wheel(
    install: Callable[[str], Path],
    elsewhere: Run,
    scale_out: Form,
    postgres_url: str,
    tmp_path: Path,
) -> None:
    programs = install("run")
    asked = elsewhere(
        [programs / "tecken", "createtoken", "a@example.com", "--permission=upload_symbols"]
    )
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "tecken serve" in asked.stderr
    assert list((tmp_path / "home").iterdir()) == []

    server = StartedServer(tmp_path / "data", program=(programs / "tecken",))
    scale_out(server)
    server.settings["DATABASE_URL"] = postgres_url  # empty: the wheel has all migrations
    server.ready_token = ""
    worker = StartedWorker(server)
    try:
        server.start()
        worker.start()
        symbols = tmp_path / "hello.sym"
        symbols.write_text(hello())
        token = server.token("upload_symbols")
        uploaded = server.command("upload", str(symbols), TECKEN_TOKEN=token)
        assert "1 stored" in uploaded.stdout, uploaded.stderr
        assert server.function_in("hello.pdb") == "main"
        assert requests.get(f"{server.url}/{KEY}", timeout=30).text == hello()
        assert '<div id="root">' in requests.get(f"{server.url}/", timeout=30).text

        trial = f"{server.url}/__task_tester__"
        assert requests.post(trial, timeout=30).status_code == 201
        wait_until(lambda: requests.get(trial, timeout=30).status_code == 200, "a task ran")
        done = "SELECT 1 FROM jobs_task WHERE state = 'done'"
        wait_until(lambda: bool(server.rows(done)), "its row said so")
    finally:
        worker.stop(signal.SIGKILL)
        server.stop(signal.SIGKILL)
    assert "Error calling" not in server.log()
