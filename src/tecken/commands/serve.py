# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken serve``: the production server."""

import errno
import faulthandler
import gc
import http.client
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tecken.web.leaving import (
    LEAVE_SECONDS,
    LeavingMiddleware,
    WorkerLife,
    take_no_new_connections,
)
from tecken.web.parts import PARTS

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

    from tecken.web.drain import WsgiApplication

# Short requests need threads that long ones leave free; docs/adr/0002-server.md has the figures.
BLOCKING_THREADS = 16
DRAIN_SECONDS = 60  # how long requests under way may take after SIGTERM
WATCH_SECONDS = 0.5  # how soon a worker notices that the main process is gone
ORPHAN_SECONDS = 5  # the same, when the main process was killed and the port is needed again


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one. [default: 8000]")
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes. [default: 4]")
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice(PARTS),
    help="Answer only this part of the URLs. Repeatable.",
)
@click.option("--reload", is_flag=True, help="Start again when the code changes, for development.")
def command(
    host: str, port: int | None, workers: int | None, parts: tuple[str, ...], reload: bool
) -> None:
    """Run the server: migrate the database, answer requests, finish them on SIGTERM.

    \b
    Example:
      tecken serve --port 8000 --workers 2
      tecken serve --only symbolication
    """
    from tecken.commands.django import migrate, setup_django
    from tecken.local_provider.beside import local_provider

    if parts:
        os.environ["TECKEN_SERVE_ONLY"] = ",".join(parts)
    with local_provider() as provider:
        os.environ["TECKEN_LOCAL_PROVIDER_PORT"] = str(provider.port)
        setup_django()

        from django.conf import settings

        from tecken.web.redis import warn_of_store

        # A fault in any view stops the start here, instead of failing every request later.
        import_module(settings.ROOT_URLCONF)
        port = find_port(host, settings.SERVE_PORT if port is None else port)
        migrate()
        warn_of_store()
        if settings.LOCAL_PROVIDER:
            provider.run(settings.LOCAL_PROVIDER, settings.DATA_DIR)
        else:
            provider.end()
        run_workers(host, port, workers or settings.SERVE_WORKERS, reload=reload)


def find_port(host: str, port: int) -> int:
    """Return the port if it can be listened on; for 0 a free one.

    Workers share their port in a way that lets any other server of the same user share it too, so
    that one that is taken would not be noticed later. The probe does not listen: it would take
    connections of clients that wait for this server, and drop them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "it is already in use" if taken else error.strerror or str(error)
            raise click.ClickException(f"cannot listen on {host}:{port}: {reason}") from None
        bound_port: int = probe.getsockname()[1]
        return bound_port


def run_workers(host: str, port: int, workers: int, *, reload: bool) -> None:
    """Run worker processes until this one is told to stop."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from tecken.commands.gentle_server import GentleServer

    if reload:
        # A forked worker would have the modules of this process, so no change would be seen.
        multiprocessing.set_start_method("spawn")
    server = GentleServer(
        "tecken.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.error,
        reload=reload,
        reload_paths=[Path(__file__).parents[1]],
    )
    # A worker that is told to leave while it is being forked must not die of it: that counts as a failure.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    # A worker inherits handlers that only the main process can act on. Told to stop before it has
    # its own, it would not, and be waited for.
    os.register_at_fork(after_in_child=_stop_at_once_when_told)
    threading.Thread(target=announce, args=(server,), daemon=True).start()
    server.serve(target_loader=load_application, wrap_loader=False)


def _stop_at_once_when_told() -> None:
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, signal.SIG_DFL)


def load_application() -> "WsgiApplication":
    """Return the application, in a worker process that will not outlive the main one."""
    faulthandler.enable()  # what a crash of a library was called by is in the log
    life = WorkerLife()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        _watch_over_the_end(parent.pid, life)
    from tecken.commands.django import setup_django

    setup_django()  # a worker that was not forked begins with nothing
    from tecken.download.recorder import recorder
    from tecken.jobs.queues import task_queue
    from tecken.symbolication.counts import request_counter
    from tecken.upload.tasks import sweep_spools
    from tecken.web.sources import prepare_clients
    from tecken.wsgi import application

    # Also here: where workers run the tasks, they may have other disks. Whoever of this node has
    # died was started again, and comes by.
    sweep_spools.clean()
    task_queue().start()
    recorder().start()
    request_counter().start()
    threading.Thread(target=prepare_clients, daemon=True).start()
    # What is loaded stays. To look through it took two thirds of a full garbage collection, for which
    # some request waits.
    gc.collect()
    gc.freeze()
    return LeavingMiddleware(application, life)


def _watch_over_the_end(parent_pid: int, life: WorkerLife) -> None:
    """Let no SIGTERM be lost, and let the process end when its parent is gone.

    A worker has its handlers a moment before granian listens to them; what comes in between is
    lost, and the server waited a minute for such a worker (seen in one of 50 starts that were
    ended at once). So Python notes each signal in a pipe, too, and SIGTERM is sent again until it
    works. But not once there was a request: the worker listens then, and granian stops one that is
    told twice in the middle of a request: it never reads on, and its client gets no answer.
    SIGUSR1, which comes before, tells the worker to leave.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    threading.Thread(target=_end_in_time, args=(parent_pid, reader, life), daemon=True).start()


def _end_in_time(parent_pid: int, signals: socket.socket, life: WorkerLife) -> None:
    signals.settimeout(WATCH_SECONDS)
    told_to_end = False
    while os.getppid() == parent_pid:
        try:
            told = signals.recv(64)
        except TimeoutError:
            if told_to_end and not life.asked.is_set():
                os.kill(os.getpid(), signal.SIGTERM)
            continue
        told_to_end = told_to_end or signal.SIGTERM in told
        if signal.SIGUSR1 in told:
            life.leaving.set()
            time.sleep(LEAVE_SECONDS)
            take_no_new_connections()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)


def announce(server: "AbstractServer[Any]") -> None:
    """Print the server's URL as soon as it really answers."""
    from django.conf import settings

    host, port = server.bind_addr, server.bind_port
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    # A worker must not be forked while this thread holds a lock that the worker would inherit.
    while len(server.wrks) < server.workers:
        time.sleep(0.01)
    while not _answers(address, port):
        time.sleep(0.05)
    shown = "localhost" if address in {"127.0.0.1", "::1"} else address
    click.echo(f"Tecken answers on http://{shown}:{port}")
    if settings.LOCAL_PROVIDER:
        click.echo(f"Accounts to sign in with are made on {settings.LOCAL_PROVIDER.url}")
    sys.stdout.flush()


def _answers(address: str, port: int) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/__lbheartbeat__", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
