# SPDX-License-Identifier: MPL-2.0

"""``tecken upload``: send symbols to a server."""

from collections.abc import Sequence
from pathlib import Path

import click

from tecken.client.errors import ClientError, RefusedByServerError, ServerUnavailableError
from tecken.client.missing import Checker
from tecken.client.resumable import DEFAULT_CHUNK_BYTES
from tecken.client.server import Server
from tecken.client.terminal import human_size, printable
from tecken.client.upload import Uploaded
from tecken.commands.options import note, server_options
from tecken.commands.upload_requests import Outcome, Request, Sender

DEFAULT_REQUEST_BYTES = 1024**3
_FORM_BYTES = 4096  # of a request, around its zip


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
@click.option("--bucket", "bucket_name", default="", help="Another bucket than the usual one.")
@click.option(
    "--chunk-bytes",
    type=click.IntRange(min=0),
    default=DEFAULT_CHUNK_BYTES,
    show_default=True,
    help="Zips of four chunks or more are sent in chunks; 0: never.",
)
@click.option("--no-check", is_flag=True, help="Send everything, also what the server has.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--quiet", is_flag=True, help="Do not list the files.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer, a line per zip.")
@server_options
def command(
    server: Server,
    paths: tuple[Path, ...],
    urls: tuple[str, ...],
    try_symbols: bool,
    max_request_bytes: int,
    bucket_name: str,
    chunk_bytes: int,
    no_check: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Upload zips, symbol files, native files of a build, or folders and tars of them.

    Files are put into zips: .sym files (gzip or not) where their MODULE line says, programs, libraries
    and their debug files (ELF, PE, PDB, Mach-O with its .dSYM, source bundles) wherever they lie, and .dl_,
    .ex_, .pd_, .dbg.gz and .tar.bz2 files that lie in <module>/<id>/. Zips are sent as they are.
    tecken check-symbols says what files are.

    The server is asked first which files it has, and only the others are sent: of a zip all of it
    when that is half of it or more, else a smaller zip.

    A server that is busy or down is asked again. After a failure give the same command again: what
    is there is not sent again, and a large zip goes on where it was interrupted, for a day.

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
    checker = Checker(
        server, try_symbols=try_symbols, bucket_name=bucket_name, is_wanted=not no_check
    )
    most = max_request_bytes - _FORM_BYTES
    sender = Sender(
        server,
        checker,
        most,
        outcome,
        try_symbols,
        bucket_name,
        is_rehearsal=dry_run,
        chunk_bytes=chunk_bytes,
    )
    try:
        for request in sender.requests(paths, urls):
            if request.present:
                outcome.done += 1
                _print_present(request, quiet=quiet, err=as_json)
            if dry_run:
                _rehearse(request, quiet=quiet)
            elif not _try(request, outcome, quiet=quiet, as_json=as_json):
                break
    except (ClientError, OSError) as error:
        if not outcome.done:
            raise
        note(f"Error: {error}")
        outcome.missing += 1
    if outcome.missing and outcome.done:
        note("Not everything is there. Once that can be, the same command sends only the rest.")
    raise click.exceptions.Exit(outcome.exit_code)


def _try(request: Request, outcome: Outcome, *, quiet: bool, as_json: bool) -> bool:
    """Send a request and print what came of it; say whether it makes sense to go on."""
    if request.send is None:
        return True
    name = request.name
    try:
        uploaded = request.send()
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


def _print_present(request: Request, *, quiet: bool, err: bool) -> None:
    """Tell what need not be sent; standard output may be for the server's answers alone."""
    count = len(request.present)
    files = f"{count} file is" if count == 1 else f"{count} files are"
    click.echo(f"{printable(request.name)}: {files} there already", err=err)
    _print_keys("present", () if quiet else request.present, err=err)


def _rehearse(request: Request, *, quiet: bool) -> None:
    """Tell what would be sent."""
    if request.send is None and not request.keys:
        return
    count = len(request.keys)
    files = f" with {count} missing file{'' if count == 1 else 's'}" if count else ""
    click.echo(f"Would send {printable(request.name)}{files}")
    _print_keys("missing", () if quiet else request.keys)


def _print_keys(result: str, keys: Sequence[str], *, err: bool = False) -> None:
    for key in keys:
        click.echo(f"  {result} {printable(key)}", err=err)


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
            _print_keys(result, keys)
    counts = ", ".join(f"{len(keys)} {result}" for result, keys in results.items())
    click.echo(f"  {counts}")
    click.echo(uploaded.link)
