# SPDX-License-Identifier: MPL-2.0

"""``tecken superuser``: who may do everything."""

import click

from tecken.commands.django import with_database


@click.command()
@click.argument("email", required=False)
@click.option("--demote", is_flag=True, help="Take it back.")
@with_database
def command(email: str | None, demote: bool) -> None:
    """Make a person a superuser; one who is not known yet is created.

    \b
    Example:
      tecken superuser you@example.com
    """
    from tecken.accounts.audit import COMMAND_LINE
    from tecken.accounts.people import set_superuser
    from tecken.commands.people import person

    user = person(email if email is not None else click.prompt("Email"))
    set_superuser(user, not demote, by=COMMAND_LINE)
    click.echo(f"{user.email} is {'no longer' if demote else 'now'} a superuser.")
