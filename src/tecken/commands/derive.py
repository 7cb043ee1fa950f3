# SPDX-License-Identifier: MPL-2.0

"""``tecken derive``: derives symbols from native files that lie in buckets."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

from tecken.client.terminal import printable
from tecken.commands.django import with_database
from tecken.commands.options import note
from tecken.core.errors import InvalidNameError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tecken.core.identifiers import SymbolKey
    from tecken.core.storage.sources import Source
    from tecken.upload.deriving.buckets import Walked

_PROGRESS_SECONDS: Final = 5.0


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--all", "is_all", is_flag=True, help="All native files of the buckets.")
@click.option("--dry-run", is_flag=True, help="With --all: only list and count them.")
@click.option("--again", is_flag=True, help="With --all: also those that gave no symbols before.")
@click.option("--restart", is_flag=True, help="With --all: not where the last one was stopped.")
@with_database
def command(keys: tuple[str, ...], is_all: bool, dry_run: bool, again: bool, restart: bool) -> None:
    """Derive symbols from native files that are in the buckets of uploads and have none yet.

    KEY is that of an object (v1/xul.pdb/44E4…/xul.pdb) or of a URL (xul.pdb/44E4…/xul.pdb); its symbols are derived
    whether or not that was done before. --all looks at every key of every bucket that uploads go to. It is done by
    this process, with the limits of the server, one module after the other; stopped, it goes on where it was.

    \b
    Exit code: 0 all was looked at, 1 a bucket failed or a KEY gave no symbols, 2 the options are wrong.

    \b
    Example:
      tecken derive --all --dry-run
    """
    if is_all == bool(keys):
        raise click.UsageError("name keys, or give --all")
    if keys and (dry_run or again or restart):
        raise click.UsageError("--dry-run, --again and --restart belong to --all")
    is_done = (
        _derive_all(dry_run=dry_run, again=again, restart=restart) if is_all else _derive_keys(keys)
    )
    raise click.exceptions.Exit(0 if is_done else 1)


def _derive_all(*, dry_run: bool, again: bool, restart: bool) -> bool:
    from tecken.upload.deriving.buckets import BucketWalk
    from tecken.web.sources import written_sources

    is_done = True
    for source in written_sources():
        walk = BucketWalk(source, dry_run=dry_run, again=again)
        if restart and not dry_run:
            walk.begin_anew()
        try:
            walked = walk.run(_Progress(source), _print_key if dry_run else None)
        except StorageError as error:
            note(f"Error: {source.name}: {error}")
            is_done = False
            continue
        click.echo(f"{source.name}: {_told(walked, dry_run=dry_run)}")
    return is_done


class _Progress:
    """Says on standard error how far a walk has come, every few seconds."""

    def __init__(self, source: "Source") -> None:
        self._name = source.name
        self._next = time.monotonic() + _PROGRESS_SECONDS

    def __call__(self, walked: "Walked") -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PROGRESS_SECONDS
            at = printable(walked.last_key)
            note(f"{self._name}: {_told(walked, dry_run=False)}; at {at}")


def _told(walked: "Walked", *, dry_run: bool) -> str:
    text = f"{walked.files:,} files, {walked.found:,} native without symbols"
    if dry_run:
        return text
    return f"{text}: {walked.derived:,} derived, {walked.failed:,} without result, {walked.left:,} left to others"


def _print_key(key: "SymbolKey") -> None:
    click.echo(printable(str(key)))


def _derive_keys(keys: tuple[str, ...]) -> bool:
    is_done = True
    for text in keys:
        try:
            is_done &= _derive_key(text)
        except StorageError as error:
            note(f"Error: {printable(text)}: {error}")
            is_done = False
    return is_done


def _keys_in(source: "Source", text: str) -> "Iterator[SymbolKey]":
    """Yield what a text may be the key of in a source: of an object, or of a URL."""
    from tecken.core.identifiers import parse_stored_key

    for key in dict.fromkeys([text.removeprefix(f"{source.prefix}/"), text]):
        with suppress(InvalidNameError):
            yield parse_stored_key(key)


def _derive_key(text: str) -> bool:
    from tecken.core.storage.storing import current_object
    from tecken.upload.deriving.buckets import derive_one
    from tecken.web.sources import written_sources

    is_there = is_derived = False
    for source in written_sources():
        key = next((key for key in _keys_in(source, text) if current_object(source, key)), None)
        if key is None:
            continue
        is_there = True
        states = derive_one(source, key) or {
            "": "it is no native file that symbols are derived from"
        }
        is_derived |= bool(states.keys() & {"done", "superseded"})
        for state, problem in states.items():
            reason = f": {problem}" if problem else ""
            click.echo(f"{printable(source.object_key(key))}: {state or 'failed'}{reason}")
    if not is_there:
        note(f"Error: {printable(text)}: no bucket of uploads has it")
    return is_derived
