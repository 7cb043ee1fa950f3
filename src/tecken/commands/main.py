# SPDX-License-Identifier: MPL-2.0

"""The group of all commands. A command's module is imported when it is called, and no sooner."""

import sys
from importlib import import_module
from importlib.util import find_spec

import click

from tecken.core.errors import TeckenError
from tecken.env import SettingError

CLIENT_COMMANDS = {
    "upload": "Upload zips, symbol files, or folders of them.",
    "check-symbols": "Say what files of a build are, before they are uploaded.",
    "delete": "Take back an upload, a file, or files by their keys.",
    "download": "Download symbol files.",
    "symbolicate": "Turn addresses into functions, files and lines.",
    "check": "Tell everything that is wrong with a server, or the way to one.",
    "make-a-zip": "Download symbol files into a zip that can be uploaded.",
    "end-to-end-test": "Upload to a server what another one took.",
    "debugger-setup": "Print what makes a debugger ask a server for symbols.",
    "dsym-for-uuid": "Download the dSYM of a UUID, for LLDB on macOS.",
    "completion": "Print what completes commands and options in a shell.",
}
SERVER_COMMANDS = {
    "serve": "Run the server.",
    "worker": "Run background tasks beside the server.",
    "tasks": "List, retry and drop background tasks.",
    "healthy": "Say whether the server or worker here is alive, for health checks.",
    "superuser": "Make a person a superuser, or take it back.",
    "createtoken": "Make an API token and print its key.",
    "tokens": "List and end API tokens.",
    "signin-link": "Print a link that signs a person in.",
    "demo": "Load a small demo, or remove it.",
    "is-blocked-in-auth0": "Ask Auth0 whether a person is blocked.",
    "import-uploaders": "Take over people and their tokens from a file.",
    "import-tecken": "Bring the database of Mozilla's Tecken.",
    "derive": "Derive symbols from native files that are in buckets.",
    "cleanup": "Remove what is too old.",
    "backup": "Make a backup of a single machine, while its server runs.",
    "restore": "Restore what backup has written.",
    "settings": "List the settings, and where each comes from.",
    "metrics": "List the metrics that were seen.",
    "nginx-config": "Print a configuration of nginx.",
    "manage": "Run one of Django's own commands.",
}
COMMANDS = {**CLIENT_COMMANDS, **SERVER_COMMANDS}


class CommandGroup(click.Group):
    """Finds ``make-a-zip`` in ``tecken.commands.make_a_zip``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in SERVER_COMMANDS and not has_server():
            # Completion and help look at each command, and this one has no more to tell.
            return click.Command(cmd_name, callback=_refuse, context_settings=_TAKES_ALL)
        module = import_module(f"tecken.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=COMMANDS, ctx=ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in (
            ("To talk to a server", CLIENT_COMMANDS),
            ("To run one", SERVER_COMMANDS),
        ):
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


_TAKES_ALL = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def has_server() -> bool:
    """Say whether the packages of the server are installed beside those of the client."""
    return find_spec("django") is not None


def _refuse() -> None:
    raise click.ClickException(
        "this needs the server, and only the client is installed: pip install 'tecken[server]'"
    )


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
