# SPDX-License-Identifier: MPL-2.0

"""``tecken createtoken``: an API token for a person or a build system."""

import click

from tecken.commands.django import with_database


@click.command()
@click.argument("email")
@click.option(
    "--permission",
    "names",
    multiple=True,
    help="What the token may do: upload_symbols, upload_try_symbols or view_all_uploads. Repeatable. "
    "Every token reads symbols where that needs a login.",
)
@click.option("--days", type=click.IntRange(min=1), help="When it ends. [default: 365]")
@click.option("--notes", default="", help="What it is for.")
@with_database
def command(email: str, names: tuple[str, ...], days: int | None, notes: str) -> None:
    """Make an API token and print its key, which cannot be shown again.

    The owner is created if needed, and gets the permissions that the token needs.

    \b
    Example:
      tecken createtoken you@example.com --permission upload_symbols
      tecken createtoken you@example.com --notes "my debugger"
    """
    from django.conf import settings
    from django.db import transaction

    from tecken.accounts.audit import COMMAND_LINE
    from tecken.accounts.groups import token_permission
    from tecken.accounts.people import grant
    from tecken.accounts.tokens.services import create_token
    from tecken.commands.people import active_person

    permissions = [token_permission(name) for name in names]
    with transaction.atomic():
        user = active_person(email)
        grant(user, permissions, by=COMMAND_LINE)
        lifetime_days = days or settings.TOKENS_DEFAULT_EXPIRATION_DAYS
        new = create_token(user, permissions, days=lifetime_days, notes=notes, by=COMMAND_LINE)
    click.echo(new.key)
