# SPDX-License-Identifier: MPL-2.0

"""``tecken delete``: take back what was uploaded."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TextIO

import click

from tecken.client.delete import MAX_KEYS, Deleted, delete_file, delete_keys, delete_upload
from tecken.client.errors import ClientError, RefusedByServerError
from tecken.client.server import Server
from tecken.client.terminal import printable
from tecken.commands.options import note, server_options

EXIT_PARTLY = 3
EXIT_REFUSED = 4
_LOOK_AGAIN_SECONDS = 5
_IDS = click.IntRange(1, 2**63 - 1)
_SAYS = {
    "removed": "removed",
    "kept": "kept, as another upload has brought it, too",
    "out_of_reach": "not removed, as no uploads go to its bucket now",
    "pending": "removed in the background",
}

Send = Callable[[], Deleted]


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--upload", "uploads", type=_IDS, multiple=True, help="All that an upload stored.")
@click.option("--file", "files", type=_IDS, multiple=True, help="One file, by its number.")
@click.option(
    "--keys-from", type=click.File("r", encoding="utf-8"), help="A file of keys, one a line."
)
@click.option("--reason", required=True, help="Why; the audit trail has it, too.")
@click.option("--wait", is_flag=True, help="Wait for what is removed in the background.")
@click.option("--quiet", is_flag=True, help="Do not list the keys.")
@server_options
def command(
    server: Server,
    keys: tuple[str, ...],
    uploads: tuple[int, ...],
    files: tuple[int, ...],
    keys_from: TextIO | None,
    reason: str,
    wait: bool,
    quiet: bool,
) -> None:
    """Take back a wrong upload, a file, or all of your files under some keys.

    KEY is that of an object (v1/xul.pdb/44E4…/xul.sym) or of a URL (xul.pdb/44E4…/xul.sym). Of keys,
    all are deleted or none. What another upload has brought, too, stays. What a file had replaced
    does not return: upload it again.

    \b
    Exit code: 0 everything is removed, 3 something stays or is still being removed,
    4 the server refused, 1 anything else went wrong, 2 the options are wrong.

    \b
    Example:
      tecken delete --upload 17 --reason "built from the wrong tree"
    """
    if not server.has_token:
        raise ClientError("deleting needs an API token: --token or TECKEN_TOKEN")
    if not reason.strip():
        raise click.UsageError("--reason must not be empty")
    requests = _requests(server, uploads, files, [*keys, *_lines(keys_from)], reason.strip())
    if not requests:
        raise click.UsageError("name keys, or an upload or a file by its number")
    whole = True
    for send in requests:
        try:
            deleted = _send(send, wait=wait)
        except RefusedByServerError as error:
            note(f"Error: {error}")
            raise click.exceptions.Exit(EXIT_REFUSED) from error
        _print(deleted, quiet=quiet)
        whole = whole and not (
            deleted.kept_count or deleted.pending_count or deleted.out_of_reach_count
        )
    raise click.exceptions.Exit(0 if whole else EXIT_PARTLY)


def _lines(file: TextIO | None) -> list[str]:
    try:
        return [line.strip() for line in file or () if line.strip()]
    except UnicodeDecodeError as error:
        raise click.UsageError(f"--keys-from: the file is not UTF-8: {error.reason}") from error


def _requests(
    server: Server, uploads: Sequence[int], files: Sequence[int], keys: Sequence[str], reason: str
) -> list[Send]:
    if len(keys) > MAX_KEYS:
        raise click.UsageError(f"at most {MAX_KEYS} keys at once, as all are deleted or none")
    requests: list[Send] = [partial(delete_upload, server, pk, reason) for pk in uploads]
    requests += [partial(delete_file, server, pk, reason) for pk in files]
    if keys:
        requests.append(partial(delete_keys, server, keys, reason))
    return requests


def _send(send: Send, *, wait: bool) -> Deleted:
    """Send a request; with ``wait`` again until nothing is left to the background."""
    deleted = send()
    while wait and deleted.pending_count:
        note(f"{deleted.pending_count} are still to be removed")
        time.sleep(_LOOK_AGAIN_SECONDS)
        deleted = send()
    return deleted


def _print(deleted: Deleted, *, quiet: bool) -> None:
    for kind, says in _SAYS.items():
        keys: tuple[str, ...] = getattr(deleted, kind)
        count: int = getattr(deleted, f"{kind}_count")
        if quiet:
            keys = ()
        for key in keys:
            click.echo(f"{printable(key)}: {says}")
        if not quiet and count > len(keys):
            click.echo(f"and {count - len(keys)} more: {says}")
    click.echo(
        f"{deleted.removed_count} removed, {deleted.kept_count + deleted.out_of_reach_count} stay, "
        f"{deleted.pending_count} are being removed"
    )
