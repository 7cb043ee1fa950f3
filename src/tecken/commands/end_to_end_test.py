# SPDX-License-Identifier: MPL-2.0

"""``tecken end-to-end-test``: does a server take what another one took?"""

import time

import click

from tecken.client.end_to_end import Origin, find_upload, newest_origin, whose_token
from tecken.client.errors import ClientError
from tecken.client.server import RetryPolicy, Server
from tecken.client.terminal import human_size, printable
from tecken.client.upload import upload_by_url
from tecken.commands.options import errors_in_one_line, note


@click.command()
@click.argument("from_token")
@click.argument("to_token")
@click.option("--from-url", required=True, help="The server that has uploads by URL.")
@click.option("--to-url", required=True, help="The server that shall take one of them.")
def command(from_token: str, to_token: str, from_url: str, to_url: str) -> None:
    """Upload to one server what another one fetched last by URL.

    FROM_TOKEN is a token of the first with the permission view_all_uploads (without it, only
    uploads of its owner are looked at), TO_TOKEN one of the second that may upload. Symbols of a
    try build are uploaded as such.

    \b
    Example:
      tecken end-to-end-test "$PROD_TOKEN" "$STAGE_TOKEN" \\
        --from-url https://symbols.example.com --to-url https://symbols.stage.example.com
    """
    retry = RetryPolicy(notify=note)
    with (
        errors_in_one_line(),
        Server(from_url, from_token, retry) as first,
        Server(to_url, to_token, retry) as second,
    ):
        click.echo(f"From {first.url}, user: {printable(whose_token(first))}")
        click.echo(f"To {second.url}, user: {printable(whose_token(second))}")
        _upload(second, newest_origin(first))
    click.echo("\nIt worked!")


def _upload(server: Server, origin: Origin) -> None:
    """Let a server fetch an archive, and see that it has all of it. Raises ClientError."""
    kind = "try symbols" if origin.try_symbols else "symbols"
    size = human_size(origin.size)
    click.echo(f"About to upload {size} of {kind} by URL: {printable(origin.url)}\n")
    started = time.monotonic()
    uploaded = upload_by_url(server, origin.url, try_symbols=origin.try_symbols)
    click.echo(f"Took {time.monotonic() - started:.1f} seconds")
    found = find_upload(server, uploaded.id)
    completed = found.files_count - found.files_incomplete_count
    click.echo(f"Files skipped: {len(uploaded.skipped_keys)}")
    click.echo(f"Files uploaded: {len(uploaded.stored_keys)}")
    click.echo(f"Files uploaded, completed: {completed}")
    click.echo(f"\nTo see it, go to: {uploaded.link}")
    if not found.completed_at or completed != len(uploaded.stored_keys):
        raise ClientError("the server did not complete the upload")
