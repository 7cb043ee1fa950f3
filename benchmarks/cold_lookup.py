# SPDX-License-Identifier: MPL-2.0

"""How fast a server answers for a symbol file that it has never opened.

``python -m benchmarks.cold_lookup FILE.sym[.gz] ...``

Each file is uploaded to a server with an empty data folder. Then, in turns and N times:

- ours: the server is started anew, without its node folder, and gets one v5 request of 60 frames in
  60 functions. The time is the server's own, from reading the request to the written answer
  (``Server-Timing``). The debug block must say that storage was read.
- the baseline: gunzip the file with ISA-L, build a symcache of it with ``symbolic``, and look the
  same 60 addresses up in it, in this process. Reading the file from disk and JSON are not counted.

Every run asks for other functions, and every answer is compared with the slow reader's, which keeps a
part of the functions only. The page cache is warm; with ``--drop-page-cache`` the server's objects are
dropped from it before each run. With ``--s3`` the objects lie on a local S3 server.
"""

import argparse
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache
from tests.support import servers

from benchmarks.cold_requests import PHASES, ColdAnswer, ColdServer
from benchmarks.harness import MEGABYTE, describe_run, gunzip, read_text, seconds_of, take_turns
from benchmarks.known_modules import KnownModule
from benchmarks.server import Server
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source, open_source
from tecken.core.symbols.index_file import open_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.table import BreakpadTable


def measure(path: Path, options: argparse.Namespace) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    known = KnownModule.read(text, options.functions)
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    compressed = compressor.compress(text) + compressor.flush()
    answers: list[ColdAnswer] = []
    shares: list[float] = []
    with tempfile.TemporaryDirectory() as folder, storage(options.s3) as settings:
        cold = ColdServer(Server(Path(folder), settings=settings), known)
        cold.store(text)
        our_draws, baseline_draws = known.draws(options.frames), known.draws(options.frames)

        def ask() -> float:
            addresses = next(our_draws)
            answers.append(cold.ask(addresses, options.drop_page_cache))
            if not options.s3:
                shares.append(share_of_object(known.key, Path(folder), addresses))
            return answers[-1].total

        _, baseline = take_turns(
            [ask, lambda: with_symbolic(known, compressed, next(baseline_draws)) * 1000],
            options.runs,
        )
    print_figures(path, text, answers, baseline, options)
    if shares:
        print(f"  of the object read          {median(shares):9.2%}, with its index")
    inflated = median(answer.inflated_bytes for answer in answers)
    print(f"  of the text inflated        {inflated / len(text):9.2%}")


@contextmanager
def storage(s3: bool) -> Iterator[dict[str, str]]:
    """Give the settings of a server whose symbols lie in a folder, or in S3."""
    if not s3:
        yield {}
        return
    with servers.s3() as running:
        yield {
            "AWS_ACCESS_KEY_ID": running.access_key,
            "AWS_SECRET_ACCESS_KEY": running.secret_key,
            "DJANGO_SYMBOL_URLS": f"{running.endpoint}/symbols",
        }


def print_figures(
    path: Path,
    text: bytes,
    answers: Sequence[ColdAnswer],
    baseline: float,
    options: argparse.Namespace,
) -> None:
    """Print medians, and what the time is made of."""
    ours = median(answer.total for answer in answers)
    phases = {phase: median(answer.milliseconds[phase] for answer in answers) for phase in PHASES}
    cache = "dropped" if options.drop_page_cache else "warm"
    print(f"{path.name}, {len(text) / MEGABYTE:.0f} MB of text, {'S3' if options.s3 else 'folder'}")
    print(f"  ({describe_run(text)}; page cache {cache}; median of {options.runs})")
    print(f"  cold request of {options.frames} frames  {ours:9.1f} ms")
    print("   ", ", ".join(f"{phase} {duration:.1f}" for phase, duration in phases.items()))
    print(f"  gunzip and symbolic         {baseline:9.1f} ms   the baseline")
    print(f"  ratio                       {baseline / ours:9.0f} x")


def share_of_object(key: SymbolKey, data_dir: Path, addresses: Sequence[int]) -> float:
    """Look the addresses up once more, in this process, to see which share of the object is read.

    The debug block counts inflated bytes only. The index is counted as read.
    """
    source = open_source((data_dir / "buckets" / "symbols").as_uri(), "v1")
    info = source.bucket.head(source.object_key(key))
    stored_index = read_index(source, key, info.content.metadata["object_id"])
    index = open_index(stored_index)

    def read_ranges(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        return source.bucket.read_ranges(info.key, ranges, if_match=info.etag)

    log = ReadLog()
    BreakpadTable(index, BlockReader(index, read_ranges)).lookup(addresses, log)
    return (log.storage.stored_bytes + len(stored_index)) / info.size


def read_index(source: Source, key: SymbolKey, object_id: str) -> bytes:
    """Read the index that the server made at the upload."""
    with source.bucket.open(source.index_key(key, object_id)) as reader:
        return reader.read()


def with_symbolic(known: KnownModule, compressed: bytes, addresses: list[int]) -> float:
    """Do what the baseline does, check it, and return its seconds."""
    functions: list[str] = []

    def work() -> None:
        text = gunzip(compressed)  # the archive does not keep it alive
        [symbols] = Archive.from_bytes(text).iter_objects()
        symcache = SymCache.from_object(symbols)  # type: ignore[no-untyped-call]
        for address in addresses:
            frames = symcache.lookup(address)
            functions.append(frames[-1].symbol)

    seconds = seconds_of(work)
    answers = map(known.reference.lookup, addresses)
    assert functions == [answer.function if answer else None for answer in answers]
    return seconds


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Cold lookup against gunzip and symbolic.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--functions", type=int, default=2_000, help="known to the slow reader")
    parser.add_argument("--s3", action="store_true")
    parser.add_argument("--drop-page-cache", action="store_true")
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        measure(path, options)


if __name__ == "__main__":
    main(sys.argv[1:])
