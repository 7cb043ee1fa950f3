# SPDX-License-Identifier: MPL-2.0

"""What an upload of very many small files costs when it is checked, and when it is taken back.

``python -m benchmarks.many_files [--files 20000] [--location folder|s3]``

A server in the embedded form (a folder and SQLite), and one with S3 and PostgreSQL. The files are put
into the bucket, and their rows into the database, without the server, as uploading them takes longer than
all that is measured. Then a client asks ``POST /upload/check`` for all of them, which are there, and sends
``DELETE`` for their upload; and the database is looked at until no object is left to be removed.
"""

import argparse
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import requests
from tests.support import servers
from tests.support.started_server import StartedServer, wait_until

from benchmarks.harness import describe_run
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import Source, open_source

LOCATIONS = ("folder", "s3")
STORED = b"so many bytes as a small symbol file has, in the form of gzip" * 4
DIGEST = Digest(1000, "0" * 32)
OBJECT_ID = "0123456789abcdef" * 2
_COLUMNS = (
    "upload_id, bucket_name, key, debug_file, debug_id, size, original_size, created_at, completed_at, "
    '"update", compressed, code_file, code_id, generator'
)


def keys(count: int) -> list[SymbolKey]:
    return [SymbolKey.of_module(f"lib{n}.so", f"{n:032X}0") for n in range(count)]


def fill(source: Source, wanted: Sequence[SymbolKey]) -> None:
    """Put the objects of all keys into a bucket, with indexes and metadata as uploads make them."""
    metadata = {
        "original_size": str(DIGEST.size),
        "original_md5_hash": DIGEST.md5,
        "object_id": OBJECT_ID,
    }
    content = Content("text/plain", "gzip", metadata)

    def put(key: SymbolKey) -> None:
        source.bucket.put(source.index_key(key, OBJECT_ID), b"index", Content())
        source.bucket.put(source.object_key(key), STORED, content)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, wanted))


def add_rows(server: StartedServer, source: Source, wanted: Iterable[SymbolKey]) -> int:
    """Write the rows of an upload that stored all of them; return its id."""
    now = datetime.now(UTC).replace(tzinfo=None)
    [[user]] = server.rows("SELECT id FROM accounts_user")
    upload = (
        "INSERT INTO upload_upload (id, user_id, filename, size, content_hash, bucket_name, bucket_region, "
        "bucket_endpoint_url, try_symbols, skipped_keys, ignored_keys, download_url, redirect_urls, created_at, "
        "completed_at) VALUES (1, {0}, 'symbols.zip', 1, '', {0}, '', {0}, {0}, '[]', '[]', '', '[]', {0}, {0})"
    )
    of_upload = (user, source.bucket.name, source.endpoint_url or "", False, now, now)
    files = f"INSERT INTO upload_fileupload ({_COLUMNS}) VALUES ({', '.join(['{0}'] * 14)})"  # noqa: S608
    rows = [
        (
            *(1, source.bucket.name, source.object_key(key), key.debug_file, key.debug_id),
            *(len(STORED), DIGEST.size, now, now, False, True, "", "", ""),
        )
        for key in wanted
    ]
    url = server.settings.get("DATABASE_URL", "")
    if url:
        with psycopg.connect(url) as postgres, postgres.cursor() as cursor:
            cursor.execute(upload.format("%s").encode(), of_upload)
            cursor.executemany(files.format("%s").encode(), rows)
    else:
        with closing(sqlite3.connect(server.data_dir / "tecken.sqlite3")) as sqlite:
            sqlite.execute(upload.format("?"), _plain(of_upload))
            sqlite.executemany(files.format("?"), map(_plain, rows))
            sqlite.commit()
    return 1


def _plain(row: Iterable[object]) -> list[object]:
    return [str(value) if isinstance(value, datetime) else value for value in row]


@contextmanager
def started(location: str, folder: Path) -> Iterator[tuple[StartedServer, Source]]:
    """Yield a server, and its bucket."""
    server = StartedServer(folder / "data")
    with ExitStack() as stack:
        if location == "s3":
            s3 = stack.enter_context(servers.s3())
            postgres = stack.enter_context(servers.postgres())
            url = f"{s3.endpoint}/symbols"
            server.settings |= {
                "DATABASE_URL": servers.postgres_url(postgres),
                "DJANGO_SYMBOL_URLS": url,
                "AWS_ACCESS_KEY_ID": s3.access_key,
                "AWS_SECRET_ACCESS_KEY": s3.secret_key,
            }
            source = open_source(url, "v1", S3Options(s3.access_key, s3.secret_key))
        else:
            source = open_source((server.data_dir / "buckets" / "symbols").as_uri(), "v1")
        server.start()
        stack.callback(server.stop, signal.SIGKILL)
        yield server, source


def measure(location: str, count: int, folder: Path) -> None:
    with started(location, folder) as (server, source):
        token = server.token("upload_symbols")
        wanted = keys(count)
        fill(source, wanted)
        upload = add_rows(server, source, wanted)
        headers = {"Auth-Token": token}
        asked = [{"key": str(key), "size": DIGEST.size, "md5": DIGEST.md5} for key in wanted]
        began = time.monotonic()
        answer = requests.post(
            f"{server.url}/upload/check", json={"files": asked}, headers=headers, timeout=600
        )
        checked = time.monotonic() - began
        print(
            f"{location}: {count} files checked in {checked:.1f} s: {answer.status_code}", end=" "
        )
        print({kind: len(found) for kind, found in answer.json().items()}, flush=True)
        began = time.monotonic()
        url = f"{server.url}/api/uploads/upload/{upload}"
        answer = requests.delete(url, headers=headers, timeout=600)
        answered = time.monotonic() - began
        assert answer.status_code == 200, answer.text
        left = "SELECT count(*) FROM upload_fileupload WHERE removal <> 'removed'"
        wait_until(lambda: server.rows(left) == [(0,)], "all are removed", 1800)
        done = time.monotonic() - began
        objects = sum(1 for _ in source.bucket.list("v1/"))
        print(
            f"{location}: {count} files taken back, answered in {answered:.2f} s, "
            f"removed after {done:.1f} s; {objects} objects left",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--location", choices=LOCATIONS, action="append")
    options = parser.parse_args()
    print(describe_run(STORED * 10_000))
    for location in options.location or LOCATIONS:
        with tempfile.TemporaryDirectory() as folder:
            measure(location, options.files, Path(folder))


if __name__ == "__main__":
    main()
