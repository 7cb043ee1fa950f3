# SPDX-License-Identifier: MPL-2.0

"""Redirects, files and storms of download, each against what it could be at best.

``python -m benchmarks.download``

- redirect: one of a key whose location is known, over one kept connection, in turns with an empty view
  behind the same middleware and URLs of the same server; with S3 and Redis, that view makes one GET
  of the cache. CPU time is that of the server's processes.
- file: 100 MB out of a folder bucket, in turns with nginx and the same file.
- storm: 200 clients at once for a key that nobody has asked for; storage is behind a proxy that
  counts. Half a second passes before it answers.

The empty views are in ``benchmarks.empty_views``: the product's URLs with two more. Every answer is
checked.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.support import servers
from tests.support.proxy import HttpProxy
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import hello, write_zip

from benchmarks.harness import MEGABYTE, describe_run, take_turns
from benchmarks.kept_connection import ask_in_turns, far_settings

KEY = "hello.pdb/5A1C3F2B9D8E47606B1FA2C4D5E6F7890/hello.sym"
FILE_KEY = "big.dll/5A1C3F2B9D8E47606B1FA2C4D5E6F7891/big.dl_"
FILE_BYTES = 100 * MEGABYTE
STORM_CLIENTS = 200
STORM_DELAY_SECONDS = 0.5
_NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def measure_redirects(server: StartedServer, empty: str, rounds: int, requests: int) -> None:
    """Ask for the redirect and for the empty view in turns, and print both."""
    redirect, view = ask_in_turns(server, {f"/{KEY}": 302, empty: 200}, rounds, requests)
    print(f"  redirect    {redirect.describe()}")
    print(f"  empty view  {view.describe()}")
    print(
        f"  {redirect.at(0.5) / view.at(0.5):.2f} x in p50,"
        f" {redirect.cpu_seconds / view.cpu_seconds:.2f} x in CPU time"
    )


def measure_file(folder: Path, server: StartedServer, runs: int) -> None:
    """Fetch the same file from the server and from nginx."""
    stored = server.data_dir / "buckets" / "symbols" / "v1" / FILE_KEY
    stored.parent.mkdir(parents=True)
    stored.write_bytes(os.urandom(FILE_BYTES))
    with nginx(folder, stored.parent) as url:
        ways = [
            lambda: fetch_seconds(f"{server.url}/{FILE_KEY}"),
            lambda: fetch_seconds(f"{url}/{stored.name}"),
        ]
        ours, theirs = take_turns(ways, runs)
    print(f"  {FILE_BYTES // MEGABYTE} MB  {ours * 1000:.0f} ms, nginx {theirs * 1000:.0f} ms")
    print(f"  {ours / theirs:.2f} x")


def fetch_seconds(url: str) -> float:
    """Return how long curl takes to fetch a file; its size is checked."""
    command = ["curl", "--silent", "--location", "--output", "/dev/null"]
    command += ["--write-out", "%{size_download} %{time_total}", url]
    size, seconds = subprocess.run(command, check=True, capture_output=True).stdout.split()
    assert int(size) == FILE_BYTES, size
    return float(seconds)


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[str]:
    """Serve a folder with nginx, as it comes."""
    if _NGINX is None:
        raise SystemExit("needs nginx: apt-get install --no-install-recommends nginx-light")
    [port] = servers.free_ports(1)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; user {'root' if os.geteuid() == 0 else 'nobody'};"
        " events {} http { sendfile on; access_log off;"
        f" server {{ listen 127.0.0.1:{port}; root {root}; }} }}"
    )
    command = [_NGINX, "-e", "stderr", "-c", str(config)]
    server = servers.Server("nginx", port, folder, command, servers.accepts)
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def measure_storm(server: StartedServer, proxy: HttpProxy) -> None:
    """Let many clients ask at once for a key that is not known yet."""
    key = KEY.replace("5A1C", "5A1D")
    proxy.clear()
    proxy.delay_seconds = STORM_DELAY_SECONDS

    def ask(_: int) -> int:
        connection = HTTPConnection(urlsplit(server.url).netloc)
        connection.request("GET", f"/{key}")
        return connection.getresponse().status

    with ThreadPoolExecutor(STORM_CLIENTS) as pool:
        begun = time.perf_counter()
        statuses = list(pool.map(ask, range(STORM_CLIENTS)))
        seconds = time.perf_counter() - begun
    assert set(statuses) == {404}, statuses
    asked = sum(request.method == "HEAD" and key in request.path for request in proxy.requests)
    print(f"  {STORM_CLIENTS} clients in {seconds:.2f} s, {asked} request to storage")
    proxy.delay_seconds = 0.0


def start(server: StartedServer, folder: Path, workers: int) -> None:
    """Start a server with the empty views, and upload the file of the redirects."""
    server.program = (sys.executable, "-m", "benchmarks.empty_views")
    server.settings["PYTHONPATH"] = str(Path(__file__).parents[1])
    server.start("--workers", str(workers))
    archive = write_zip(folder / "hello.zip", {KEY: hello("hello.pdb", KEY.split("/")[1])})
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201


def measure(folder: Path, rounds: int, requests: int) -> None:
    """Measure both forms, and print all figures."""
    with ExitStack() as opened:
        embedded = StartedServer(folder / "embedded")
        start(embedded, folder, 1)
        opened.callback(embedded.stop)
        print("embedded")
        measure_redirects(embedded, "/__empty__", rounds, requests)
        measure_file(folder, embedded, rounds)
        s3 = opened.enter_context(servers.s3())
        proxy = opened.enter_context(HttpProxy(s3.server.port))
        redis = opened.enter_context(servers.redis())
        settings = far_settings(s3, proxy.url, redis)
        node = StartedServer(folder / "one", dict(settings))
        start(node, folder, 1)
        opened.callback(node.stop)
        print("S3 and Redis")
        measure_redirects(node, "/__empty__/get", rounds, requests)
        many = StartedServer(folder / "many", dict(settings))
        start(many, folder, 4)
        opened.callback(many.stop)
        print("S3 and Redis, 4 workers")
        measure_storm(many, proxy)


def main(arguments: Sequence[str]) -> None:
    """Measure, in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description="Redirects, files and storms of download.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=500, help="in each round")
    options = parser.parse_args(arguments)
    print(describe_run(hello().encode() * 20_000))
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), options.rounds, options.requests)


if __name__ == "__main__":
    main(sys.argv[1:])
