# SPDX-License-Identifier: MPL-2.0

"""A fork server: a process that has imported what ``tecken`` imports, and forks for each command.

To start Python and to import libraries takes a command two thirds of its time. A fork has them at once,
and then is what a person starts: a process with its own arguments, environment, folder, session and
standard streams, which reads its settings and sets Django up itself. Started by ``python fork_server.py FD``;
tests use ``ForkServer``.

A request is a JSON object and four descriptors: standard input, output and error, and a pipe that the
server writes the number of the process into, and the exit status when it has ended.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_LARGEST_REQUEST = 200_000
_END_SECONDS = 10
# What most commands need and reads no settings. The rest is imported by each fork.
_PACKAGES = ("tecken.core", "tecken.edge", "tecken.client", "tecken.web")
_MODULES = (
    "boto3",
    "billiard.popen_fork",
    "billiard.sharedctypes",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.app.routes",
    "celery.apps.worker",
    "celery.backends.base",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.contrib.django.task",
    "celery.events.receiver",
    "celery.fixups.django",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "cffi.cparser",
    "cryptography.x509",
    "django.contrib.auth.hashers",
    "django.contrib.sessions.middleware",
    "django.core.management.commands.migrate",
    "django.core.wsgi",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.middleware.cache",
    "django.middleware.common",
    "django.middleware.csrf",
    "django.middleware.security",
    "django.test",
    "django.views.debug",
    "django.shortcuts",
    "django_redis.cache",
    "django_redis.client",
    "email.mime.text",
    "jwt",
    "kombu.transport.redis",
    "markus.backends",
    "mozilla_django_oidc.views",
    "multipart",
    "prometheus_client.core",
    "psycopg_pool",
    "pydantic.dataclasses",
    "pydantic.networks",
    "redis",
    "requests",
    "sentry_sdk",
    "tecken.api.listing",
    "tecken.commands.check",
    "tecken.commands.django",
    "tecken.commands.serve",
    "tecken.download.files",
    "tecken.download.selectors",
    "tecken.download.source_lines",
    "tecken.jobs.cleaning",
    "tecken.jobs.queues",
    "tecken.local_provider.beside",
    "tecken.local_provider.endpoints",
    "tecken.symbolication.admission",
    "tecken.symbolication.minidump_body",
    "tecken.symbolication.services",
    "tecken.symbolication.tasks",
    "tecken.symbolication.text_form",
    "tecken.upload.by_url",
    "tecken.upload.deriving.shares",
    "tecken.upload.form",
    "tecken.upload.reading",
    "tecken.upload.rules",
    "tecken.upload.spool",
    "whitenoise.middleware",
)


class ForkedProcess:
    """A fork, with what tests use of ``subprocess.Popen``."""

    def __init__(self, status: IO[bytes], stdout: IO[str] | None) -> None:
        self._status = status
        self.stdout = stdout
        self.returncode: int | None = None
        line = status.readline()
        assert line, "the fork server has ended"
        self.pid = int(line)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        self._has_ended(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status when it has ended. Raises TimeoutExpired."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, kind: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, kind)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, timeout: float | None) -> bool:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                return False
            self.returncode = int(self._status.readline())
            self._status.close()
        return True


class ForkServer:
    """Starts a fork server with the first process that is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str],
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> ForkedProcess:
        """Start ``tecken`` or a Python program, ``[sys.executable, path, …]``.

        Without ``stdout``, the process has a pipe to read from.
        """
        streams = [os.open(os.devnull, os.O_RDWR)]
        reader = None
        if stdout is None:
            out, write = os.pipe()
            reader = os.fdopen(out, "r")
            streams.append(write)
        else:
            streams.append(os.dup(stdout.fileno()))
        streams.append(os.dup(stderr.fileno() if stderr else streams[1]))
        status, write = os.pipe()
        streams.append(write)
        request = {
            "command": [str(word) for word in command],
            "folder": str(folder),
            "environment": dict(environment),
        }
        with self._lock:
            if self._socket is None:
                self._socket, self._process = _connect()
                atexit.register(self._end)
            socket.send_fds(self._socket, [json.dumps(request).encode()], streams)
        for stream in streams:
            os.close(stream)
        return ForkedProcess(os.fdopen(status, "rb", buffering=0), reader)

    def _end(self) -> None:
        """End it, and what it has started and still runs."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:  # somebody else has its socket
                self._process.kill()
                self._process.wait()


FORKS = ForkServer()


def _connect() -> "tuple[socket.socket, subprocess.Popen[bytes]]":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    return ours, process


def _import_all() -> None:
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # what reads settings when it is imported fails
    for name in _MODULES:
        with suppress(ModuleNotFoundError):  # it was renamed, which costs each fork a moment
            importlib.import_module(name)
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    importlib.import_module("django.core.validators").validate_email(
        "builder@example.com"
    )  # compiles
    _import_ninja()
    gc.freeze()  # or else the first collection of each fork would copy all of it
    assert threading.active_count() == 1, "a fork would not have the other threads"
    assert "tecken.settings" not in sys.modules, "each fork reads its own"


def _import_ninja() -> None:
    """Import the library of the API, which wants settings; of its own, NINJA_…, there are none."""
    conf = importlib.import_module("django.conf")
    conf.settings.configure()
    importlib.import_module("ninja")
    importlib.import_module("ninja.openapi.schema")
    conf.settings._wrapped = importlib.import_module("django.utils.functional").empty


def _serve(requests: socket.socket) -> list[str]:
    """Fork for each request; return the command in the fork. The server itself ends in here."""
    wakeup, woken = socket.socketpair()
    for end in (wakeup, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno())
    running: dict[int, int] = {}
    while True:
        readable, _, _ = select.select([requests, wakeup], [], [])
        if wakeup in readable:
            wakeup.recv(4096)
            _reap(running)
        if requests not in readable:
            continue
        message, streams, _, _ = socket.recv_fds(requests, _LARGEST_REQUEST, 4)
        if not message:  # the tests have ended
            for process in running:
                with suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGKILL)
            os._exit(0)
        process = os.fork()
        if process == 0:
            return _become(json.loads(message), streams)
        for stream in streams[:3]:
            os.close(stream)
        running[process] = streams[3]
        os.write(streams[3], b"%d\n" % process)


def _reap(running: dict[int, int]) -> None:
    while running:
        process, status = os.waitpid(-1, os.WNOHANG)
        if process == 0:
            return
        pipe = running.pop(process)
        with suppress(BrokenPipeError):  # nobody wants to know
            os.write(pipe, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(pipe)


def _become(request: Mapping[str, object], streams: Sequence[int]) -> list[str]:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    environment, command = request["environment"], request["command"]
    assert isinstance(environment, dict)
    assert isinstance(command, list)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(str(request["folder"]))
    return command


def _run(command: list[str]) -> None:
    if command[0] == sys.executable:
        sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        if command[1] == "-m":
            sys.argv = command[2:]
            sys.path[0] = os.getcwd()
            runpy.run_module(command[2], run_name="__main__", alter_sys=True)
            return
        sys.argv = command[1:]
        sys.path[0] = str(Path(sys.argv[0]).parent)
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    sys.argv = command
    sys.path[0] = str(Path(command[0]).parent)
    from tecken.commands.main import main

    main()


def _end(status: object) -> None:
    """End as Python does, but for taking all modules apart, which would copy what the forks share."""
    if not isinstance(status, int):
        sys.stderr.write(f"{status}\n" if status is not None else "")
        status = int(status is not None)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with suppress(OSError):  # nobody reads it; Python itself has a status of its own for that
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)
    sys.exit(status)


if __name__ == "__main__":
    _import_all()
    try:
        _run(_serve(socket.socket(fileno=int(sys.argv[1]))))
    except SystemExit as ended:
        _end(ended.code)
    _end(0)
