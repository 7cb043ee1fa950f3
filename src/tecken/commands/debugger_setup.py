# SPDX-License-Identifier: MPL-2.0

"""``tecken debugger-setup``: what makes a debugger ask a server for symbols."""

import click

from tecken.client.debugger_setup import DEBUGGERS, setup_steps
from tecken.commands.options import url_option


@click.command()
@click.argument("debugger", type=click.Choice(list(DEBUGGERS)))
@url_option
def command(debugger: str, url: str) -> None:
    """Print the lines to paste that make a debugger or profiler ask a server for symbols.

    \b
    Example:
      tecken debugger-setup gdb --url https://symbols.example.com
    """
    for step in setup_steps(debugger, url):
        click.echo(f"# {step.about}\n{step.text}\n")
