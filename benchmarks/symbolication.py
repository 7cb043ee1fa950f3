# SPDX-License-Identifier: MPL-2.0

"""How fast a warm server symbolicates, against ``symbolic`` behind a server of the same kind.

``python -m benchmarks.symbolication FILE.sym[.gz] [OTHER.sym[.gz] ...]``

Nine of ten frames are in the first file, the rest in the others. It is uploaded to Tecken, and made
into a symcache for the baseline (``benchmarks.plain_symbolication``); both have one worker and the same
threads. Each round sends one request to both, with frames, stacks and modules in a new order:

- repeated: addresses that were asked for before, all of them different;
- new: addresses never asked for, in functions that were;
- unseen: an address in each of 40 functions that were never asked for.

Every answer is compared: the baseline's with ours, and ours with the slow reader's (of large
requests round, of the large ones). Times are a client's, to the last byte, on one connection; then 1 to 8 processes ask at
the same time for repeated addresses.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache

from benchmarks.clients import Client, Exchange, Percentiles, Reply, requests_per_second
from benchmarks.harness import MEGABYTE, describe_run, read_text
from benchmarks.known_modules import KnownModule
from benchmarks.server import Server
from benchmarks.workload import Location, Request, Workload

FUNCTIONS_SEEN = 1_500
REPEATED = 15_000
CLIENTS = (1, 2, 4, 8)


class PlainServer(Server):
    """The baseline."""

    def command(self) -> Sequence[str]:
        """Return the program that is started, with its arguments."""
        folder = str(self.data_dir / "symcaches")
        return [sys.executable, "-m", "benchmarks.plain_symbolication", folder]


Draw = Callable[[int], list[Location]]


@dataclass(frozen=True)
class Step:
    """A kind of request: what it asks for, of how many frames, and how often it is sent."""

    name: str
    frames: int
    rounds: int
    draw: Draw
    checked_rounds: int = 1  # every so many


def steps(workload: Workload, repeated: Sequence[Location]) -> Iterator[Step]:
    """Yield what is measured."""

    def again(count: int) -> list[Location]:
        return workload.rng.sample(repeated, count)

    yield Step("repeated", 1, 300, again)
    yield Step("repeated", 40, 200, again)
    yield Step("repeated", 1_500, 100, again, 10)
    yield Step("repeated", 15_000, 20, again, 10)
    yield Step("new", 1_500, 20, workload.new, 10)
    yield Step("new", 15_000, 7, workload.new, 7)
    yield Step("unseen", 40, 20, workload.unseen)


@dataclass(frozen=True)
class Pair:
    """Both servers, asked in turns."""

    workload: Workload
    ours: Client
    plain: Client

    def ask(self, locations: Sequence[Location], check_all: bool) -> tuple[Request, Reply, Reply]:
        """Ask both for the locations, and compare their answers."""
        request = self.workload.request(locations)
        ours, plain = self.ours.ask(request.body), self.plain.ask(request.body)
        self.workload.check_plain(request, plain[1], ours[1])
        if check_all:
            self.workload.check(request, ours[1])
        return request, ours, plain

    def measure(self, step: Step) -> None:
        """Send the requests of a step, and print its figures."""
        our_seconds, plain_seconds, phases = [], [], []
        for number in range(step.rounds):
            check_all = number % step.checked_rounds == 0
            _, ours, plain = self.ask(step.draw(step.frames), check_all)
            our_seconds.append(ours[0])
            plain_seconds.append(plain[0])
            phases.append(self.ours.phases)
        least, most = median(our_seconds), median(plain_seconds)
        print(
            f"  {step.name:9}{step.frames:7,} {Percentiles.of(our_seconds)}"
            f" {Percentiles.of(plain_seconds)} {step.frames / least:9,.0f} {most / least:6.1f} x"
            f"   {medians(phases)}",
            flush=True,
        )

    def measure_clients(self, draw: Draw, frames: int, seconds: float) -> None:
        """Let several clients ask at the same time, and print how many requests are answered."""
        our_exchanges: list[Exchange] = []
        plain_exchanges: list[Exchange] = []
        for _ in range(max(CLIENTS)):
            request, ours, plain = self.ask(draw(frames), check_all=False)
            our_exchanges.append((request.body, ours[1]))
            plain_exchanges.append((request.body, plain[1]))
        for clients in CLIENTS:
            rates = [
                requests_per_second(client.url, exchanges, clients, seconds)
                for client, exchanges in (
                    (self.ours, our_exchanges),
                    (self.plain, plain_exchanges),
                )
            ]
            print(
                f"  {clients} clients {frames:7,} {rates[0]:9,.1f} {rates[1]:9,.1f}"
                f" {rates[0] / rates[1]:6.1f} x",
                flush=True,
            )


def medians(phases: Sequence[Mapping[str, float]]) -> str:
    """Write the medians of the server's milliseconds by phase."""
    return " ".join(f"{name} {median(each[name] for each in phases):.1f}" for name in phases[0])


def save_symcache(text: bytes, folder: Path, module: KnownModule) -> None:
    """Make the symcache of a text, where the baseline looks for it."""
    [symbols] = Archive.from_bytes(text).iter_objects()
    path = folder.joinpath(*module.module)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        SymCache.from_object(symbols).dump_into(file)  # type: ignore[no-untyped-call]


def upload(texts: Sequence[tuple[KnownModule, bytes]], server: Server) -> None:
    """Upload all files, as a build would."""
    archive = server.data_dir / "symbols.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
        for module, text in texts:
            writer.writestr(str(module.key), text)
    server.upload(archive, server.make_token())
    archive.unlink()


def run(paths: Sequence[Path], functions: int, seconds: float) -> None:
    """Measure everything, and print it."""
    texts = [read_text(path) for path in paths]
    modules = [KnownModule.read(text, functions) for text in texts]
    with ExitStack() as opened:
        folders = [Path(opened.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        for text, module in zip(texts, modules, strict=True):
            save_symcache(text, folders[1] / "symcaches", module)
        server = opened.enter_context(Server(folders[0]))
        upload(list(zip(modules, texts, strict=True)), server)
        root = str(Path(__file__).parents[1])
        plain = opened.enter_context(PlainServer(folders[1], settings={"PYTHONPATH": root}))
        workload = Workload(modules, FUNCTIONS_SEEN)
        pair = Pair(workload, Client(server.url), Client(plain.url))
        print(
            f"{paths[0].name}, {len(texts[0]) / MEGABYTE:.0f} MB of text ({describe_run(texts[0])})"
        )
        del texts
        repeated = workload.new(REPEATED)
        for _ in range(2):
            pair.ask(repeated, check_all=False)
        print(
            "                    ours: p50, p95, p99 ms        baseline's         frames/s   ratio   server's ms"
        )
        for step in steps(workload, repeated):
            pair.measure(step)
        print("                   requests/s  baseline's   ratio")
        for frames in (40, 1_500):
            pair.measure_clients(
                lambda count: workload.rng.sample(repeated, count), frames, seconds
            )


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Warm symbolication against symbolic.")
    parser.add_argument("--functions", type=int, default=4_000, help="known of each file")
    parser.add_argument("--seconds", type=float, default=2, help="of each run of several clients")
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    run(options.files, options.functions, options.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
