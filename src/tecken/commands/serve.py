# SPDX-License-Identifier: MPL-2.0

"""``tecken serve``: the production server."""

import errno
import faulthandler
import gc
import os
import shlex
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tecken.web.url_groups import PARTS

if TYPE_CHECKING:
    from tecken.edge.limits import EdgeLimits
    from tecken.edge.supervisor import RunWorker


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

    if reload:
        restart_on_changes()
        return
    if parts:
        os.environ["TECKEN_SERVE_ONLY"] = ",".join(parts)
    os.environ["TECKEN_BEGINS_DATA"] = "true"
    with local_provider() as provider:
        os.environ["TECKEN_LOCAL_PROVIDER_PORT"] = str(provider.port)
        setup_django()

        from django.conf import settings

        from tecken.web.data_dir import data_in_use
        from tecken.web.generations import prepare_generations
        from tecken.web.redis import warn_of_store

        click.get_current_context().with_resource(data_in_use(settings.DATA_DIR))
        # A fault in any view stops the start here, instead of failing every request later.
        import_module(settings.ROOT_URLCONF)
        listener = bind(host, settings.SERVE_PORT if port is None else port)
        migrate()
        prepare_generations()
        warn_of_store()
        if settings.LOCAL_PROVIDER:
            provider.run(settings.LOCAL_PROVIDER, settings.DATA_DIR)
        else:
            provider.end()
        run_workers(listener, workers or settings.SERVE_WORKERS)


def restart_on_changes() -> None:
    """Run the same command without ``--reload``, and anew after each change of the code."""
    import watchfiles

    arguments = [argument for argument in sys.argv if argument != "--reload"]
    watchfiles.run_process(
        Path(__file__).parents[1],
        target=shlex.join([sys.executable, *arguments]),
        target_type="command",
        watch_filter=watchfiles.PythonFilter(),
    )


def bind(host: str, port: int) -> socket.socket:
    """Return a socket on the port, a free one for 0, on which nobody listens yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "it is already in use" if taken else error.strerror or str(error)
        raise click.ClickException(f"cannot listen on {host}:{port}: {reason}") from None
    return listener


def run_workers(listener: socket.socket, workers: int, run: "RunWorker | None" = None) -> None:
    """Run worker processes until this one is told to stop; ``run`` is what each does."""
    from django.conf import settings

    from tecken.edge.sockets import allow_descriptors, listen
    from tecken.edge.supervisor import Supervisor
    from tecken.web.data_dir import noted_server
    from tecken.web.databases import checkpoint_database
    from tecken.web.metric_values import TALLIES

    TALLIES.share(workers)
    limits = edge_limits()
    allow_descriptors(limits.max_connections)
    listen(listener)
    # What is loaded stays. To look through it took two thirds of a full garbage collection, for which some
    # request waits; and a worker that looks through it has a copy of its own.
    gc.collect()
    gc.freeze()
    host, port = listener.getsockname()[:2]
    silence = settings.SERVE_TIMEOUT
    url = f"http://{_shown(host)}:{port}"
    with noted_server(settings.DATA_DIR, url):
        Supervisor(
            listener,
            workers,
            run or run_worker,
            silence,
            on_ready=lambda: announce(url),
            on_start=TALLIES.take,
            on_end=TALLIES.forget,
        ).run()
    checkpoint_database()  # so that a copy of the one file is a backup


def run_worker(listener: socket.socket, channel: socket.socket) -> None:
    """Be a worker process: prepare the application, and serve."""
    faulthandler.enable()  # what a crash of a library was called by is in the log
    from tecken.download.recorder import recorder
    from tecken.edge.worker import Worker
    from tecken.jobs.queues import task_queue
    from tecken.symbolication.daily_counts import request_counter
    from tecken.symbolication.tasks import sweep_minidumps
    from tecken.upload.tasks import sweep_spools
    from tecken.web.gauges import measure_each_second
    from tecken.web.metrics import CONNECTIONS, UPLOADS_RUNNING, WORKERS
    from tecken.web.sources import prepare_clients
    from tecken.wsgi import application

    # Also here: where workers run the tasks, they may have other disks. Whoever of this node has
    # died was started again, and comes by.
    sweep_spools.clean()
    sweep_minidumps.clean()
    task_queue().start()
    recorder().start()
    request_counter().start()
    WORKERS.set(1)
    for gauge in (CONNECTIONS, UPLOADS_RUNNING):
        gauge.set(0)  # 0 is said, too
    measure_each_second()
    threading.Thread(target=prepare_clients, daemon=True).start()
    gc.freeze()
    Worker(listener, channel, application, edge_limits()).run()


def edge_limits() -> "EdgeLimits":
    """Return the limits of the settings."""
    from django.conf import settings

    from tecken.edge.limits import EdgeLimits

    return EdgeLimits(
        header_seconds=settings.HEADER_SECONDS,
        body_idle_seconds=settings.BODY_IDLE_SECONDS,
        body_min_bytes_per_second=settings.BODY_MIN_BYTES_PER_SECOND,
        body_max_seconds=settings.BODY_MAX_SECONDS,
        answer_idle_seconds=settings.ANSWER_IDLE_SECONDS,
        max_connections=settings.MAX_CONNECTIONS,
        spool_max_bytes=settings.SPOOL_MAX_BYTES,
        min_free_bytes=settings.UPLOAD_MIN_FREE_BYTES,
        spool_folder=settings.DATA_DIR / "tmp" / "requests",
    )


def announce(url: str) -> None:
    """Print the server's URL, as it answers now, and where its data is."""
    from django.conf import settings

    click.echo(f"Tecken answers on {url}")
    click.echo(f"Data is kept in {settings.DATA_DIR}")
    if settings.LOCAL_PROVIDER:
        click.echo(f"Accounts to sign in with are made on {settings.LOCAL_PROVIDER.url}")
    sys.stdout.flush()


def _shown(host: str) -> str:
    """Return the name under which this machine reaches an address that is listened on."""
    if host in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host
