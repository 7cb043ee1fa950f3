# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken settings``: what every variable is, and why."""

import re

import click

_MASK = "********"
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|_TOKEN$|DSN$")
# As much as could be a password: up to the last "@", as one may have a slash or an "@" in it.
_USER_INFO = re.compile(r"://[^\s,]*@")
_SECRET_QUERY = re.compile(
    r"([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&,\s]*", re.IGNORECASE
)


@click.command()
def command() -> None:
    """List the effective settings, and where each comes from. Credentials are masked.

    It starts nothing, and asks no service: `tecken check` does.

    \b
    Example:
      tecken settings
    """
    from tecken.settings import env

    for reading in sorted(env.readings.values(), key=lambda reading: reading.name):
        shown = masked(reading.name, reading.text)
        click.echo(f"{reading.name}={shown}  ({reading.origin})")


def masked(name: str, text: str) -> str:
    """Return a value without what nobody should read over a shoulder."""
    if text and _SECRET_NAME.search(name):
        return _MASK
    return _SECRET_QUERY.sub(rf"\1{_MASK}", _USER_INFO.sub(f"://{_MASK}@", text))
