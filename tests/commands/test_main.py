# SPDX-License-Identifier: MPL-2.0

import subprocess
import sys

import pytest
from click.testing import CliRunner

from tecken.commands.main import COMMANDS, cli


def test_the_help_lists_every_command_and_imports_none() -> None:
    script = (
        "import sys; from tecken.commands.main import cli; cli(['--help'], standalone_mode=False);"
        "print(sorted(set(sys.modules) & {'django', 'granian', 'httpx2', 'rich'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "manage"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert f"tecken {name}" in result.output.partition("Example")[2]


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(cli, ["sing"])
    assert result.exit_code == 2
    assert "sing" in result.output


def test_a_misspelt_command_is_suggested() -> None:
    assert "Did you mean 'upload'?" in CliRunner().invoke(cli, ["uplod"]).output


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", {"COMP_WORDS": "tecken symb", "COMP_CWORD": "1"}),
        ("zsh", {"COMP_WORDS": "tecken symb", "COMP_CWORD": "1"}),
        ("fish", {"COMP_WORDS": "tecken symb", "COMP_CWORD": "symb"}),
    ],
)
def test_shells_complete_commands(shell: str, words: dict[str, str]) -> None:
    script = CliRunner().invoke(cli, ["completion", shell]).output
    assert "_TECKEN_COMPLETE" in script
    done = subprocess.run(
        [sys.executable, "-m", "tecken"],
        env={"_TECKEN_COMPLETE": f"{shell}_complete", **words},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "symbolicate" in done.stdout
