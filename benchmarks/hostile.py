# SPDX-License-Identifier: MPL-2.0

"""What hundreds of hostile clients cost everybody else, by what they do.

``python -m benchmarks.hostile [--clients 500] [--seconds 60] [--rounds 3] [--kinds WORD ...] [--nginx]``

For each kind (``benchmarks.hostile_kinds``) a server is started on the same data. A steady load of
polite clients (``benchmarks.polite``: heartbeats, warm symbolication of 40 frames, redirects, files
and small uploads, each answer checked) is measured alone and then beside the crowd, in rounds;
figures are medians of the rounds, failures are summed up. A request that failed counts as endless.
Memory is the peak of the sum of the server's processes, shared pages counted once (PSS), and
descriptors are the most that all of them had open. ``--nginx`` puts nginx with the printed
configuration in front.

Minidumps are read where Breakpad's program is installed (``npm ci`` in ``frontend``), and else answered that they are not.

Without a file, one of 60,000 functions is made.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from tests.support.minidumps import STACKWALK
from tests.support.nginx import started_nginx
from tests.support.symbol_texts import large, write_zip

from benchmarks.clients import Exchange
from benchmarks.harness import MEGABYTE, describe_run, read_text
from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import crowd, raise_descriptors
from benchmarks.hostile_kinds import KINDS
from benchmarks.known_modules import KnownModule
from benchmarks.polite import Load, Measured, ask
from benchmarks.processes import HoldingsWatch
from benchmarks.server import Server
from benchmarks.upload import make_archive
from benchmarks.workload import Request, Workload

FRAMES = 40
LARGE_FRAMES = 20_000
_EXCHANGES = 50
_ALONE_SECONDS = 10.0  # at most: the load without a crowd is quickly known
_SETTLE_SECONDS = 1.0  # until a crowd has sent what it sends at first
_NOISE_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7893"
_NOISE_KEY = f"noise.pdb/{_NOISE_ID}/noise.sym"
_FILE_NUMBER = 7


@dataclass
class Figures:
    """Medians of the rounds in milliseconds, by kind of request, and how many failed of how many."""

    p50: dict[str, float]
    p99: dict[str, float]
    requests: int
    failures: dict[str, int]

    @classmethod
    def of(cls, rounds: Sequence[dict[str, Measured]]) -> "Figures":
        """Put rounds together."""

        def at(share: float) -> dict[str, float]:
            return {
                kind: median(measured[kind].percentile(share) for measured in rounds)
                for kind in rounds[0]
            }

        every = [measured for each in rounds for measured in each.values()]
        failures = sum((measured.failures for measured in every), Counter[str]())
        answered = sum(len(measured.seconds) for measured in every)
        return cls(at(0.5), at(0.99), answered + failures.total(), dict(failures))


@dataclass
class Result:
    """What one kind of hostile clients cost, and what they were told."""

    kind: str
    alone: Figures
    beside: Figures
    memory_bytes: int
    descriptors: int
    told: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        columns = [
            f"{measured.p50[what]:7.1f} {measured.p99[what]:7.1f}"
            for what in ("lbheartbeat", "symbolication")
            for measured in (self.alone, self.beside)
        ]
        failed = f"{sum(self.beside.failures.values())}/{self.beside.requests}"
        told = ", ".join(f"{count} x {what}" for what, count in sorted(self.told.items()))
        return (
            f"{self.kind:35}{'  '.join(columns)} {failed:>10}"
            f" {self.memory_bytes / MEGABYTE:6.0f} {self.descriptors:6}  {told}"
        )


_HEADER = (
    f"{'':35}   heartbeat              beside    symbolication              beside\n"
    f"{'':35}{'      p50     p99' * 4}     failed     MB  files  what they were told"
)


@dataclass
class Setting:
    """A server with its data, and what clients know of it."""

    server: Server
    workload: Workload
    requests: Sequence[Request]  # of the polite clients
    large_request: Request
    token: str
    nginx: bool

    @contextmanager
    def started(self) -> Iterator[Target]:
        """Start the server (and nginx) on the same data; yield where it answers."""
        with ExitStack() as opened:
            self.server.start()
            opened.callback(self.server.kill)
            parts = urlsplit(self.server.url)
            target = Target("127.0.0.1", parts.port or 0, token=self.token)
            if self.nginx:
                folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
                folder.chmod(0o755)
                backend = f"127.0.0.1:{parts.port}"
                front = opened.enter_context(started_nginx(folder, "localhost", backend))
                target = replace(target, port=front.https_port, certificate=str(front.certificate))
            yield target

    def exchanges(self, target: Target) -> list[Exchange]:
        """Ask each worker for all that will be asked; return it with checked answers."""
        made = []
        for request in self.requests:
            answer = _ask_for_frames(target, request.body)
            self.workload.check(request, answer)
            made.append((request.body, answer))
        return made


def _ask_for_frames(target: Target, body: bytes) -> bytes:
    answer, content = ask(target, "POST", "/symbolicate/v5", body, timeout=60)
    assert answer.status == 200, content[:200]
    return content


def prepare(folder: Path, text: bytes, *, workers: int, nginx: bool) -> Setting:
    """Start a server and upload what will be asked for."""
    known = KnownModule.read(text, 3_000)
    settings = {"DJANGO_MINIDUMP_STACKWALK_PATH": str(STACKWALK)} if STACKWALK.exists() else {}
    server = Server(folder, workers, settings=settings)
    with server:
        token = server.make_token()
        server.upload(make_archive(text, folder), token)
        small = write_zip(folder / "small.zip", dict([large(_FILE_NUMBER)]))
        server.upload(small, token)
        server.upload(write_zip(folder / "noise.zip", {_NOISE_KEY: _noise()}), token)
    workload = Workload([known], 2_500)
    locations = workload.new(10 * FRAMES)
    drawn = (workload.rng.sample(locations, FRAMES) for _ in range(_EXCHANGES))
    requests = list(map(workload.request, drawn))
    many = workload.request(workload.new(LARGE_FRAMES))
    return Setting(server, workload, requests, many, token, nginx)


def _noise() -> str:
    """Return a symbol file that stays large when it is compressed."""
    rng = random.Random(1)
    names = (f"PUBLIC {number * 16:x} 0 {rng.randbytes(500).hex()}" for number in range(40_000))
    return "\n".join([f"MODULE windows x86_64 {_NOISE_ID} noise.pdb", *names, ""])


def measure(kind: str, setting: Setting, options: argparse.Namespace) -> Result:
    """Measure one kind on a server of its own."""
    key, text = large(_FILE_NUMBER)
    with setting.started() as target:
        load = Load(target, setting.exchanges(target), key, text.encode())
        hostile = replace(
            target,
            file_path=_file_path(target),
            small_request=load.exchanges[0][0].decode(),
            large_request=setting.large_request.body.decode(),
        )
        load.run(2)  # to warm up
        alone, beside, told = [], [], Counter[str]()
        with HoldingsWatch(setting.server) as holdings:
            for _ in range(options.rounds):
                alone.append(load.run(min(options.seconds, _ALONE_SECONDS)))
                with crowd(kind, hostile, options.clients) as running:
                    time.sleep(_SETTLE_SECONDS)
                    beside.append(load.run(options.seconds))
                told += Counter(running.told)
    return Result(
        kind,
        Figures.of(alone),
        Figures.of(beside),
        holdings.peak_bytes,
        holdings.most_descriptors,
        dict(told),
    )


def _file_path(target: Target) -> str:
    """Return where the large file of the folder bucket is."""
    answer, content = ask(target, "GET", f"/{_NOISE_KEY}")
    assert answer.status == 302, content[:200]
    return urlsplit(answer.headers["Location"]).path


def chosen_kinds(words: Sequence[str], *, tls: bool) -> list[str]:
    """Return the kinds that have one of the words in their names, or all."""
    possible = [name for name, kind in KINDS.items() if not (tls and kind.plain)]
    return [name for name in possible if not words or any(word in name for word in words)]


def main(arguments: Sequence[str]) -> None:
    """Measure all kinds, or those that are named."""
    parser = argparse.ArgumentParser(description="Polite clients beside hostile ones.")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=4, help="processes of the server")
    parser.add_argument("--nginx", action="store_true", help="with nginx in front")
    parser.add_argument("--kinds", nargs="*", default=[], metavar="WORD", help="of their names")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--list", action="store_true", help="print the kinds")
    parser.add_argument("file", type=Path, nargs="?")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # with all that was started
    kinds = chosen_kinds(options.kinds, tls=options.nginx)
    if options.list:
        print("\n".join(kinds))
        return
    raise_descriptors(4 * options.clients + 4_000)
    text = read_text(options.file) if options.file else large(1, 60_000)[1].encode()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        setting = prepare(Path(folder), text, workers=options.workers, nginx=options.nginx)
        front = ", behind nginx" if options.nginx else ""
        print(f"{options.clients} clients of each kind, {options.workers} workers{front}")
        print(f"({describe_run(text)}; {options.rounds} rounds of {options.seconds:.0f} s)")
        print(_HEADER, flush=True)
        for kind in kinds:
            results.append(measure(kind, setting, options))
            print(results[-1], flush=True)
            if options.json:
                options.json.write_text(json.dumps([asdict(each) for each in results], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
