# SPDX-License-Identifier: MPL-2.0

"""``tecken is-blocked-in-auth0``: what the blocked check would find."""

import click

from tecken.commands.django import with_database


@click.command("is-blocked-in-auth0")
@click.argument("email")
@with_database
def command(email: str) -> None:
    """Ask Auth0 whether a person is blocked, as the server does now and then; it changes nothing.

    \b
    Example:
      tecken is-blocked-in-auth0 you@example.com
    """
    from tecken.accounts.auth0 import Standing, standing_of
    from tecken.accounts.models import User

    standing = standing_of(email)
    click.echo(f"{email} {standing.value} in Auth0.")
    if standing is Standing.UNKNOWN:
        has_used_it = User.objects.filter(email__iexact=email, has_used_provider=True).exists()
        click.echo(
            "That counts as blocked, since this person signed in by it before."
            if has_used_it
            else "That is no reason to let nobody in, since this person never signed in by it."
        )
