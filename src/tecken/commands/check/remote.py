# SPDX-License-Identifier: MPL-2.0

"""``tecken check --url``: what a server is to its clients."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from tecken.client.errors import ClientError, RefusedByServerError
from tecken.client.server import RetryPolicy, Server
from tecken.commands.check.findings import Finding, error, ok, warning


class _AuthInfo(msgspec.Struct):
    email: str
    try_symbols: bool
    token_expires_at: datetime


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
        answer = server.post("/upload/auth_info/")
        found = msgspec.json.decode(answer, type=_AuthInfo)
    except RefusedByServerError as refusal:
        return error("TECKEN_TOKEN", refusal)
    except msgspec.MsgspecError:
        return error("TECKEN_URL", f"{server.url} does not answer as a symbol server does")
    what = "try symbols" if found.try_symbols else "symbols"
    return ok(
        "TECKEN_TOKEN",
        f"may upload {what} as {found.email}, until {found.token_expires_at:%Y-%m-%d %H:%M} UTC",
    )
