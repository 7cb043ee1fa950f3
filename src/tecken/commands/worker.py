# SPDX-License-Identifier: MPL-2.0

"""``tecken worker``: runs background tasks beside the server."""

import os

import click

from tecken.commands.django import migrate, setup_django


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(min=1), help="Tasks at a time. [default: processors]"
)
@click.option("--purge", is_flag=True, hidden=True)  # what compose files of others may still say
@click.option("--host", default="127.0.0.1", show_default=True, help="The address for --port.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Answer /metrics and the health checks here."
)
def command(concurrency: int | None, purge: bool, host: str, port: int | None) -> None:
    """Run background tasks, and periodic ones by the clock.

    Needs REDIS_URL, which carries word of new tasks; without it the server runs them itself. Any
    number of workers may run.

    \b
    Example:
      tecken worker --concurrency 4
      tecken worker --port 8001
    """
    os.environ["TECKEN_BEGINS_DATA"] = "true"
    if port is not None:
        os.environ["TECKEN_SERVE_ONLY"] = ""  # nothing but what every process answers
    setup_django()

    from django.conf import settings

    from tecken.celery import app
    from tecken.web.data_dir import data_in_use
    from tecken.web.databases import checkpoint_database, close_connections

    if not settings.CELERY_BROKER_URL:
        raise click.ClickException(
            "REDIS_URL is not set: the server runs its background tasks itself"
        )
    click.get_current_context().with_resource(data_in_use(settings.DATA_DIR))
    migrate()
    if purge:
        text = "--purge drops nothing any more: tasks that wait are run; see `tecken tasks drop --help`"
        click.echo(text, err=True)
    close_connections()  # processes are forked, and must not share one
    # Ticks have a queue of their own, so that they do not wait behind many tasks.
    options = ["--queues=tecken,ticks"]
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    processes = concurrency or os.cpu_count() or 1
    options += [f"--concurrency={processes}"]
    if port is not None:
        from tecken.commands.beside_worker import BesideWorker

        beside = BesideWorker(host, port, processes)
        click.echo(f"Metrics and health checks are on http://{host}:{beside.port}")
    try:
        app.worker_main(["--quiet", "worker", *options])
    finally:
        checkpoint_database()
