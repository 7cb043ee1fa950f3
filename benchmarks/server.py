# SPDX-License-Identifier: MPL-2.0

"""``tecken serve`` with a data folder of its own, for benchmarks that speak HTTP with it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_TECKEN = str(Path(sys.executable).parent / "tecken")


@dataclass
class Server:
    """A server that can be started again and again on the same data; a context manager."""

    data_dir: Path
    workers: int = 1
    url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Start it and wait until it says where it answers."""
        with (self.data_dir / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.data_dir,
                env=self.environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for line in self._process.stdout or ():
            if found := re.search(r"http://\S+", line):
                self.url = found[0].rstrip("/")
                return
        raise RuntimeError(f"the server did not start, see {self.data_dir / 'server.log'}")

    def command(self) -> Sequence[str]:
        """Return the program that is started, with its arguments."""
        return [*self.program(), "serve", "--port", "0", "--workers", str(self.workers)]

    def program(self) -> Sequence[str]:
        """Return what runs a command."""
        return [_TECKEN]

    def stop(self) -> None:
        """End it as an operator would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(90)
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    def kill(self) -> None:
        """End it and its workers at once, whatever they do."""
        if self._process is not None:
            for process in self.processes():
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(process, signal.SIGKILL)
            self.stop()

    def make_token(self) -> str:
        """Return the key of a token that may upload."""
        return self.run(
            "createtoken", "bench@example.com", "--permission", "upload_symbols"
        ).strip()

    def run(self, *arguments: str) -> str:
        """Return what a command prints that works on the same data."""
        done = subprocess.run(
            [*self.program(), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def upload(self, archive: Path, token: str) -> None:
        """Upload a zip with curl, as the README shows it."""
        command = ["curl", "--silent", "--fail-with-body", "--header", f"Auth-Token: {token}"]
        command += ["--form", f"{archive.name}=@{archive}", f"{self.url}/upload/"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def processes(self) -> list[int]:
        """Return the process ids of the server and its workers."""
        assert self._process is not None
        found = [self._process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):  # it has just ended
                    found += map(int, children.read_text().split())
        return found

    def environment(self) -> dict[str, str]:
        """Return the environment of the server and of commands."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DJANGO_", "TECKEN_"))
        }
        return {**inherited, "TECKEN_DATA_DIR": str(self.data_dir), **self.settings}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
