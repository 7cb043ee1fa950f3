# SPDX-License-Identifier: MPL-2.0

"""Requests to a server that has just started and has nothing in its tiers."""

import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.known_modules import KnownModule
from benchmarks.processes import resident_bytes
from benchmarks.server import Server

PHASES = ("parse", "find", "fetch", "lookup", "write")


@dataclass(frozen=True)
class ColdAnswer:
    """What the first request took: the server's own milliseconds by phase, and bytes.

    ``above_idle_bytes`` is what the server's processes have more than before; ``inflated_bytes`` the text
    that was read.
    """

    milliseconds: dict[str, float]
    inflated_bytes: int
    above_idle_bytes: int

    @property
    def total(self) -> float:
        """All phases together, in milliseconds."""
        return sum(self.milliseconds.values())


@dataclass(frozen=True)
class ColdServer:
    """A server that has one symbol file, and is started anew for each request."""

    server: Server
    known: KnownModule

    def store(self, text: bytes) -> None:
        """Upload the file as a build would, and stop the server."""
        archive = self.server.data_dir / "symbols.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as writer:
            writer.writestr(str(self.known.key), text)
        with self.server as server:
            server.upload(archive, server.make_token())
        archive.unlink()

    def ask(self, addresses: Sequence[int], drop_page_cache: bool = False) -> ColdAnswer:
        """Start the server with empty tiers, ask it once, and check its answer."""
        for tier in ("symbolication", "cache"):
            shutil.rmtree(self.server.data_dir / tier, ignore_errors=True)
        if drop_page_cache:
            _drop_from_page_cache(self.server.data_dir / "buckets")
        request = {
            "memoryMap": [self.known.module],
            "stacks": [[[0, address] for address in addresses]],
        }
        with self.server as server:
            idle = resident_bytes(server)
            response = requests.post(
                f"{server.url}/symbolicate/v5", json=request, headers={"Debug": "true"}, timeout=60
            )
            grown = resident_bytes(server) - idle
        assert response.status_code == 200, response.text
        result = response.json()["results"][0]
        assert result["stacks"] == [[*map(self.known.frame, range(len(addresses)), addresses)]]
        downloads = result["debug"]["downloads"]
        assert downloads["count"] == 1
        timings = dict(re.findall(r"(\w+);dur=([0-9.]+)", response.headers["Server-Timing"]))
        assert tuple(timings) == PHASES, timings
        milliseconds = {phase: float(duration) for phase, duration in timings.items()}
        return ColdAnswer(milliseconds, downloads["size"], grown)


def _drop_from_page_cache(folder: Path) -> None:
    """Ask the kernel to forget the contents of all files in a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
