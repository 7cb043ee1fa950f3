# SPDX-License-Identifier: MPL-2.0

"""``tecken signin-link``: a way in without a provider."""

from urllib.parse import urlencode

import click

from tecken.commands.django import with_database


@click.command()
@click.argument("email")
@click.option(
    "--url",
    envvar="TECKEN_URL",
    show_envvar=True,
    help="The server. [default: the one that runs on this data folder]",
)
@with_database
def command(email: str, url: str | None) -> None:
    """Print a link that signs a person in, once, within 10 minutes.

    The person is created if needed.

    \b
    Example:
      tecken signin-link you@example.com
    """
    from django.conf import settings

    from tecken.accounts.audit import COMMAND_LINE
    from tecken.accounts.signin_links import make_link
    from tecken.commands.people import active_person
    from tecken.web.data_dir import noted_url

    key = make_link(active_person(email), by=COMMAND_LINE)
    here = noted_url(settings.DATA_DIR) or f"http://localhost:{settings.SERVE_PORT}"
    click.echo(f"{(url or here).rstrip('/')}/signin-link/?{urlencode({'key': key})}")
