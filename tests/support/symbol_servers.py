# SPDX-License-Identifier: MPL-2.0

"""Real symbol servers of others, started on folders: debuginfod, and a store of symstore's behind a web server."""

import functools
import http.server
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from tests.support.servers import free_ports


@contextmanager
def debuginfod(folder: Path, build_id: str) -> Iterator[str]:
    """Run a debuginfod on a folder, and yield its URL once it knows a build id."""
    [port] = free_ports(1)
    command = ["debuginfod", "-F", "-d", ":memory:", "-p", str(port), "-t", "0", "-c", "1", folder]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(500):
            try:
                if requests.get(f"{url}/buildid/{build_id}/debuginfo", timeout=5).ok:
                    break
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        else:
            pytest.fail("debuginfod does not find the file")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def publish(store: Path, *files: Path) -> None:
    """Put files into a symbol store by the program symstore."""
    script = "import sys; from symstore.command_line import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, store, *files], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve the files of a folder as they are, with upper and lower case apart."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def cabinet(name: str, content: bytes) -> bytes:
    """Return a cabinet file that has one file, not compressed.

    Source: Microsoft's [MS-CAB], CFHEADER, CFFOLDER, CFFILE and CFDATA; checksums of 0 are none.
    """
    blocks = [content[at : at + 0x8000] for at in range(0, len(content), 0x8000)]
    data = b"".join(struct.pack("<IHH", 0, len(block), len(block)) + block for block in blocks)
    file = struct.pack("<IIHHHH", len(content), 0, 0, 0x5A21, 0, 0x20) + name.encode() + b"\0"
    begins = 36 + 8 + len(file)
    folder = struct.pack("<IHH", begins, len(blocks), 0)
    size = begins + len(data)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, size, 0, 44, 0, 3, 1, 1, 1, 0, 1, 0)
    return head + folder + file + data
