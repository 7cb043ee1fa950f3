# SPDX-License-Identifier: MPL-2.0

"""How fast a server answers for a symbol file that somebody else put into its bucket.

``python -m benchmarks.foreign FILE.sym[.gz] ...``

Such a file has no index and cannot be entered in the middle. It is put into the bucket's folder as
gzip. Then, in turns and N times:

- ours: the server is started anew, with empty tiers and nothing stored beside the file, and gets one v5
  request of 60 frames in 60 functions. Given are the server's own time and that of the client, to the
  last byte. The debug block must say that the whole text was read. Then several clients ask at the same
  moment, of which one only may have read it, and the server is asked again and again until the
  seekable form lies beside the file: what it takes then.
- the baseline: gunzip the file with ISA-L in this process, in chunks of 1 MiB, to a file in the same
  folder. Beside it the same without writing the text anywhere, and at once, into memory.

Every answer is compared with the slow reader's.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from threading import Barrier

import msgspec
from isal.igzip import IGzipFile

from benchmarks.clients import Client
from benchmarks.harness import MEGABYTE, describe_run, gunzip, read_text, seconds_of
from benchmarks.known_modules import KnownModule
from benchmarks.processes import MemoryWatch, resident_bytes
from benchmarks.server import Server

FRAMES = 60
CLIENTS = 8
_CHUNK_BYTES = 1024 * 1024
_WRITTEN_SECONDS = 60


@dataclass(frozen=True)
class Answers:
    """What one or more clients got at the same time; all times in seconds.

    ``total`` is until the last had its answer, ``server`` the longest of the server's own.
    """

    total: float
    server: float
    text_bytes: int
    above_idle_bytes: int


@dataclass(frozen=True)
class ForeignServer:
    """A server with one file in its bucket that did not go through it."""

    server: Server
    known: KnownModule

    @property
    def _bucket(self) -> Path:
        return self.server.data_dir / "buckets" / "symbols" / "v1"

    def put(self, compressed: bytes) -> None:
        """Put the file where the server looks for it."""
        with self.server:
            pass  # makes its folders
        path = self._bucket / str(self.known.key)
        path.parent.mkdir(parents=True)
        path.write_bytes(compressed)

    def forget(self) -> None:
        """Empty the tiers, and delete what was stored beside the file."""
        for folder in (
            self.server.data_dir / "symbolication",
            self.server.data_dir / "cache",
            self._bucket / ".index",
        ):
            shutil.rmtree(folder, ignore_errors=True)
        os.sync()  # what the disk has to do for the last run does not belong to the next

    def ask(self, draws: Sequence[Sequence[int]]) -> Answers:
        """Let as many clients as there are draws ask at the same moment, and check all answers."""
        barrier = Barrier(len(draws))
        idle = resident_bytes(self.server)
        with MemoryWatch(self.server, idle) as memory, ThreadPoolExecutor(len(draws)) as pool:
            asked = list(pool.map(lambda draw: self._ask(draw, barrier), draws))
        return Answers(
            max(end for _, end, _, _ in asked) - min(start for start, _, _, _ in asked),
            max(server for _, _, server, _ in asked),
            sum(map(self._check, draws, (answer for *_, answer in asked))),
            memory.above_idle_bytes,
        )

    def _ask(self, addresses: Sequence[int], barrier: Barrier) -> tuple[float, float, float, bytes]:
        stacks = [[[0, address] for address in addresses]]
        body = msgspec.json.encode({"memoryMap": [self.known.module], "stacks": stacks})
        client = Client(self.server.url, {"Debug": "true"})
        barrier.wait()
        started = time.perf_counter()
        _, answer = client.ask(body)
        return started, time.perf_counter(), sum(client.phases.values()) / 1000, answer

    def _check(self, addresses: Sequence[int], answer: bytes) -> int:
        """Compare an answer with the slow reader's; return how much text was read of storage for it."""
        [result] = msgspec.json.decode(answer)["results"]
        assert result["stacks"] == [[*map(self.known.frame, range(len(addresses)), addresses)]]
        size: int = result["debug"]["downloads"]["size"]
        return size

    def wait_for_copy(self) -> float:
        """Return how many seconds it takes until the seekable form lies beside the file."""
        started = time.perf_counter()
        while len([path for path in self._bucket.glob(".index/*/*/*/*") if path.is_file()]) < 2:
            assert time.perf_counter() - started < _WRITTEN_SECONDS
            time.sleep(0.02)
        return time.perf_counter() - started


def inflate(compressed: bytes, use: Callable[[bytes], object]) -> None:
    """Inflate everything in constant memory, as fast as ordinary tools can."""
    file = IGzipFile(fileobj=BytesIO(compressed), mode="rb")  # type: ignore[no-untyped-call]
    while chunk := file.read1(_CHUNK_BYTES):
        use(chunk)


def gunzip_to_file(compressed: bytes, folder: Path) -> None:
    """Do what ``gunzip`` does, with ISA-L."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        inflate(compressed, file.write)


def measure(path: Path, options: argparse.Namespace) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    known = KnownModule.read(text, options.functions)
    compressed = path.read_bytes()
    if compressed == text:
        compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
        compressed = compressor.compress(text) + compressor.flush()
    firsts, crowds, agains = [], [], []
    gunzipping, inflating, at_once, copying = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        foreign = ForeignServer(Server(Path(folder), options.workers), known)
        foreign.put(compressed)
        draws = known.draws(FRAMES)
        for _ in range(options.runs):
            gunzipping.append(seconds_of(lambda: gunzip_to_file(compressed, Path(folder))))
            inflating.append(seconds_of(lambda: inflate(compressed, len)))
            at_once.append(seconds_of(lambda: gunzip(compressed)))
            with _cold(foreign):
                firsts.append(foreign.ask([next(draws)]))
                copying.append(foreign.wait_for_copy())
                agains.append(foreign.ask([next(draws)]))
            with _cold(foreign):
                crowds.append(foreign.ask([next(draws)] * CLIENTS))
                foreign.wait_for_copy()
    for answers in (*firsts, *crowds):
        assert answers.text_bytes >= len(text)
        assert answers.text_bytes < 1.5 * len(text), "it was read more than once"
    first = median(a.server for a in firsts)
    client, crowd = median(a.total for a in firsts), median(a.total for a in crowds)
    memory = max(a.above_idle_bytes for a in (*firsts, *crowds)) / MEGABYTE
    print(
        f"{path.name}, {len(text) / MEGABYTE:.0f} MB of text, worker processes: {options.workers}"
    )
    print(f"  ({describe_run(text)}; median of {options.runs})")
    print(f"  first answer            {first * 1000:9.0f} ms, {client * 1000:.0f} ms at the client")
    for name, seconds in (
        ("gunzip (ISA-L)", gunzipping),
        ("  without writing it", inflating),
        ("  at once into memory", at_once),
    ):
        print(f"  {name:22}  {median(seconds) * 1000:9.0f} ms   {first / median(seconds):.1f} x")
    print(f"  memory above idle       {memory:9.0f} MB at most")
    print(
        f"  {CLIENTS} clients at once       {crowd * 1000:9.0f} ms   {crowd / client:.2f} x one's"
    )
    print(f"  seekable form after     {median(copying) * 1000:9.0f} ms more")
    print(
        f"  60 new functions then   {median(a.server for a in agains) * 1000:9.1f} ms", flush=True
    )


@contextmanager
def _cold(foreign: ForeignServer) -> Iterator[None]:
    foreign.forget()
    with foreign.server:
        yield


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="First answers of files put in by somebody else.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--functions", type=int, default=2_000, help="known to the slow reader")
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        measure(path, options)


if __name__ == "__main__":
    main(sys.argv[1:])
