# SPDX-License-Identifier: MPL-2.0

"""Symbols that were asked for and are not there: what is written down, and when."""

import signal
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.forms import EMBEDDED_ONLY
from tests.support.servers import Server
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

ROWS = "SELECT symbol, debugid, filename, code_file, code_id, count FROM download_missingsymbol"
DAYS = "SELECT count(*) FROM download_missingsymbolday"
STORM = 400  # misses: enough for a kill in their midst
COUNTS = "SELECT sum(found), sum(missing) FROM download_downloadday"


def key_of(name: str) -> str:
    return f"{name}.pdb/{HELLO_ID}/{name}.sym"


def names_in(server: StartedServer) -> set[object]:
    """The debug files that are written down as missing."""
    return {row[0] for row in server.rows(ROWS)}


def get(server: StartedServer, path: str) -> requests.Response:
    return requests.get(f"{server.url}/{path}", timeout=60, allow_redirects=False)


def test_a_first_miss_is_written_before_the_answer_and_repeats_are_not(
    make_server: ServerMaker,
) -> None:
    server = make_server(workers=2)
    query = "?code_file=hello.dll&code_id=5E5F"
    for _ in range(3):
        for name in ("one", "two"):
            assert get(server, f"{key_of(name)}{query}").status_code == 404
            assert f"{name}.pdb" in names_in(server)
    fields = (HELLO_ID, "one.sym", "hello.dll", "5E5F", 1)
    assert ("one.pdb", *fields) in server.rows(ROWS)
    assert server.rows(DAYS) == [(2,)]
    modified = server.rows("SELECT modified_at FROM download_missingsymbol ORDER BY id")
    time.sleep(1.2)  # repeats are written down after a second, if at all
    for _ in range(20):  # by both processes
        get(server, f"{key_of('one')}{query}")
    assert modified == server.rows("SELECT modified_at FROM download_missingsymbol ORDER BY id")


@EMBEDDED_ONLY
def test_debuggers_misses_are_counted_and_those_with_a_name_are_written_down(
    make_server: ServerMaker,
) -> None:
    server = make_server()
    build_id = "c6be8361e29a54ceecfa6fca10f44c9c51011ab4"
    paths = [f"xul.pdb/{HELLO_ID}/xul.pdb", f"buildid/{build_id}/debuginfo"]
    paths += [f"_.debug/elf-buildid-sym-{build_id}/_.debug", f"xul.pdb/{HELLO_ID}/file.ptr"]
    for path in paths:
        assert get(server, path).status_code == 404
    assert server.rows(ROWS) == [("xul.pdb", HELLO_ID, "xul.pdb", "", "", 1)]
    # What nobody can have is not counted.
    wait_until(lambda: server.rows(COUNTS) == [(0, 3)], "the misses are counted")


def test_they_are_reported_and_listed_for_all(make_server: ServerMaker) -> None:
    server = make_server()
    for name in ("one", "two, too"):
        get(server, f"{key_of(name)}?code_file=hello.dll&code_id=5E5F")
    report = get(server, "missingsymbols.csv?today=1")
    assert report.content.decode() == (
        "debug_file,debug_id,code_file,code_id\r\n"
        f"one.pdb,{HELLO_ID},hello.dll,5E5F\r\n"
        f'"two, too.pdb",{HELLO_ID},hello.dll,5E5F\r\n'
    )
    assert get(server, "missingsymbols.csv").content.count(b"\n") == 1
    listed = get(server, "api/downloads/missing/?symbol==one.pdb&count=1&modified_at=today").json()
    assert [row["symbol"] for row in listed["missing"]] == ["one.pdb"]
    assert get(server, "api/downloads/missing?page=x").status_code == 400
    dry = server.command("cleanup", "--dry-run")
    assert "days of missing symbols: 0 to remove" in dry.stdout.splitlines()


@EMBEDDED_ONLY
def test_what_is_no_miss_is_not_written_down(make_server: ServerMaker, tmp_path: Path) -> None:
    server = make_server()
    archive = write_zip(tmp_path / "symbols.zip", {key_of("hello"): hello()})
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201
    assert get(server, key_of("hello")).status_code == 302
    head = f"{server.url}/{key_of('head')}?code_file=%00"
    assert requests.head(head, timeout=60).status_code == 404
    assert get(server, f"ignored.pdb/{HELLO_ID}/ignored.png").status_code == 404
    assert get(server, f"refused.pdb/{HELLO_ID}/a%7Cb.sym").status_code == 400
    for name in ("code_file", "code_id"):
        refused = get(server, f"{key_of('nul')}?{name}=a%00b")
        assert refused.status_code == 400
        assert name in refused.text
    assert get(server, f"{key_of('long')}?code_file={'x' * 151}").status_code == 404
    assert get(server, f"{'x' * 147}.pdb/{HELLO_ID}/long.sym").status_code == 404
    server.stop()
    assert server.rows(ROWS) == []
    assert server.rows(COUNTS) == [(1, 2)]


@EMBEDDED_ONLY
def test_nothing_is_written_down_when_that_is_switched_off(make_server: ServerMaker) -> None:
    server = make_server(DJANGO_ENABLE_STORE_MISSING_SYMBOLS="False")
    assert get(server, key_of("hello")).status_code == 404
    server.stop()
    assert server.rows(ROWS) == []
    assert server.rows(COUNTS) == [(0, 1)]


def storm(server: StartedServer, count: int, after: Callable[[], None]) -> set[str]:
    """Ask for many different symbols at once, do something meanwhile; return what was answered."""
    answered: set[str] = set()

    def ask(names: range) -> None:
        with requests.Session() as session:
            for number in names:
                try:
                    answer = session.get(f"{server.url}/{key_of(f'm{number}')}", timeout=60)
                except requests.ConnectionError:
                    return
                if answer.status_code == 404:
                    answered.add(f"m{number}.pdb")

    clients = 8
    with ThreadPoolExecutor(clients) as pool:
        done = [pool.submit(ask, range(part, count, clients)) for part in range(clients)]
        wait_until(lambda: len(answered) > count // 4, "a quarter is answered")
        after()
        for future in done:
            future.result()
    return answered


def test_sigterm_in_a_storm_loses_nothing(make_server: ServerMaker) -> None:
    server = make_server(workers=2)
    answered = storm(server, STORM, server.stop)
    assert names_in(server) >= answered
    assert list((server.data_dir / "misses").iterdir()) == []
    assert server.trouble() == []


def test_sigkill_in_a_storm_loses_nothing_that_was_answered(make_server: ServerMaker) -> None:
    server = make_server(workers=2)
    answered = storm(server, STORM, lambda: server.stop(signal.SIGKILL))
    server.start()
    wait_until(lambda: names_in(server) >= answered, "the journals are stored", 20)
    counts = server.rows("SELECT max(count) FROM download_missingsymbol")
    assert counts == [(1,)]


@pytest.mark.parametrize("kind", [None, signal.SIGTERM, signal.SIGKILL])
def test_while_postgres_is_away_misses_wait_in_journals(
    stoppable_postgres: tuple[Server, str], tmp_path: Path, kind: signal.Signals | None
) -> None:
    postgres, database = stoppable_postgres
    url = servers.postgres_url(postgres, database)
    server = StartedServer(tmp_path / "data", {"DATABASE_URL": url}, workers=1)
    server.start()
    try:
        assert get(server, key_of("before")).status_code == 404
        postgres.stop()
        names, seconds = [f"m{number}" for number in range(40)], []
        for name in names:
            started = time.monotonic()
            assert get(server, key_of(name)).status_code == 404
            seconds.append(time.monotonic() - started)
        # Each would wait for the database for seconds, if it were asked for each.
        assert statistics.median(seconds) < 2
        if kind is not None:
            server.stop(kind)
        postgres.start()
        if kind is not None:
            server.start()
        expected = {f"{name}.pdb" for name in ("before", *names)}
        wait_until(lambda: names_in(server) == expected, "all are stored", 60)
        if kind is not signal.SIGKILL:
            server.stop()
            assert server.rows(COUNTS) == [(0, 41)]
        assert "Traceback" not in server.log()
    finally:
        server.stop(signal.SIGKILL)
