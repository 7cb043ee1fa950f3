# SPDX-License-Identifier: MPL-2.0

"""The debuggers of Debian, with nothing but ``DEBUGINFOD_URLS``, on a stripped program that crashes."""

import os
import re
import shutil
import subprocess
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.forms import EMBEDDED_ONLY
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    FAR_FOLDER,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FAR,
)
from tests.support.sentry_cli import upload
from tests.support.source_bundles import source_bundle
from tests.support.started_server import ServerMaker, StartedServer

SOURCE = (Path(__file__).parents[1] / "support" / "native" / "crash.c").read_text()
CRASHES_AT = "0x400114"  # the division, which is compiled into outer()


@pytest.fixture(scope="module")
def build(server: StartedServer, tmp_path_factory: pytest.TempPathFactory) -> StartedServer:
    """A server that has what a build left: the stripped program, its debug file, and its source."""
    folder = tmp_path_factory.mktemp("build")
    (folder / "crash").write_bytes(PROGRAM)
    (folder / "crash.debug").write_bytes(PROGRAM_DEBUG)
    bundle = source_bundle({"/build/crash.c": SOURCE.encode()}, debug_id=DEBUG_ID, code_id=BUILD_ID)
    (folder / "crash.src.zip").write_bytes(bundle)
    token = server.token("upload_symbols")
    sent = server.command("upload", str(folder), TECKEN_TOKEN=token)
    assert sent.returncode == 0, sent.stderr
    return server


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The stripped program alone, somewhere."""
    path = tmp_path / "crash"
    path.write_bytes(PROGRAM)
    path.chmod(0o755)
    return path


@pytest.fixture
def run(build: StartedServer, tmp_path: Path):
    """Return a function that runs a client with an empty home, and returns what it says."""

    def run(*command: str | Path) -> str:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
        environment |= {"DEBUGINFOD_URLS": build.url, "DEBUGINFOD_CACHE_PATH": str(home / "cache")}
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, timeout=60, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_gdb_prints_functions_lines_and_source(run, program: Path) -> None:
    said = run(
        *("gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled on"),
        *("-ex", "run", "-ex", "bt", "-ex", "list inner", program),
    )
    assert "inner (n=7) at crash.c:2" in said or "outer (n=7) at crash.c:3" in said
    assert "_start () at crash.c:6" in said
    assert "static int inner(int n) { return n * 3 + 1; }" in said


@EMBEDDED_ONLY
def test_gdb_prints_the_source_that_sentry_cli_has_sent(
    run, build: StartedServer, tmp_path: Path
) -> None:
    folder = tmp_path / "build"
    folder /= "x" * (len(FAR_FOLDER) - len(str(folder)) - 1)
    folder.mkdir(parents=True)
    full = folder / "crash"
    full.write_bytes(PROGRAM_FAR.replace(FAR_FOLDER.encode(), str(folder).encode()))
    (folder / "crash.c").write_text(SOURCE)
    token = build.token("upload_symbols")
    sent = upload(build, token, folder, "--include-sources", "--wait")
    assert sent[0] == 0, sent
    program = tmp_path / "crash"
    run("llvm-strip-19", "-o", program, full)
    program.chmod(0o755)
    shutil.rmtree(folder)
    gdb = ("gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled on")
    said = run(*gdb, "-ex", "run", "-ex", "bt", "-ex", "list inner", program)
    assert re.search(r"#0 .* in outer \(n=7\) at crash\.c:3|#0 .*inner \(n=7\) at crash\.c:2", said)
    assert "_start () at crash.c:6" in said
    assert SOURCE.splitlines()[1] in said


def test_lldb_prints_functions_and_lines(run, program: Path) -> None:
    # It asks for no sources.
    said = run("lldb-19", "--no-lldbinit", "--batch", "-o", "run", "-k", "bt", program)
    assert "crash`outer(n=7) at crash.c:3" in said
    assert "crash`_start at crash.c:6" in said


@pytest.mark.parametrize(
    ("wanted", "content"),
    [
        (("debuginfo", BUILD_ID), PROGRAM_DEBUG),
        (("executable", BUILD_ID), PROGRAM),
        (("source", BUILD_ID, "/build/./x/../crash.c"), SOURCE.encode()),
    ],
)
def test_debuginfod_find_gets_files_and_sources(
    run, wanted: tuple[str, ...], content: bytes
) -> None:
    path = run("debuginfod-find", *wanted).strip()
    assert Path(path).read_bytes() == content


def test_debuginfod_find_gets_a_section_and_metadata(run) -> None:
    path = run("debuginfod-find", "section", BUILD_ID, ".debug_info").strip()
    section = Path(path).read_bytes()
    assert len(section) > 100
    assert section in PROGRAM_DEBUG
    said = run("debuginfod-find", "metadata", "glob", "/usr/bin/cra*")
    assert BUILD_ID in Path(said.strip()).read_text() if said.startswith("/") else BUILD_ID in said


def test_eu_addr2line_names_a_line(run, program: Path) -> None:
    assert run("eu-addr2line", "-f", "-e", program, CRASHES_AT).split()[:2] == [
        "outer",
        "/build/crash.c:3:62",
    ]


def test_llvm_symbolizer_names_a_line(run, program: Path) -> None:
    said = run("llvm-symbolizer-19", "--debuginfod", f"--obj={program}", CRASHES_AT)
    assert said.split()[:2] == ["outer", "/build/crash.c:3:62"]


def test_llvm_debuginfod_find_gets_files_and_sources(run) -> None:
    assert (
        Path(run("llvm-debuginfod-find-19", "--debuginfo", BUILD_ID).strip()).read_bytes()
        == PROGRAM_DEBUG
    )
    found = run("llvm-debuginfod-find-19", "--source=/build/crash.c", "--dump", BUILD_ID)
    assert found == SOURCE


@pytest.mark.parametrize(
    "target",
    [
        f"/buildid/{BUILD_ID}/source/../../../../../../etc/passwd",
        f"/buildid/{BUILD_ID}/source/%2e%2e/%2e%2e/etc/passwd",
        f"/buildid/../buildid/{BUILD_ID[:-1]}g/debuginfo",
        "/buildid/%00%ff%fe/debuginfo",
        "/buildid/" + "a" * 10_000 + "/debuginfo",
        f"/buildid/{BUILD_ID}/section/" + "%41" * 3_000,
        "/unified/" + "../" * 1_000 + "debuginfo",
        "/" + "x" * 10_000 + ".pdb/ABC/" + "x" * 10_000 + ".pdb",
        "/000Admin/../../v1/server.txt",
        f"/_.debug/elf-buildid-sym-{'0' * 40}/_.debug",
    ],
)
def test_what_a_hostile_client_sends_is_not_found(build: StartedServer, target: str) -> None:
    """Sent as it stands: other clients would make the path shorter, or quote it."""
    host = urlsplit(build.url).netloc
    for method in ("GET", "HEAD", "POST"):
        connection = HTTPConnection(host, timeout=30)
        connection.putrequest(method, target, skip_accept_encoding=True)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        assert connection.getresponse().status == 404
        connection.close()


@EMBEDDED_ONLY
def test_clients_that_do_not_read_hold_no_thread(make_server: ServerMaker) -> None:
    server = make_server()
    build_id = "ab" * 20
    file = server.data_dir / "buckets/symbols/v1/.native/ab" / build_id[2:] / "debuginfo"
    file.parent.mkdir(parents=True)
    size = 20 * 1024**2  # more than all buffers between two sockets
    with file.open("wb") as sparse:
        sparse.truncate(size)
    url = urlsplit(f"{server.url}/buildid/{build_id}/debuginfo")
    with ExitStack() as opened:
        for _ in range(50):  # a process has 20 threads for answers
            stalled = opened.enter_context(closing(HTTPConnection(url.netloc, timeout=60)))
            stalled.request("GET", url.path)
            assert stalled.getresponse().status == 200
        reader = opened.enter_context(closing(HTTPConnection(url.netloc, timeout=60)))
        reader.request("GET", url.path)
        answer = reader.getresponse()
        left = size
        while data := answer.read(1024 * 1024):
            left -= len(data)
        assert left == 0
