# SPDX-License-Identifier: MPL-2.0

"""``tecken healthy``: the health check of a container, whichever role it has."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from tecken.web.data_dir import default_data_dir
from tecken.web.worker_sign import has_fresh_sign

_ANSWER_SECONDS = 5.0


@click.command()
@click.option(
    "--data-dir",
    envvar="TECKEN_DATA_DIR",
    default=default_data_dir,
    type=click.Path(path_type=Path),
    help="The data folder of the server or worker. [default: as it is for them]",
)
@click.option(
    "--port", envvar="PORT", default=8000, show_default=True, help="Where a server listens."
)
def command(data_dir: Path, port: int) -> None:
    """Exit with 0 when the worker or the server of this machine is alive, else with 1.

    A worker leaves a sign in its data folder every few seconds. Where there is none, a server is asked.
    It reads no other settings and is quick, to be run often.

    \b
    Example:
      tecken healthy
    """
    if has_fresh_sign(data_dir):
        click.echo("The worker is alive")
        return
    said = _ask(port)
    if said != "200":
        raise click.ClickException(
            f"no worker has left a sign in {data_dir} lately, and the server that should listen on "
            f"port {port} says: {said}"
        )
    click.echo("The server answers")


def _ask(port: int) -> str:
    """Return the status of a server's answer, or why there is none."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as connection:
        try:
            connection.request("GET", "/__lbheartbeat__")
            return str(connection.getresponse().status)
        except (HTTPException, OSError) as error:
            return str(error)
