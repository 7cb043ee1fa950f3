# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken worker``: runs background tasks beside the server."""

import os

import click

from tecken.commands.django import close_connections, migrate, setup_django


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(min=1), help="Tasks at a time. [default: processors]"
)
@click.option("--purge", is_flag=True, help="Drop all tasks that wait, for development.")
def command(concurrency: int | None, purge: bool) -> None:
    """Run background tasks, and periodic ones by the clock.

    Needs REDIS_URL, which carries word of new tasks; without it the server runs them itself. Any
    number of workers may run.

    \b
    Example:
      tecken worker --concurrency 4
    """
    os.environ["TECKEN_BEGINS_DATA"] = "true"
    setup_django()

    from django.conf import settings

    from tecken.celery import app
    from tecken.jobs.services import purge as purge_rows
    from tecken.web.databases import checkpoint_database

    if not settings.CELERY_BROKER_URL:
        raise click.ClickException(
            "REDIS_URL is not set: the server runs its background tasks itself"
        )
    migrate()
    if purge:
        click.echo(f"Dropped {purge_rows()} waiting tasks")
    close_connections()  # processes are forked, and must not share one
    # Ticks have a queue of their own, so that they do not wait behind many tasks.
    options = ["--queues=tecken,ticks"]
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    options += [f"--concurrency={concurrency}"] if concurrency else []
    options += ["--purge"] if purge else []
    try:
        app.worker_main(["--quiet", "worker", *options])
    finally:
        checkpoint_database()
