# SPDX-License-Identifier: MPL-2.0

"""What it costs that symbols lie in S3 and not in a folder.

``python -m benchmarks.remote_storage FILE.sym[.gz] ...``

The same server runs three times: with a folder bucket (the baseline), with a local S3 server, and
with that behind a proxy that holds each request back for 30 ms. Each gets, N times, with medians
taken in turns:

- an upload of the file, as a zip;
- cold: a new server process without its node folder, and a request of 60 frames in 60 functions;
- warm: the same server, 60 functions that were not asked for;
- modules: a new server process and a frame in each of 20 other modules;
- again: the same request once more.

Times are the client's, as the parts of ``Server-Timing`` overlap. Every answer is compared with the slow
reader's. Behind the proxy requests are counted, and how many of them were under way at once.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests
from tests.reference import breakpad
from tests.support import servers
from tests.support.proxy import HttpProxy
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import large, write_zip

from benchmarks.harness import MEGABYTE, describe_run, read_text, seconds_of

DELAY_SECONDS = 0.03
STEPS = ("upload", "cold", "warm", "modules", "again")
OTHERS = range(100, 120)

Request = dict[str, object]


@dataclass
class Case:
    """A symbol file, and what the slow reader knows of it."""

    text: bytes
    reference: breakpad.SymbolText
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    @property
    def module(self) -> list[str]:
        """Debug file and debug id."""
        assert self.reference.module is not None
        return [self.reference.module.debug_file, self.reference.module.debug_id]

    def draw(self, count: int) -> list[int]:
        """Return an address in each of so many functions."""
        functions = [function for function in self.reference.functions if function.size]
        return [
            function.address + self.rng.randrange(function.size)
            for function in self.rng.sample(functions, count)
        ]

    def expected(self, addresses: Sequence[int]) -> list[str]:
        """Return the functions at the addresses."""
        answers = map(self.reference.lookup, addresses)
        return [answer.function for answer in answers if answer]


@dataclass
class Location:
    """A server with one kind of storage, and what was measured of it, by step."""

    name: str
    server: StartedServer
    proxy: HttpProxy | None = None
    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, step: str, seconds: float) -> None:
        """Keep a time, and the requests that the proxy saw meanwhile."""
        self.seconds[step].append(seconds)
        if self.proxy is not None:
            self.counts[step] = len(self.proxy.requests), self.proxy.most_at_once()
            self.proxy.clear()

    def start_cold(self) -> None:
        """Start the server with nothing kept but what was uploaded."""
        self.server.stop()
        shutil.rmtree(self.server.data_dir / "symbolication", ignore_errors=True)
        self.server.start("--workers", "1")
        if self.proxy is not None:
            self.proxy.clear()

    def ask(self, step: str, request: Request, expected: Sequence[str]) -> None:
        """Send a request, check its answer, and note how long it took."""
        answer = requests.post(f"{self.server.url}/symbolicate/v5", json=request, timeout=60)
        [stack] = answer.json()["results"][0]["stacks"]
        assert [frame["function"] for frame in stack] == expected
        self.note(step, answer.elapsed.total_seconds())


def locations(folder: Path) -> Iterator[Location]:
    """Start nothing yet but the S3 server and its proxy."""
    with ExitStack() as opened:
        s3 = opened.enter_context(servers.s3())
        proxy = opened.enter_context(HttpProxy(s3.server.port))
        proxy.delay_seconds = DELAY_SECONDS
        keys = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
        near = {**keys, "DJANGO_SYMBOL_URLS": f"{s3.endpoint}/near"}
        far = {**keys, "DJANGO_SYMBOL_URLS": f"{proxy.url}/far"}
        yield Location("folder", StartedServer(folder / "folder"))
        yield Location("S3", StartedServer(folder / "near", near))
        yield Location("S3 and 30 ms", StartedServer(folder / "far", far), proxy)


def run(case: Case, location: Location, number: int, folder: Path) -> None:
    """Take all steps once; every upload has another debug id, so that it is new."""
    debug_file, debug_id = case.module
    old_id, new_id = debug_id.encode(), f"{number:02X}{debug_id[2:]}"
    symbol_file = f"{debug_file.removesuffix('.pdb')}.sym"
    text = case.text.replace(old_id, new_id.encode(), 1)
    archive = write_zip(
        folder / "symbols.zip",
        {f"{debug_file}/{new_id}/{symbol_file}": text.decode(errors="surrogateescape")},
    )
    location.start_cold()
    token = location.server.token("upload_symbols")

    def upload() -> None:
        answer = location.server.upload(archive, token)
        assert len(answer.json()["upload"]["files"]) == 1, answer.text

    location.note("upload", seconds_of(upload))
    location.start_cold()
    for step in ("cold", "warm"):
        addresses = case.draw(60)
        stacks = [[[0, address] for address in addresses]]
        request: Request = {"memoryMap": [[debug_file, new_id]], "stacks": stacks}
        location.ask(step, request, case.expected(addresses))
    location.start_cold()
    modules = [large(number)[0].split("/")[:2] for number in OTHERS]
    request = {"memoryMap": modules, "stacks": [[[n, 0x1048] for n in range(len(modules))]]}
    expected = [f"ns{number}::function_7919(int)" for number in OTHERS]
    for step in ("modules", "again"):
        location.ask(step, request, expected)


def measure(path: Path, runs: int) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    case = Case(text, breakpad.read(text))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        others = write_zip(folder / "others.zip", dict(map(large, OTHERS)))
        measured = []
        for location in locations(folder):
            measured.append(location)
            location.start_cold()
            location.server.upload(others, location.server.token("upload_symbols"))
            for number in range(runs):
                run(case, location, number + 1, folder)
            location.server.stop()
    print(f"{path.name}, {len(text) / MEGABYTE:.0f} MB of text")
    print(f"  ({describe_run(text)}; median of {runs})")
    baseline = measured[0]
    for step in STEPS:
        print(f"  {step}")
        least = median(baseline.seconds[step])
        for location in measured:
            seconds = median(location.seconds[step])
            line = f"    {location.name:14} {seconds * 1000:9.1f} ms  {seconds / least:6.1f} x"
            if location.proxy is not None:
                count, at_once = location.counts[step]
                line += f"   {count} requests, {at_once} at once"
            print(line)


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Symbols in S3 against symbols in a folder.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        measure(path, options.runs)


if __name__ == "__main__":
    main(sys.argv[1:])
