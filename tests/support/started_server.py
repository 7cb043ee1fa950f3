# SPDX-License-Identifier: MPL-2.0

"""``tecken serve`` as people start it, for tests that speak HTTP with it."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import psycopg
import pytest
import requests
from tests.support.fork_server import FORKS, ForkedProcess
from tests.support.stored_objects import FolderObjects, StoredObjects
from tests.support.symbol_texts import HELLO_ID

TECKEN = Path(sys.executable).parent / "tecken"
BUILDER = "builder@example.com"
_SQLITE = "tecken.sqlite3"

_CLIENT_SECONDS = 120

Process = subprocess.Popen[str] | ForkedProcess


@dataclass
class StartedServer:
    """``tecken serve`` on a free port, as people start it, with a data folder of its own."""

    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    program: tuple[str | Path, ...] = (TECKEN,)
    workers: int = 2
    url: str = ""
    process: Process | None = None
    s3_objects: StoredObjects | None = None
    ready_token: str = ""  # of a database that was made for all tests

    @property
    def objects(self) -> StoredObjects:
        """What lies in the bucket that regular uploads go to."""
        return self.s3_objects or FolderObjects(self.data_dir / "buckets" / "symbols")

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "DATABASE_", "DJANGO_", "REDIS_", "TECKEN_"))
        }
        return {**inherited, "TECKEN_DATA_DIR": str(self.data_dir), **self.settings}

    def begin(self, *options: str) -> None:
        """Start it for the first time, with a database that was migrated for all tests."""
        self.give_database()
        self.start(*options)

    def give_database(self) -> None:
        """Put a migrated SQLite database into its new folder, where it has no other database."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if "DATABASE_URL" not in self.settings:
            from tests.support.templates import sqlite_template  # which starts servers itself

            template = sqlite_template()
            shutil.copyfile(template.data / _SQLITE, self.data_dir / _SQLITE)
            self.ready_token = template.token

    def migrate(self) -> None:
        """Make its database, or bring it up to date."""
        done = self.command("manage", "migrate", "--verbosity", "0", TECKEN_BEGINS_DATA="true")
        assert done.returncode == 0, done.stderr

    def start(self, *options: str) -> None:
        """Start it and wait until it says where it answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "server.log").open("ab") as log:
            command = ["serve", "--port", "0", "--workers", str(self.workers), *options]
            self.process = self.run(*command, stderr=log)
        for line in self.process.stdout or ():
            if found := re.search(r"http://\S+", line):
                self.url = found[0].rstrip("/")
                return
        pytest.fail(f"the server did not start: {self.log()}")

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL ends all of its processes at once, as a power cut would."""
        if self.process is None:
            return
        if kind == signal.SIGKILL:
            with suppress(ProcessLookupError):  # it has ended already
                os.killpg(self.process.pid, kind)
        else:
            self.process.send_signal(kind)
        self.process.wait(90)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None

    def log(self) -> str:
        """What it wrote to standard error so far."""
        return (self.data_dir / "server.log").read_text()

    def trouble(self) -> list[str]:
        """The lines of its log that are not about a request that was answered."""
        return [line for line in self.log().splitlines() if " INFO " not in line]

    def command(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command against it."""
        with self.client(*arguments, **variables) as client:
            status, *texts = client.end()
        return subprocess.CompletedProcess(list(arguments), status, *texts)

    def script(self, path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a Python program beside it, with its settings."""
        return replace(self, program=(sys.executable, path)).command(*arguments)

    @contextmanager
    def client(self, *arguments: str, **variables: str) -> "Iterator[StartedClient]":
        """Start a command against it, which is killed if it still runs when the block ends."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            variables = {"TECKEN_URL": self.url, **variables}
            process = self.run(*arguments, stdout=out, stderr=err, **variables)
            try:
                yield StartedClient(process, out, err)
            finally:
                process.kill()
                process.wait(_CLIENT_SECONDS)

    def run(
        self,
        *arguments: str,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
        **variables: str,
    ) -> Process:
        """Start a command, by a fork unless it is started by another program."""
        command = [*self.program, *arguments]
        environment = {**self.environment, **variables}
        if self.program == (TECKEN,) or self.program[0] == sys.executable:
            return FORKS.start(command, self.data_dir, environment, stdout, stderr)
        return subprocess.Popen(
            command,
            cwd=self.data_dir,
            env=environment,
            stdout=stdout or subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def token(self, *permissions: str, email: str = BUILDER) -> str:
        """Make a token as the README says; the one that most tests need may be there."""
        if self.ready_token and (permissions, email) == (("upload_symbols",), BUILDER):
            return self.ready_token
        options = [option for name in permissions for option in ("--permission", name)]
        made = self.command("createtoken", email, *options)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def upload(
        self, archive: Path, token: str, name: str = "symbols.zip", **form: str
    ) -> requests.Response:
        """Upload as the original documentation shows it with requests."""
        with archive.open("rb") as file:
            return requests.post(
                f"{self.url}/upload/",
                files={name: (name, file)},
                data=form,
                headers={"Auth-Token": token},
                timeout=120,
            )

    def function_in(self, debug_file: str) -> str | None:
        """Return the function at an address in ``main`` of a module as ``hello`` makes them."""
        job = {"memoryMap": [[debug_file, HELLO_ID]], "stacks": [[[0, 0x1020]]]}
        answer = requests.post(f"{self.url}/symbolicate/v5", json=job, timeout=60)
        assert answer.status_code == 200, answer.text
        [[frame]] = answer.json()["results"][0]["stacks"]
        function: str | None = frame.get("function")
        return function

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Read the database as an operator would."""
        url = self.settings.get("DATABASE_URL", "")
        if url.startswith("postgresql:"):
            with psycopg.connect(url) as postgres:
                return postgres.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.data_dir / _SQLITE)) as connection:
            return connection.execute(query).fetchall()


@dataclass
class StartedClient:
    """A command that runs."""

    process: Process
    out: IO[bytes]
    err: IO[bytes]

    def end(self) -> tuple[int, str, str]:
        """Wait until it has ended; return its status, what it printed, and what it said of errors."""
        status = self.process.wait(_CLIENT_SECONDS)
        self.out.seek(0), self.err.seek(0)
        return status, self.out.read().decode(), self.err.read().decode()


ServerMaker = Callable[..., StartedServer]


def wait_until(happened: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for something that polling can see."""
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        if happened():
            return
        now = time.monotonic()
        if now > began + seconds:
            pytest.fail(f"waited {seconds} s in vain until {what}")
        # Whoever is waited for needs the processor more than who asks: the more so, the longer it takes.
        share, longest = (3, 0.1) if now < began + 3 else (9, 0.25)
        time.sleep(min(max(0.005, share * (now - asked)), longest))
