# SPDX-License-Identifier: MPL-2.0

"""``tecken settings``: what every variable is, and why."""

import click


@click.command()
def command() -> None:
    """List the effective settings, and where each comes from. Credentials are masked.

    It starts nothing, and asks no service: `tecken check` does.

    \b
    Example:
      tecken settings
    """
    from tecken.settings.environment import env
    from tecken.web.shown_settings import shown_settings

    for reading in shown_settings(env.readings):
        click.echo(f"{reading.name}={reading.text}  ({reading.origin})")
