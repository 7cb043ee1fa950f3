# SPDX-License-Identifier: MPL-2.0

"""What the commands that call a server share: their options, their errors, a progress bar."""

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator

import click

from tecken.client.errors import ClientError
from tecken.client.server import RetryPolicy, Server
from tecken.client.terminal import human_size, printable
from tecken.core.errors import TeckenError

DEFAULT_URL = "http://localhost:8000"

_LINE_SECONDS = 10.0
_LARGE_BYTES = 16 * 1024 * 1024  # what a server takes some time to check and store

Progress = Callable[[int, int | None], None]


url_option = click.option(
    "--url",
    envvar="TECKEN_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    help="The server.",
)


def server_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--url``, ``--token`` and ``--retries``, and pass it the ``server`` they name."""

    @url_option
    @click.option("--token", envvar="TECKEN_TOKEN", show_envvar=True, help="An API token.")
    @click.option(
        "--retries",
        type=click.IntRange(0, 100),
        default=RetryPolicy().retries,
        show_default=True,
        help="How often to ask again after 429, 5xx or no answer.",
    )
    @functools.wraps(function)
    def command(url: str, token: str | None, retries: int, **options: object) -> None:
        with errors_in_one_line(), Server(url, token, RetryPolicy(retries, notify=note)) as server:
            function(server=server, **options)

    return command


@contextlib.contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn what can go wrong for the caller into one line and exit code 1."""
    try:
        yield
    except (ClientError, TeckenError) as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        raise  # whoever read our output has seen enough; click ends quietly
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{name}{error.strerror or error}") from error


def note(message: str) -> None:
    """Tell a person something that is no part of the output."""
    click.echo(printable(message), err=True)


@contextlib.contextmanager
def progress_bar(label: str, afterwards: str = "") -> Iterator[Progress]:
    """Show how far something is while the block runs: a bar on a terminal, elsewhere a line now and then.

    ``afterwards`` says what is waited for once all bytes have gone.
    """
    if not sys.stderr.isatty():
        yield _Lines(label, afterwards)
        return
    # Imported when it is used: most scripts have no terminal.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    label = printable(label)

    def show(done: int, total: int | None) -> None:
        is_waiting = bool(afterwards) and done == total
        shown = f"{label}: {afterwards}" if is_waiting else label
        bar.update(task, description=shown, completed=done, total=None if is_waiting else total)

    with bar:
        task = bar.add_task(label, total=None)
        yield show


class _Lines:
    """Says how far something is, where it takes long."""

    def __init__(self, label: str, afterwards: str) -> None:
        self._label = label
        self._afterwards = afterwards
        self._began = self._said = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if done == total:
            if self._afterwards and (done >= _LARGE_BYTES or self._said > self._began):
                note(f"{self._label}: {human_size(done)} sent, {self._afterwards}")
        elif now - self._said >= _LINE_SECONDS:
            self._said = now
            of = f" of {human_size(total)}" if total else ""
            note(f"{self._label}: {human_size(done)}{of}")
