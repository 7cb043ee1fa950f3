# SPDX-License-Identifier: MPL-2.0

"""``tecken worker`` as people start it, beside a server that shares its settings."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.started_server import Process, StartedServer, wait_until


@dataclass
class StartedWorker:
    """A worker with the settings of a server, which need not run."""

    server: StartedServer
    name: str = "worker"
    process: Process | None = field(default=None, init=False)

    @property
    def log_file(self) -> Path:
        return self.server.data_dir / f"{self.name}.log"

    def start(self, *options: str) -> None:
        """Start it and wait until it takes tasks."""
        self.server.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            command = ["worker", "--concurrency", "2", *options]
            # Django's checks are of the code, and import all of the API, which half of a start goes into.
            self.process = self.server.run(*command, stdout=log, stderr=log, CELERY_SKIP_CHECKS="1")
        process, said_before = self.process, self.log().count(" ready.")

        def is_ready() -> bool:
            assert process.poll() is None, self.log()
            return self.log().count(" ready.") > said_before

        wait_until(is_ready, "the worker is ready")

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL ends all of its processes at once."""
        if self.process is None:
            return
        if kind == signal.SIGKILL:
            with suppress(ProcessLookupError):  # it has ended already
                os.killpg(self.process.pid, kind)
        else:
            self.process.send_signal(kind)
        self.process.wait(90)
        self.process = None

    def log(self) -> str:
        """What it wrote so far."""
        return self.log_file.read_text()


@contextmanager
def background_of(server: StartedServer) -> Iterator[StartedWorker | None]:
    """Have its tasks run: with Redis by a worker, else by the server itself."""
    if "REDIS_URL" not in server.settings:
        yield None
        return
    worker = StartedWorker(server)
    try:
        worker.start("--concurrency", "1")
        yield worker
    finally:
        worker.stop(signal.SIGKILL)
