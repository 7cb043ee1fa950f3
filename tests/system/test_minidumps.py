# SPDX-License-Identifier: MPL-2.0

"""Minidumps by HTTP: walked by symbols of folders and of S3, and by a program that leaves nothing."""

import signal
import socket
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.minidumps import STACKWALK, DumpModule, DumpThread, stack_of, write_minidump
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import write_zip

HELLO = DumpModule("hello", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890", 0x400000, 0x10000)
DUMP = write_minidump([HELLO], [DumpThread(0x401000, bytes(100_000))])


# Two modules: that of the caller is known only once the first is unwound by its symbols.
CALLER = DumpModule("caller", HELLO.debug_id, 0x800000, 0x10000)
TEXT = """MODULE Linux x86_64 {id} {name}
FUNC 1000 20 0 in_{name}
STACK CFI INIT 1000 20 .cfa: $rsp 48 + .ra: .cfa -8 + ^
"""


def left(server: StartedServer) -> list[str]:
    return [path.name for path in (server.data_dir / "tmp" / "minidumps").glob("*")]


def programs(server: StartedServer) -> int:
    """Count the programs that read a minidump of the server."""
    folder = str(server.data_dir / "tmp" / "minidumps").encode()
    count = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            count += folder in path.read_bytes()
        except OSError:
            continue
    return count


def begin(server: StartedServer) -> socket.socket:
    """Send a minidump, and wait until the program is at it."""
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=30)
    head = f"POST /symbolicate/minidump HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(DUMP)}\r\n\r\n"
    connection.sendall(head.encode() + DUMP)
    wait_until(lambda: programs(server) == 1, "the program runs")
    return connection


@EMBEDDED_ONLY
def test_the_program_ends_with_its_client_and_with_its_server(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    program = tmp_path / "slow"
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(120)\n")
    program.chmod(0o755)
    server = make_server(
        DJANGO_MINIDUMP_STACKWALK_PATH=str(program), DJANGO_MINIDUMP_MAX_SECONDS="120"
    )
    begin(server).close()
    wait_until(lambda: programs(server) == 0, "the program ended with its client")
    wait_until(lambda: left(server) == [], "its files are gone")
    with closing(begin(server)):
        server.stop(signal.SIGKILL)
        wait_until(lambda: programs(server) == 0, "the program ended with its server")
    assert left(server) != []
    server.start()
    assert left(server) == []


def test_stacks_are_unwound_by_symbols_of_any_bucket(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    server = make_server(DJANGO_MINIDUMP_STACKWALK_PATH=str(STACKWALK))
    keys = {
        f"{name}/{HELLO.debug_id}/{name}.sym": TEXT.format(name=name, id=HELLO.debug_id)
        for name in ("hello", "caller")
    }
    archive = write_zip(tmp_path / "a.zip", keys)
    assert server.upload(archive, server.token("upload_symbols"), "a.zip").status_code == 201
    frames = [(HELLO.base + 0x1010, 48), (CALLER.base + 0x1010, 48)]
    dump = write_minidump([HELLO, CALLER], [stack_of(frames, misleading=HELLO.base + 0x1008)])
    answer = requests.post(f"{server.url}/symbolicate/minidump", data=dump, timeout=60)
    assert answer.status_code == 200, answer.text
    lines = [line for line in answer.text.splitlines() if " + 0x" in line]
    assert lines == [" 0  hello + 0x1010  in_hello", " 1  caller + 0x1010  in_caller"]
    assert left(server) == []
