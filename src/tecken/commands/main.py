# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The group of all commands. A command's module is imported when it is called, and no sooner."""

import sys
from importlib import import_module

import click

from tecken.core.errors import TeckenError
from tecken.env import SettingError

# What `tecken --help` says of each: it must not import them all to know.
COMMANDS = {
    "serve": "Run the server.",
    "worker": "Run background tasks beside the server.",
    "tasks": "List, retry and drop background tasks.",
    "superuser": "Make a person a superuser, or take it back.",
    "createtoken": "Make an API token and print its key.",
    "signin-link": "Print a link that signs a person in.",
    "demo": "Load a small demo, or remove it.",
    "is-blocked-in-auth0": "Ask Auth0 whether a person is blocked.",
    "import-uploaders": "Take over people and their tokens from a file.",
    "cleanup": "Remove what is too old.",
    "settings": "List the settings, and where each comes from.",
    "metrics": "List the metrics that were seen.",
    "check": "Tell everything that is wrong with the settings.",
    "nginx-config": "Print a configuration of nginx.",
    "manage": "Run one of Django's own commands.",
    "upload": "Upload zips, symbol files, or folders of them.",
    "download": "Download symbol files.",
    "symbolicate": "Turn addresses into functions, files and lines.",
    "make-a-zip": "Download symbol files into a zip that can be uploaded.",
    "end-to-end-test": "Upload to a server what another one took.",
}


class CommandGroup(click.Group):
    """Finds ``make-a-zip`` in ``tecken.commands.make_a_zip``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"tecken.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tecken")
def cli() -> None:
    """Tecken, a symbol server: run it, and talk to one."""


def main() -> None:
    """Run a command; what went wrong becomes one line on standard error, one per wrong setting."""
    try:
        cli(prog_name="tecken")
    except SettingError as error:
        for problem in error.problems:
            click.echo(f"Error: {problem}", err=True)
        sys.exit(1)
    except (TeckenError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
