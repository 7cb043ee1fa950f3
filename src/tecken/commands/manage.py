# SPDX-License-Identifier: MPL-2.0

"""``tecken manage``: Django's own commands."""

import os
import sys

import click


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands.

    \b
    Example:
      tecken manage migrate
    """
    from django.core.management import execute_from_command_line

    from tecken.web.database_limits import patience

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")
    sys.argv[1:2] = []  # Django's help then names this command as it is called
    with patience():
        execute_from_command_line(["tecken manage", *arguments])
