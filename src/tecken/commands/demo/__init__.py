# SPDX-License-Identifier: MPL-2.0

"""``tecken demo``: a small set of people, uploads, tokens and misses to explore a server with."""

import click

from tecken.commands.django import with_database


@click.command()
@click.option("--remove", is_flag=True, help="Take it all away again.")
@click.option("--yes", is_flag=True, help="Load it into a server that has uploads already, too.")
@with_database
def command(remove: bool, yes: bool) -> None:
    """Load a small demo: people, their uploads and tokens, missing symbols, and figures of 30 days.

    All people are of demo.example, and all files begin with "demo-". The symbols go into the bucket
    like any others, so they can be downloaded and symbolicated with.

    \b
    Example:
      tecken demo
      tecken signin-link builder@demo.example
      tecken demo --remove
    """
    from tecken.commands.demo.people import demo_people
    from tecken.commands.demo.whole import load_demo, remove_demo
    from tecken.upload.models import Upload

    people = demo_people()
    if remove:
        click.echo(remove_demo(people) if people else "There is no demo here.")
        return
    if people:
        raise click.ClickException("the demo is here already; tecken demo --remove takes it away")
    if not yes and Upload.objects.exists():
        raise click.ClickException("this server has uploads already; --yes adds the demo to them")
    click.echo(load_demo())
