# SPDX-License-Identifier: MPL-2.0

"""Crowds of hostile clients, each crowd in a process of its own with one event loop.

``crowd`` starts one: so many clients of a kind connect at once, and each does what its kind does, for
as long as the block lasts. One that the server ends comes again after a pause. What each was told until then is
counted: the last status that it read, and whether its connection was closed, reset or held. Tests
start crowds too.
"""

import asyncio
import json
import random
import resource
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.hostile_clients import CONNECT_SECONDS, Connection, Target
from benchmarks.hostile_kinds import KINDS, Kind

PAUSE_SECONDS = 5.0  # until a client that was ended comes again
MAX_SECONDS = 3_600.0  # a crowd whose parent forgets it ends by itself
_END_SECONDS = 5.0  # then the end of the event loop cancels what is left once more
_REPOSITORY = Path(__file__).parents[1]


@dataclass
class Crowd:
    """Clients of one kind, while they last. ``told`` counts what the server told them."""

    target: Target
    kind: Kind
    told: Counter[str] = field(default_factory=Counter)
    connected: int = 0
    _context: ssl.SSLContext | None = None

    async def run(self, clients: int, pause_seconds: float) -> None:
        """Let so many clients come again and again until this is cancelled."""
        self._context = self.target.context()
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._come_again(pause_seconds))

    async def _come_again(self, pause_seconds: float) -> None:
        while True:
            connection = await self._connect()
            if connection is not None:
                try:
                    with suppress(OSError):  # ended in the middle of an act
                        await self.kind.act(connection, self.target)
                finally:
                    self.told[connection.told] += 1
                    await connection.close()
            await asyncio.sleep(pause_seconds * random.uniform(0.8, 1.2))

    async def _connect(self) -> Connection | None:
        try:
            return await Connection.open(self.target, self._context, listens=self.kind.listens)
        except (OSError, TimeoutError) as error:
            self.told[f"not connected: {type(error).__name__}"] += 1
            return None
        finally:
            self.connected += 1


@dataclass
class RunningCrowd:
    """A crowd in its process. ``told`` is filled when it has ended."""

    told: dict[str, int] = field(default_factory=dict)


@contextmanager
def crowd(
    kind: str, target: Target, clients: int, pause_seconds: float = PAUSE_SECONDS
) -> Iterator[RunningCrowd]:
    """Run a crowd while the block lasts; it begins when every client has tried to connect."""
    orders = {
        "kind": kind,
        "target": asdict(target),
        "clients": clients,
        "pause_seconds": pause_seconds,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.hostile_crowd"],
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    running = RunningCrowd()
    try:
        process.stdin.write(json.dumps(orders) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "connected\n", f"no crowd of kind {kind}"
        yield running
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            running.told = json.loads(process.stdout.read() or "{}")
        finally:
            process.stdout.close()
            process.wait(30)


async def _obey(orders: dict[str, object]) -> Counter[str]:
    """Run the crowd that is asked for until standard input ends; return what it was told."""
    made = Crowd(Target(**orders["target"]), KINDS[str(orders["kind"])])  # type: ignore[arg-type]
    clients, pause_seconds = int(str(orders["clients"])), float(str(orders["pause_seconds"]))
    raise_descriptors(clients + 100)
    running = asyncio.create_task(made.run(clients, pause_seconds))
    deadline = time.monotonic() + 2 * CONNECT_SECONDS
    while made.connected < clients and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    print("connected", flush=True)
    with suppress(TimeoutError):
        await asyncio.wait_for(_end_of_input(), MAX_SECONDS)
    await end(running)
    return made.told


async def end(running: "asyncio.Task[None]") -> None:
    """Cancel a crowd. Python 3.11 may lose that for a client that connects at this moment."""
    running.cancel()
    await asyncio.wait([running], timeout=_END_SECONDS)


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def raise_descriptors(needed: int) -> None:
    """Let this process, and those it starts, open so many descriptors, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_obey(json.loads(sys.stdin.readline())))))
