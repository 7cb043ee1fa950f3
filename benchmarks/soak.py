# SPDX-License-Identifier: MPL-2.0

"""Symbolication for minutes on end while everything below it changes.

``python -m benchmarks.soak --minutes 5 --modules 60``

A server with S3 and a store on the node of a tenth of what the modules have. Clients ask for random
addresses in random modules; meanwhile uploads replace files, and files of the node cache are damaged,
deleted and now and then all wiped. A third of the modules are somebody else's: put into the bucket by
hand, without an index.

Every answer must be that of the version that was current when the request was sent, or of a newer one,
and none may be a 5xx. What is printed: requests, versions, acts of damage, and the memory of the server's
processes in the middle and at the end.
"""

import argparse
import gzip
import os
import random
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from tests.support import servers
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import large, write_zip

from benchmarks.harness import MEGABYTE
from tecken.core.storage.base import Content
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import open_source

CLIENTS = 3
_FUNCTIONS = 4_000  # of each module; ``large`` lays them 0x40 apart from 0x1000 on
_NAME = re.compile(r"v(\d+)ns(\d+)::function_(\d+)\(int\)")


def versioned(number: int, version: int) -> tuple[str, str]:
    """Return the key and the text of a version of a module."""
    key, text = large(number, _FUNCTIONS)
    return key, text.replace(f" ns{number}::", f" v{version}ns{number}::")


@dataclass
class Soak:
    """What is under way. ``current`` has the version of each module whose upload was answered."""

    server: StartedServer
    folder: Path
    token: str
    current: list[int]
    uploaded: int  # so many of the modules, the first, are uploaded; the others never change
    ended: threading.Event = field(default_factory=threading.Event)
    counts: dict[str, int] = field(
        default_factory=lambda: {"requests": 0, "uploads": 0, "damage": 0}
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        """Count something."""
        with self.lock:
            self.counts[what] += 1

    def ask(self, rng: random.Random) -> None:
        """Send a request for a few modules and check its answer."""
        numbers = rng.sample(range(len(self.current)), min(5, len(self.current)))
        locations = [
            (module, rng.randrange(_FUNCTIONS)) for module in range(len(numbers)) for _ in range(8)
        ]
        memory_map = [large(number, 0)[0].split("/")[:2] for number in numbers]
        stack = [[module, 0x1000 + location * 0x40 + 4] for module, location in locations]
        least = [self.current[number] for number in numbers]
        answer = requests.post(
            f"{self.server.url}/symbolicate/v5",
            json={"memoryMap": memory_map, "stacks": [stack]},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        [frames] = answer.json()["results"][0]["stacks"]
        for frame, (module, location) in zip(frames, locations, strict=True):
            found = _NAME.fullmatch(frame.get("function", ""))
            assert found, frame
            version, number, function = map(int, found.groups())
            assert (number, function) == (numbers[module], location * 7919 % 10007), frame
            assert version >= least[module], f"{frame} is older than version {least[module]}"
        self.note("requests")

    def upload(self, rng: random.Random) -> None:
        """Replace the file of a module."""
        number = rng.randrange(self.uploaded)
        version = self.current[number] + 1
        archive = write_zip(self.folder / "new.zip", dict([versioned(number, version)]))
        answer = self.server.upload(archive, self.token)
        assert answer.status_code == 201, answer.text
        self.current[number] = version
        self.note("uploads")
        self.ended.wait(0.5)

    def damage(self, rng: random.Random) -> None:
        """Damage or delete a file of the node cache, or all of it."""
        store = self.server.data_dir / "symbolication"
        files = [path for path in store.glob("*") if path.suffix != ".lock"]
        if rng.random() < 0.05:
            shutil.rmtree(store, ignore_errors=True)
        elif files:
            with suppress(OSError):  # the server has just dropped it
                _spoil(rng.choice(files), rng)
        self.note("damage")
        self.ended.wait(0.2)

    def until_the_end(self, act: Callable[[random.Random], None], seed: int) -> None:
        """Do something again and again; trouble ends everything."""
        rng = random.Random(seed)
        try:
            while not self.ended.is_set():
                act(rng)
        finally:
            self.ended.set()

    def resident_bytes(self) -> int:
        """Return the memory of all processes of the server."""
        assert self.server.process is not None
        group, total = self.server.process.pid, 0
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                total += int(fields[21]) if int(fields[2]) == group else 0
        return total * os.sysconf("SC_PAGE_SIZE")


def _spoil(path: Path, rng: random.Random) -> None:
    if rng.random() < 0.3:
        path.unlink()
        return
    with path.open("r+b") as file:
        file.seek(rng.randrange(max(1, path.stat().st_size)))
        file.write(rng.randbytes(1000))


def run(seconds: float, modules: int) -> Soak:
    """Soak for so long. Raises AssertionError for an answer that is wrong."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = stack.enter_context(servers.s3())
        texts = [versioned(number, 0) for number in range(modules)]
        stored = sum(len(gzip.compress(text.encode(), 1)) for _, text in texts)
        settings = {
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
            "DJANGO_SYMBOL_URLS": f"{s3.endpoint}/soaked",
            "DJANGO_SYMBOLICATION_STORE_MAX_BYTES": str(stored // 10),
            "DJANGO_SYMBOLICATION_MEMORY_MAX_BYTES": str(stored // 10),
        }
        server = StartedServer(folder / "data", settings)
        server.begin()
        stack.callback(server.stop)
        soak = Soak(server, folder, server.token("upload_symbols"), [0] * modules, modules * 2 // 3)
        archive = write_zip(folder / "first.zip", dict(texts[: soak.uploaded]))
        assert server.upload(archive, soak.token).status_code == 201
        options = S3Options(s3.access_key, s3.secret_key)
        bucket = open_source(settings["DJANGO_SYMBOL_URLS"], "v1", options).bucket
        for key, text in texts[soak.uploaded :]:
            bucket.put(f"v1/{key}", gzip.compress(text.encode()), Content())
        _soak(soak, seconds)
        return soak


def _soak(soak: Soak, seconds: float) -> None:
    acts = [*[soak.ask] * CLIENTS, soak.upload, soak.damage]
    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(soak.until_the_end, act, seed) for seed, act in enumerate(acts)]
        soak.ended.wait(seconds / 2)
        middle = soak.resident_bytes()
        soak.ended.wait(seconds / 2)
        end = soak.resident_bytes()
        soak.ended.set()
        for future in running:
            future.result()
    print(f"{soak.counts} in {seconds:.0f} s, no answer wrong")
    print(f"memory in the middle {middle / MEGABYTE:.0f} MB, at the end {end / MEGABYTE:.0f} MB")


def main(arguments: Sequence[str]) -> None:
    """Soak for the minutes given."""
    parser = argparse.ArgumentParser(description="Symbolication while everything changes.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--modules", type=int, default=60)
    options = parser.parse_args(arguments)
    run(options.minutes * 60, options.modules)


if __name__ == "__main__":
    main(sys.argv[1:])
