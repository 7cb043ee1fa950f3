# SPDX-License-Identifier: MPL-2.0

"""Download a file of a symbol store, as its bytes were before they were stored."""

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

from tecken.client.errors import ClientError, RefusedByServerError
from tecken.client.gzips import ChunkReader, iter_inflated, iter_plain
from tecken.client.server import Server
from tecken.core.identifiers import SymbolKey

if TYPE_CHECKING:
    import httpx2

Progress = Callable[[int, int | None], None]  # bytes received so far, in all if known


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to download: its key, and the URL or the path on the server that has it."""

    key: SymbolKey
    url: str


def parse_wanted(text: str) -> Wanted:
    """Parse ``debug_file/id[/file]`` (the file is by default the symbol file) or a whole URL.

    The last three parts of a URL's path are the key. Raises InvalidNameError.
    """
    if text.startswith(("http://", "https://")):
        key = SymbolKey.parse(unquote("/".join(urlsplit(text).path.split("/")[-3:])))
        return Wanted(key, text)
    parts = text.split("/")
    key = SymbolKey.of_module(*parts) if len(parts) == 2 else SymbolKey.parse(text)
    return Wanted(key, f"/{quote(str(key))}")


def download(
    server: Server,
    wanted: Wanted,
    target: Path,
    *,
    try_symbols: bool = False,
    progress: Progress | None = None,
) -> int:
    """Download into the file ``target``, which appears only whole; return its size in bytes.

    Raises ClientError; RefusedByServerError with status 404 when the server does not have it.
    """
    url = wanted.url
    if try_symbols:
        url += ("&" if "?" in url else "?") + "try=1"
    with appears_whole(target) as unfinished:
        try:
            return server.get(url, lambda response: _receive(response, unfinished, progress))
        except RefusedByServerError as error:
            raise RefusedByServerError(error.status, f"{wanted.key}: {error}") from error


@contextlib.contextmanager
def appears_whole(target: Path) -> Iterator[Path]:
    """Give a path to write to, beside ``target``, which it becomes when the block ends well.

    The folder is made when it is not there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{uuid4().hex}.part")
    try:
        yield unfinished
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _receive(response: "httpx2.Response", target: Path, progress: Progress | None) -> int:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding not in {"gzip", "identity"}:
        raise ClientError(f"the server sent the unknown content encoding {encoding!r}")
    # httpx2 would stop at the end of the first gzip member and not check that the last one ends.
    body = io.BufferedReader(ChunkReader(_metered(response, progress)))
    with target.open("wb") as file:
        for chunk in iter_inflated(body) if encoding == "gzip" else iter_plain(body):
            file.write(chunk)
        return file.tell()


def _metered(response: "httpx2.Response", progress: Progress | None) -> Iterator[bytes]:
    total = None
    with contextlib.suppress(ValueError):
        total = int(response.headers.get("Content-Length", ""))
    received = 0
    for chunk in response.iter_raw():
        received += len(chunk)
        if progress:
            progress(received, total)
        yield chunk
