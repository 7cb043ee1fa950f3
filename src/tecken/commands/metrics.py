# SPDX-License-Identifier: MPL-2.0

"""``tecken metrics``: the metrics that were seen."""

import click

from tecken.commands.django import setup_django


@click.command()
def command() -> None:
    """List the metrics that were seen, with how often.

    They are noted in the data folder where DJANGO_CONFIGURATION is Localdev.

    \b
    Example:
      tecken metrics
    """
    setup_django()

    from django.conf import settings

    from tecken.web.metric_sinks import noted_counts

    if settings.NOTED_METRICS is None:
        raise click.ClickException("metrics are noted only where DJANGO_CONFIGURATION is Localdev")
    for key, count in noted_counts(settings.NOTED_METRICS).items():
        click.echo(f"{count:10} {key}")
