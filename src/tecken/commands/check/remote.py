# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""``tecken check --url``: what a server is to its clients."""

from collections.abc import Iterator

import msgspec

from tecken.client.errors import ClientError, RefusedByServerError
from tecken.client.server import RetryPolicy, Server
from tecken.commands.check.findings import Finding, error, ok, warning


class _Version(msgspec.Struct):
    version: str


def check_remote(url: str, token: str | None) -> Iterator[Finding]:
    """Ask a server whether it answers, and whether a token may upload; nothing is stored."""
    once = RetryPolicy(retries=0)
    try:
        with Server(url, retry=once) as server:
            yield _server(server)
        with Server(url, token, once) as server:
            yield _token(server)
    except ClientError as refusal:
        yield error("TECKEN_URL", refusal)


def _server(server: Server) -> Finding:
    answer = server.get("/__version__", lambda response: response.read())
    try:
        found = msgspec.json.decode(answer, type=_Version)
    except msgspec.MsgspecError:
        return error("TECKEN_URL", f"{server.url} does not answer as a symbol server does")
    return ok("TECKEN_URL", f"{server.url} answers, version {found.version or 'unknown'}")


def _token(server: Server) -> Finding:
    if not server.has_token:
        return warning("TECKEN_TOKEN", "is not set: an upload needs an API token")
    try:
        server.post("/upload/", data={})
    except RefusedByServerError as refusal:
        if refusal.status == 400:  # it asks for a file, of whoever may send one
            return ok("TECKEN_TOKEN", "may upload")
        return error("TECKEN_TOKEN", refusal)
    return error("TECKEN_URL", f"{server.url} takes an upload of nothing")
