# SPDX-License-Identifier: MPL-2.0

"""How long symbolication takes while the same server takes uploads.

``python -m benchmarks.beside_uploads FILE.sym[.gz]``

The file is uploaded, and one client asks for 40 repeated addresses in it, one request after the other on
one connection, with frames and stacks in a new order each time. First nothing else goes on; then the same
text is uploaded under 4 other keys at the same time, again and again, each time anew, until as many
answers have come: so many that all phases of an upload are among them. Then 4 uploads and no client, for what the client costs them. Every answer is compared
with the slow reader's after the clock has stopped.
"""

import argparse
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.clients import Client, Percentiles
from benchmarks.harness import MEGABYTE, describe_run, read_text, seconds_of
from benchmarks.known_modules import KnownModule
from benchmarks.server import Server
from benchmarks.upload import make_archive, rename
from benchmarks.workload import Request, Workload

FRAMES = 40
REPEATED = 15_000


@dataclass
class Uploads:
    """Uploads of several archives at the same time. ``seconds`` has what each round took."""

    server: Server
    token: str
    archives: Sequence[Path]
    kept: str  # the debug file of what is not deleted before they are uploaded again
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Upload all, as if they had not been uploaded before."""
        bucket = self.server.data_dir / "buckets" / "symbols" / "v1"
        for folder in (*bucket.glob("[!.]*"), *bucket.glob(".index/*")):
            if folder.name != self.kept:
                shutil.rmtree(folder)
        with ThreadPoolExecutor(len(self.archives)) as threads:
            self.seconds.append(seconds_of(lambda: list(threads.map(self._upload, self.archives))))

    def _upload(self, archive: Path) -> None:
        self.server.upload(archive, self.token)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Upload again and again while the block runs."""
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                self.run()

        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(work)
            try:
                yield
            finally:
                ended.set()
            running.result()


def ask(client: Client, workload: Workload, requests: Sequence[Request]) -> Percentiles:
    """Ask all, and check all answers."""
    replies = [client.ask(request.body) for request in requests]
    for request, (_, answer) in zip(requests, replies, strict=True):
        workload.check(request, answer)
    return Percentiles.of([seconds for seconds, _ in replies])


def measure(path: Path, options: argparse.Namespace) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    known = KnownModule.read(text, 3_000)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), options.workers) as server:
        archive, token = make_archive(text, Path(folder)), server.make_token()
        server.upload(archive, token)
        uploads = Uploads(server, token, rename(archive), known.key.debug_file)
        workload, client = Workload([known], 1_500), Client(server.url)
        repeated = workload.new(REPEATED)
        for _ in range(2 * options.workers):  # every process is asked for all of them
            Client(server.url).ask(workload.request(repeated).body)
        sampled = (workload.rng.sample(repeated, FRAMES) for _ in range(2 * options.requests))
        requests = list(map(workload.request, sampled))
        alone = ask(client, workload, requests[: options.requests])
        with uploads.going_on():
            beside = ask(client, workload, requests[options.requests :])
        rounds = len(uploads.seconds)
        uploads.run()
    print(
        f"{path.name}, {len(text) / MEGABYTE:.0f} MB of text, worker processes: {options.workers}"
    )
    print(f"  ({describe_run(text)}; {options.requests} requests of {FRAMES} frames)")
    print("                            p50      p95      p99 ms")
    print(f"  alone              {alone}")
    print(f"  beside 4 uploads   {beside}   p99 {beside.p99 / alone.p99:.1f} x")
    print(
        f"  4 uploads          {median(uploads.seconds[:rounds]):8.1f} s beside them ({rounds} times),"
        f" {uploads.seconds[-1]:.1f} s alone",
        flush=True,
    )


def main(arguments: Sequence[str]) -> None:
    """Measure the file named."""
    parser = argparse.ArgumentParser(description="Symbolication while uploads run.")
    parser.add_argument("--requests", type=int, default=8_000)
    parser.add_argument("--workers", type=int, default=4, help="processes of the server")
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    measure(options.file, options)


if __name__ == "__main__":
    main(sys.argv[1:])
