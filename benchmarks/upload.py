# SPDX-License-Identifier: MPL-2.0

"""Uploads by HTTP: text per second, CPU time and memory, against extracting and gzip level 6.

``python -m benchmarks.upload [--quick] [--runs N] [FILE.sym[.gz] ...]``

Without files: the real one of ``TECKEN_REAL_DATA`` and generated ones of 50, 300 and 1000 MB; with
``--quick`` the real one and 50 MB, each once. A file is put in a zip and uploaded with curl to a
server with folder buckets, which has nothing under its key. In turns with it run the baseline (what
a script would do: extract to disk, gzip level 6, store) and the floor (ISA-L inflates the same
member and deflates it with level 2, on one core). CPU time is of the server's processes without curl. At last
the text is uploaded under 4 keys at the same time. After each upload what was stored is read and
compared. Memory is counted from what the server had before its first upload.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from isal import igzip_lib, isal_zlib

from benchmarks.generator import generate
from benchmarks.harness import MEGABYTE, describe_run, gunzip, read_text, seconds_of, take_turns
from benchmarks.processes import MemoryWatch, cpu_seconds, resident_bytes
from benchmarks.server import Server

_AT_ONCE = 4
_CHUNK_BYTES = 256 * 1024
_LOCAL_HEADER_BYTES = 30
_REAL_DATA = os.environ.get("TECKEN_REAL_DATA", "../shared/data")
_REAL_FILE = "symbols/radosgw/99F44D277057DF65CEB61ADC36B251960/radosgw.sym.gz"


@dataclass
class Uploads:
    """Uploads of one text to one server, and what each took. Each is checked."""

    server: Server
    token: str
    text: bytes
    idle_bytes: int
    cpu_seconds: list[float] = field(default_factory=list)
    above_idle_bytes: list[int] = field(default_factory=list)

    def run(self, *archives: Path) -> float:
        """Upload at the same time what the server does not have; return the seconds."""
        shutil.rmtree(self._bucket(), ignore_errors=True)
        before = cpu_seconds(self.server)
        memory = MemoryWatch(self.server, self.idle_bytes)
        with memory, ThreadPoolExecutor(len(archives)) as threads:
            upload = [(archive, self.token) for archive in archives]
            seconds = seconds_of(lambda: list(threads.map(self._upload, upload)))
        self.cpu_seconds.append(cpu_seconds(self.server) - before)
        self.above_idle_bytes.append(memory.above_idle_bytes)
        self._check(len(archives))
        return seconds

    def _check(self, count: int) -> None:
        """Check that the bucket has so many objects, each the text, and their indexes."""
        stored = [path for path in self._bucket().glob("[!.]*/*/*") if path.is_file()]
        indexes = list(self._bucket().glob(".index/*/*/*/*"))
        assert len(stored) == len(indexes) == count, stored
        assert all(gunzip(path.read_bytes()) == self.text for path in stored)

    def _bucket(self) -> Path:
        return self.server.data_dir / "buckets" / "symbols" / "v1"

    def _upload(self, arguments: tuple[Path, str]) -> None:
        self.server.upload(*arguments)


def measure(name: str, text: bytes, runs: int) -> None:
    """Measure one file, and print its figures."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        archive = make_archive(text, Path(folder))
        uploads = Uploads(server, server.make_token(), text, resident_bytes(server))
        ours, baseline, floor = take_turns(
            [
                lambda: uploads.run(archive),
                lambda: seconds_of(lambda: extract_and_gzip(archive)),
                lambda: inflate_and_deflate(archive),
            ],
            runs,
        )
        together = replace(uploads, cpu_seconds=[], above_idle_bytes=[])
        seconds = together.run(*rename(archive))
    size = len(text) / MEGABYTE
    cpu = median(uploads.cpu_seconds)
    print(f"{name}, {size:.0f} MB of text ({describe_run(text)}; median of {runs})")
    print(f"  upload               {size / ours:7.0f} MB/s   {baseline / ours:.1f} x the baseline")
    print(f"  extract and gzip -6  {size / baseline:7.0f} MB/s   the baseline")
    print(
        f"  ISA-L alone          {size / floor:7.0f} MB/s   the floor: {ours / floor:.2f} x its time, "
        f"{cpu / floor:.2f} x of CPU time"
    )
    print(f"  CPU time             {cpu / size * 1000:7.2f} ms/MB, {size / cpu:.0f} MB/s and core")
    print(f"  memory above idle    {max(uploads.above_idle_bytes) / MEGABYTE:7.0f} MB")
    print(
        f"  {_AT_ONCE} at once            {_AT_ONCE * size / seconds:7.0f} MB/s, "
        f"{together.above_idle_bytes[0] / MEGABYTE:.0f} MB above idle"
    )


def make_archive(text: bytes, folder: Path) -> Path:
    """Make the zip that a build would upload."""
    _module, _os, _arch, debug_id, debug_file = text[:500].split(b"\n")[0].decode().split(" ", 4)
    archive = folder / "symbols.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        symbol_file = f"{debug_file.removesuffix('.pdb')}.sym"
        writer.writestr(f"{debug_file}/{debug_id}/{symbol_file}", text)
    return archive


def rename(archive: Path) -> list[Path]:
    """Make copies of an archive with one member, each under another name of the same length."""
    with zipfile.ZipFile(archive) as reader:
        name = reader.namelist()[0].encode()
    stored = archive.read_bytes()
    copies = []
    for number in range(_AT_ONCE):
        copies.append(archive.with_name(f"symbols-{number}.zip"))
        copies[-1].write_bytes(stored.replace(name, b"%d" % number + name[1:]))
    return copies


def extract_and_gzip(archive: Path) -> None:
    """Extract the member to disk, and store it compressed with gzip level 6, chunk by chunk."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        with zipfile.ZipFile(archive) as reader:
            extracted = reader.extract(reader.namelist()[0], folder)
        with open(extracted, "rb") as text, open(f"{extracted}.gz", "wb") as stored:
            while chunk := text.read(_CHUNK_BYTES):
                stored.write(compressor.compress(chunk))
            stored.write(compressor.flush())


def inflate_and_deflate(archive: Path) -> float:
    """Inflate the member, and deflate it as one stream, nothing more; return the CPU time."""
    started = time.process_time()
    inflater = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_DEFLATE)
    compressor = isal_zlib.compressobj(2)
    for chunk in _compressed_chunks(archive):
        compressor.compress(inflater.decompress(chunk))
    compressor.flush()
    return time.process_time() - started


def _compressed_chunks(archive: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(archive) as reader:
        (member,) = reader.infolist()
    with archive.open("rb") as file:
        file.seek(member.header_offset + _LOCAL_HEADER_BYTES + len(member.filename))
        left = member.compress_size
        while chunk := file.read(min(left, _CHUNK_BYTES)):
            left -= len(chunk)
            yield chunk


def generated(megabytes: int) -> bytes:
    """Return the text of a generated file."""
    text = bytearray()
    generate(text.extend, megabytes=megabytes, seed=1)
    return bytes(text)


def main(arguments: Sequence[str]) -> None:
    """Measure the files named, or else the usual ones."""
    parser = argparse.ArgumentParser(description="Speed, CPU time and memory of uploads.")
    parser.add_argument("--quick", action="store_true", help="the real file and 50 MB, each once")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("files", type=Path, nargs="*")
    options = parser.parse_args(arguments)
    runs = 1 if options.quick else options.runs
    for path in options.files or filter(Path.exists, [Path(_REAL_DATA) / _REAL_FILE]):
        measure(path.name, read_text(path), runs)
    sizes = [50] if options.quick else [50, 300, 1000]
    for megabytes in [] if options.files else sizes:
        measure(f"generated {megabytes}", generated(megabytes), runs)


if __name__ == "__main__":
    main(sys.argv[1:])
