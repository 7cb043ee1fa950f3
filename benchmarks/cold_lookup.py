# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How fast a server answers for a symbol file that it has never opened.

``python -m benchmarks.cold_lookup FILE.sym[.gz] ...``

Each file is uploaded to a server with an empty data folder. Then, in turns and N times:

- ours: the server is started anew, without its node folder, and gets one v5 request of 60 frames in
  60 functions. The time is the server's own, from reading the request to the written answer
  (``Server-Timing``). The debug block must say that storage was read.
- the baseline: gunzip the file with ISA-L, build a symcache of it with ``symbolic``, and look the
  same 60 addresses up in it, in this process. Reading the file from disk and JSON are not counted.

Every run asks for other functions, and every answer is compared with the slow reader's. The page
cache is warm; with ``--drop-page-cache`` the server's objects are dropped from it before each run.
"""

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests
from symbolic.debuginfo import Archive
from symbolic.symcache import SymCache
from tests.reference import breakpad

from benchmarks.harness import MEGABYTE, describe_run, gunzip, read_text, seconds_of, take_turns
from benchmarks.server import Server
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import Source, open_source
from tecken.core.symbols.index_file import open_index
from tecken.core.symbols.lookup import ReadLog
from tecken.core.symbols.reader import BlockReader
from tecken.core.symbols.table import BreakpadTable


@dataclass
class Case:
    """One symbol file: its text as the slow reader has it, and what is measured of it."""

    text: bytes
    reference: breakpad.SymbolText
    frames: int
    inflated_shares: list[float] = field(default_factory=list)
    stored_shares: list[float] = field(default_factory=list)

    @property
    def key(self) -> SymbolKey:
        """The key under which the file is stored."""
        assert self.reference.module is not None
        return SymbolKey.of_module(self.reference.module.debug_file, self.reference.module.debug_id)

    def draws(self) -> Iterator[list[int]]:
        """Yield one address in each of so many functions, others every time."""
        rng = random.Random(1)
        functions = [function for function in self.reference.functions if function.size]
        while True:
            chosen = rng.sample(functions, self.frames)
            yield [function.address + rng.randrange(function.size) for function in chosen]


def measure(path: Path, options: argparse.Namespace) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    case = Case(text, breakpad.read(text), options.frames)
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    compressed = compressor.compress(text) + compressor.flush()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        store(case, server)
        our_draws, baseline_draws = case.draws(), case.draws()
        ours, baseline = take_turns(
            [
                lambda: cold_request(case, server, next(our_draws), options.drop_page_cache),
                lambda: with_symbolic(case, compressed, next(baseline_draws)),
            ],
            options.runs,
        )
    cache = "dropped" if options.drop_page_cache else "warm"
    print(f"{path.name}, {len(text) / MEGABYTE:.0f} MB of text")
    print(f"  ({describe_run(text)}; page cache {cache}; median of {options.runs})")
    print(f"  cold request of {options.frames} frames  {ours * 1000:9.1f} ms")
    print(f"  gunzip and symbolic         {baseline * 1000:9.1f} ms   the baseline")
    print(f"  ratio                       {baseline / ours:9.0f} x")
    print(f"  of the object read          {median(case.stored_shares):9.2%}, with its index")
    print(f"  of the text inflated        {median(case.inflated_shares):9.2%}")


def store(case: Case, server: Server) -> None:
    """Upload the file as a build would, and stop the server."""
    archive = server.data_dir / "symbols.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
        writer.writestr(str(case.key), case.text)
    with server:
        server.upload(archive, server.make_token())
    archive.unlink()


def cold_request(case: Case, server: Server, addresses: list[int], drop_page_cache: bool) -> float:
    """Start the server with empty tiers, ask it once, check the answer; return its seconds."""
    shutil.rmtree(server.data_dir / "symbolication", ignore_errors=True)
    if drop_page_cache:
        drop_from_page_cache(server.data_dir / "buckets")
    key = case.key
    request = {
        "memoryMap": [[key.debug_file, key.debug_id]],
        "stacks": [[[0, address] for address in addresses]],
    }
    with server:
        response = requests.post(
            f"{server.url}/symbolicate/v5", json=request, headers={"Debug": "true"}, timeout=60
        )
    assert response.status_code == 200, response.text
    result = response.json()["results"][0]
    expected = [expected_frame(case, number, address) for number, address in enumerate(addresses)]
    assert result["stacks"] == [expected]
    assert result["debug"]["downloads"]["count"] == 1
    case.inflated_shares.append(result["debug"]["downloads"]["size"] / len(case.text))
    case.stored_shares.append(share_of_object(case.key, server.data_dir, addresses))
    timings = re.findall(r"dur=([0-9.]+)", response.headers["Server-Timing"])
    return sum(map(float, timings)) / 1000


def expected_frame(case: Case, number: int, address: int) -> dict[str, object]:
    """Return the frame of a v5 answer, made from the slow reader's."""
    answer = case.reference.lookup(address)
    assert answer is not None
    inlines = [known(function=c.function, file=c.file, line=c.line) for c in answer.inlines]
    return known(
        frame=number,
        module_offset=hex(address),
        module=case.key.debug_file,
        function=answer.function,
        function_offset=hex(answer.function_offset),
        function_size=None if answer.function_size is None else hex(answer.function_size),
        file=answer.file,
        line=answer.line,
        inlines=inlines or None,
    )


def known(**values: object) -> dict[str, object]:
    """Leave out what is not known, as answers do."""
    return {name: value for name, value in values.items() if value is not None}


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


def drop_from_page_cache(folder: Path) -> None:
    """Ask the kernel to forget the contents of all files in a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def with_symbolic(case: Case, compressed: bytes, addresses: list[int]) -> float:
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
    answers = map(case.reference.lookup, addresses)
    assert functions == [answer.function if answer else None for answer in answers]
    return seconds


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Cold lookup against gunzip and symbolic.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--drop-page-cache", action="store_true")
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    for path in options.files:
        measure(path, options)


if __name__ == "__main__":
    main(sys.argv[1:])
