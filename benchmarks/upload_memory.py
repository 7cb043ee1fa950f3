# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How much memory a server takes while a symbol file is uploaded.

``python -m benchmarks.upload_memory FILE.sym[.gz] ...``

The file is put in a zip and uploaded with curl to a server with an empty data folder. Counted is the
resident memory of the server and its workers, from ``/proc``, every 10 ms: the peak of the sum above
what it was before. The text is also given per second of the whole request, and compared with what a
script without a server would do: extract, then gzip level 6.
"""

import argparse
import os
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import MEGABYTE, describe_run, read_text, seconds_of
from benchmarks.server import Server

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_INTERVAL_SECONDS = 0.01


class MemoryWatch:
    """Watches the resident memory of a server's processes; a context manager."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.idle_bytes = self.peak_bytes = self._resident_bytes()

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_SECONDS):
            self.peak_bytes = max(self.peak_bytes, self._resident_bytes())

    def _resident_bytes(self) -> int:
        return sum(map(resident_bytes, self._server.processes()))

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def resident_bytes(process: int) -> int:
    """Return the resident memory of a process, what it shares with others included."""
    resident = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(resident) * _PAGE_BYTES


def measure(path: Path) -> None:
    """Measure one file, and print its figures."""
    text = read_text(path)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        archive = make_archive(text, Path(folder))
        token = server.make_token()
        with MemoryWatch(server) as watch:
            seconds = seconds_of(lambda: server.upload(archive, token))
        baseline = seconds_of(lambda: extract_and_gzip(archive))
    size = len(text) / MEGABYTE
    print(f"{path.name}, {size:.0f} MB of text ({describe_run(text)})")
    print(f"  idle                 {watch.idle_bytes / MEGABYTE:7.0f} MB")
    print(f"  peak above idle      {(watch.peak_bytes - watch.idle_bytes) / MEGABYTE:7.0f} MB")
    print(
        f"  upload               {size / seconds:7.0f} MB/s   {baseline / seconds:.1f} x the baseline"
    )
    print(f"  extract and gzip -6  {size / baseline:7.0f} MB/s   the baseline")


def make_archive(text: bytes, folder: Path) -> Path:
    """Make the zip that a build would upload."""
    _module, _os, _arch, debug_id, debug_file = text[:500].split(b"\n")[0].decode().split(" ", 4)
    archive = folder / "symbols.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        symbol_file = f"{debug_file.removesuffix('.pdb')}.sym"
        writer.writestr(f"{debug_file}/{debug_id}/{symbol_file}", text)
    return archive


def extract_and_gzip(archive: Path) -> None:
    """Extract the member and compress it with gzip level 6, piece by piece."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    with zipfile.ZipFile(archive) as reader, reader.open(reader.namelist()[0]) as member:
        while piece := member.read(256 * 1024):
            compressor.compress(piece)
    compressor.flush()


def main(arguments: Sequence[str]) -> None:
    """Measure the files named."""
    parser = argparse.ArgumentParser(description="Memory and speed of an upload.")
    parser.add_argument("files", type=Path, nargs="+")
    for path in parser.parse_args(arguments).files:
        measure(path)


if __name__ == "__main__":
    main(sys.argv[1:])
