# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken upload``: send symbols to a server."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from tecken.client.errors import ClientError, RefusedByServerError, ServerUnavailableError
from tecken.client.layout import Layout, lay_out
from tecken.client.server import Server
from tecken.client.splitting import iter_packs
from tecken.client.terminal import human_size, printable
from tecken.client.upload import Uploaded, upload_archive, upload_by_url
from tecken.commands.options import note, progress_bar, server_options

EXIT_PARTLY = 3
EXIT_REFUSED = 4
DEFAULT_REQUEST_BYTES = 1024**3
_FORM_BYTES = 4096  # of a request, around its zip

Send = Callable[[], Uploaded]


@dataclass
class Outcome:
    """What became of the requests. ``missing`` counts what was to be there and is not."""

    done: int = 0
    refused: int = 0
    missing: int = 0

    @property
    def exit_code(self) -> int:
        """Return what the command's help says of it."""
        if not self.missing:
            return 0
        if self.done:
            return EXIT_PARTLY
        return EXIT_REFUSED if self.refused else 1


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--url-of", "urls", multiple=True, metavar="ZIP", help="A zip that the server fetches itself."
)
@click.option("--try", "try_symbols", is_flag=True, help="These are symbols of a try build.")
@click.option(
    "--max-request-bytes",
    type=click.IntRange(min=2 * _FORM_BYTES),
    default=DEFAULT_REQUEST_BYTES,
    show_default=True,
    help="Files that make a larger zip go in several requests.",
)
@click.option("--quiet", is_flag=True, help="Do not list the files.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer, a line per zip.")
@server_options
def command(
    server: Server,
    paths: tuple[Path, ...],
    urls: tuple[str, ...],
    try_symbols: bool,
    max_request_bytes: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Upload zips, symbol files, or folders of them.

    A zip is sent as it is. Other files are put into zips: .sym files (gzip or not) where their
    MODULE line says, and .dl_, .ex_, .pd_, .dbg.gz and .tar.bz2 files that lie in <module>/<id>/.

    A server that is busy or away is asked again. After a failure give the same command again: the
    server skips the files that it has.

    \b
    Exit code: 0 everything is there, 3 some of it, 4 the server refused it all,
    1 anything else went wrong, 2 the options are wrong.

    \b
    Example:
      tecken upload --url https://symbols.example.com obj/symbols/
    """
    if not server.has_token:
        raise ClientError("an upload needs an API token: --token or TECKEN_TOKEN")
    if not paths and not urls:
        raise click.UsageError("name a file, a folder, or with --url-of the URL of a zip")
    outcome = Outcome()
    sender = Sender(server, try_symbols, max_request_bytes - _FORM_BYTES, outcome)
    try:
        for name, send in sender.requests(paths, urls):
            if not _try(name, send, outcome, quiet=quiet, as_json=as_json):
                break
    except (ClientError, OSError) as error:
        if not outcome.done:
            raise
        note(f"Error: {error}")
        outcome.missing += 1
    if outcome.missing and outcome.done:
        note("Not everything is there. Once that can be, the same command sends only the rest.")
    raise click.exceptions.Exit(outcome.exit_code)


@dataclass(frozen=True)
class Sender:
    """Makes the requests, one after the other, each when it is its turn."""

    server: Server
    try_symbols: bool
    max_bytes: int
    outcome: Outcome

    def requests(self, paths: Sequence[Path], urls: Sequence[str]) -> Iterator[tuple[str, Send]]:
        """Yield a name for each request, and what sends it."""
        zips = [path for path in paths if path.suffix.lower() == ".zip" and not path.is_dir()]
        others = [path for path in paths if path not in zips]
        layout = self._checked_layout(others)
        for url in urls:
            yield url, partial(self._fetch, url)
        for path in zips:
            with path.open("rb") as archive:
                yield path.name, partial(self._send, path.name, archive)
        yield from self._packs(layout, others)

    def _checked_layout(self, paths: Sequence[Path]) -> Layout:
        layout = lay_out(paths)
        for left_out in layout.left_out:
            note(f"left out {left_out.path}: {left_out.reason}")
            self.outcome.missing += left_out.missed
        if paths and not layout.members:
            raise ClientError(
                "there is nothing to upload: no file that belongs into a symbol store"
            )
        return layout

    def _packs(self, layout: Layout, paths: Sequence[Path]) -> Iterator[tuple[str, Send]]:
        for number, pack in enumerate(iter_packs(layout.members, self.max_bytes), 1):
            if pack.too_large:
                key, size = pack.members[0].key, human_size(pack.size)
                note(f"left out {key}: alone it is {size}, more than --max-request-bytes")
                self.outcome.missing += 1
                continue
            name = _zip_name(paths, number)
            yield name, partial(self._send, name, pack.archive)

    def _send(self, name: str, archive: BinaryIO) -> Uploaded:
        with progress_bar(name, "the server checks and stores it") as progress:
            return upload_archive(
                self.server, archive, name, try_symbols=self.try_symbols, progress=progress
            )

    def _fetch(self, url: str) -> Uploaded:
        return upload_by_url(self.server, url, try_symbols=self.try_symbols)


def _zip_name(paths: Sequence[Path], number: int) -> str:
    """Name a zip by the only folder or file in it, as people will look for it among the uploads."""
    name = paths[0].absolute().name if len(paths) == 1 else ""
    return f"{name or 'symbols'}{f'-{number}' if number > 1 else ''}.zip"


def _try(name: str, send: Send, outcome: Outcome, *, quiet: bool, as_json: bool) -> bool:
    """Send a request and print what came of it; say whether it makes sense to go on."""
    try:
        uploaded = send()
    except RefusedByServerError as error:
        note(f"Error: {name}: {error}")
        if error.status == 413:
            note("--max-request-bytes makes smaller requests; a zip is sent as it is")
        outcome.refused += 1
        outcome.missing += 1
        return error.status != 403  # whoever may not upload this may not upload the rest
    except ServerUnavailableError as error:
        note(f"Error: {name}: {error}")
        outcome.missing += 1
        return False
    outcome.done += 1
    for warning in uploaded.warnings:
        note(f"warning: {warning}")
    if as_json:
        click.echo(uploaded.answer)
    else:
        _print(uploaded, name, quiet=quiet)
    return True


def _print(uploaded: Uploaded, name: str, *, quiet: bool) -> None:
    size = human_size(uploaded.size)
    click.echo(f"Uploaded {printable(name)} ({size}) as upload {uploaded.id}")
    results = {
        "stored": uploaded.stored_keys,
        "skipped": uploaded.skipped_keys,
        "ignored": uploaded.ignored_keys,
    }
    if not quiet:
        for result, keys in results.items():
            for key in keys:
                click.echo(f"  {result} {printable(key)}")
    counts = ", ".join(f"{len(keys)} {result}" for result, keys in results.items())
    click.echo(f"  {counts}")
    click.echo(uploaded.link)
