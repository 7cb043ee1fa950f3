# SPDX-License-Identifier: MPL-2.0

"""``tecken completion``: commands and options, completed by the shell."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

_SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def command(shell: str) -> None:
    """Print what makes a shell complete commands and options.

    \b
    Example:
      echo 'eval "$(tecken completion bash)"' >> ~/.bashrc
      echo 'eval "$(tecken completion zsh)"' >> ~/.zshrc
      tecken completion fish > ~/.config/fish/completions/tecken.fish
    """
    from tecken.commands.main import cli

    click.echo(_SHELLS[shell](cli, {}, "tecken", "_TECKEN_COMPLETE").source())
