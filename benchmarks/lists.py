# SPDX-License-Identifier: MPL-2.0

"""The lists of the web app, with rows by the million in PostgreSQL.

``python -m benchmarks.lists [--scale X] [--runs N] [--plans] [--database URL]``

The rows are made first (``list_rows``: 10 million files, 1 million uploads, 5 million missing symbols),
or they are in the database already. Each list is asked for with each of its filters and sorts, those
that find nothing among them, for its last page, and with filters that fight its sort. The time is the
server's own, from its log; the first answer counts as well, where the database has read nothing of that
index so far. ``--plans`` prints how the database finds the rows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import requests
from tests.support import servers
from tests.support.browser_walk import Visitor

from benchmarks.harness import describe_run
from benchmarks.list_rows import make_rows
from benchmarks.server import Server

TARGET_MS = 100
_LAST_PAGE = "201"
_POSTGRES = ("shared_buffers=1GB", "max_wal_size=8GB")
_NOTHING = "nothing-has-this"

# Of each list: the query, and whether there are such rows.
QUERIES: Mapping[str, list[tuple[dict[str, str], bool]]] = {
    "uploads/": [
        ({}, True),
        ({"page": _LAST_PAGE}, True),
        ({"sort": "completed_at"}, True),
        ({"sort": "completed_at", "reverse": "true"}, True),
        ({"sort": "size", "reverse": "true", "page": _LAST_PAGE}, True),
        ({"sort": "created_at"}, True),
        ({"user": "person7@"}, True),
        ({"user": "person1999@"}, True),
        ({"user": "person"}, True),
        ({"user": "!person7@"}, True),
        ({"user": _NOTHING}, False),
        ({"filename": "symbols-9999"}, True),
        ({"filename": _NOTHING}, False),
        ({"download_url": "://"}, True),
        ({"bucket_name": _NOTHING}, False),
        ({"try_symbols": "true"}, True),
        ({"size": ">400mb"}, True),
        ({"size": ">100gb"}, False),
        ({"size": "<1kb", "sort": "completed_at"}, True),
        ({"completed_at": "null"}, True),
        ({"completed_at": "yesterday"}, True),
        ({"created_at": ">2020-01-01", "sort": "size"}, True),
        ({"created_at": "<2020-01-01"}, False),
        ({"created_at": "today", "filename": _NOTHING}, False),
        ({"q": "symbols-9999"}, True),
        ({"q": "person7@ symbols-9"}, True),
        ({"q": "!symbols"}, False),
        ({"q": _NOTHING}, False),
    ],
    "uploads/files/": [
        ({}, True),
        ({"page": _LAST_PAGE}, True),
        ({"sort": "completed_at", "reverse": "true"}, True),
        ({"sort": "size"}, True),
        ({"sort": "size", "reverse": "true", "page": _LAST_PAGE}, True),
        ({"sort": "key"}, True),
        ({"key": "module0.pdb"}, True),
        ({"key": _NOTHING}, False),
        ({"key": f"={_NOTHING}"}, False),
        ({"key": "!module0"}, True),
        ({"key": "x"}, False),
        ({"bucket_name": _NOTHING}, False),
        ({"debug_file": "=module999.pdb"}, True),
        ({"debug_file": "=module0.pdb"}, True),
        ({"debug_file": "=old.pdb"}, True),
        ({"debug_file": "module999"}, True),
        ({"debug_id": "=C4CA4238A0B923820DCC509A6F75849B1"}, True),
        ({"debug_id": _NOTHING}, False),
        ({"size": ">60mb"}, True),
        ({"size": ">1gb"}, False),
        ({"size": "<10", "sort": "key"}, True),
        ({"completed_at": "incomplete"}, True),
        ({"created_at": "yesterday"}, True),
        ({"created_at": ">2020-01-01", "sort": "size", "reverse": "true"}, True),
        ({"created_at": "<2020-01-01"}, False),
        ({"download": "microsoft"}, True),
        ({"q": "module999.pdb"}, True),
        ({"q": "module0.pdb"}, True),
        ({"q": "old.pdb"}, True),
        ({"q": "C4CA4238"}, True),
        ({"q": "module99 .sym"}, True),
        ({"q": _NOTHING}, False),
    ],
    "downloads/missing/": [
        ({}, True),
        ({"page": _LAST_PAGE}, True),
        ({"sort": "modified_at"}, True),
        ({"symbol": "missing0."}, True),
        ({"symbol": "=missing999.pdb"}, True),
        ({"symbol": _NOTHING}, False),
        ({"debugid": "=C4CA4238A0B923820DCC509A6F75849B1"}, True),
        ({"debugid": "C4CA"}, True),
        ({"filename": _NOTHING}, False),
        ({"filename": "!missing0"}, True),
        ({"count": ">=2"}, True),
        ({"count": ">=89"}, True),
        ({"count": ">1000"}, False),
        ({"modified_at": "today"}, True),
        ({"modified_at": "<2020-01-01"}, False),
        ({"q": "missing999.pdb"}, True),
        ({"q": "C4CA42"}, True),
        ({"q": _NOTHING}, False),
    ],
    "downloads/microsoft/": [
        ({}, True),
        ({"page": _LAST_PAGE}, True),
        ({"sort": "created_at"}, True),
        ({"state": "errors"}, True),
        ({"state": "file"}, False),
        ({"state": "incomplete"}, False),
        ({"state": "skipped"}, True),
        ({"error": _NOTHING}, False),
        ({"symbol": "nt999"}, True),
        ({"debugid": _NOTHING}, False),
        ({"q": _NOTHING}, False),
    ],
    "uploads/created/": [({}, True), ({"sort": "size", "size": ">1mb"}, True)],
    "_users/": [({}, True), ({"email": "person7"}, True), ({"page": "40"}, True)],
    "audit/": [({}, True), ({"user": "person7@"}, True), ({"user": _NOTHING}, False)],
    "stats/": [({}, True)],
}


@dataclass
class Asked:
    """An answer of the server, and in how many milliseconds it was made."""

    milliseconds: list[float] = field(default_factory=list)
    rows: int = 0


class Asking:
    """A superuser's requests to a server, timed by its log."""

    def __init__(self, server: Server, session: requests.Session) -> None:
        self._server = server
        self._session = session
        self._read_bytes = 0  # of the log

    def ask(self, path: str, query: Mapping[str, str]) -> tuple[dict[str, object], float]:
        """Return the answer, and the milliseconds until it began."""
        request_id = uuid.uuid4().hex
        answer = self._session.get(
            f"{self._server.url}/api/{path}",
            params=dict(query),
            headers={"X-Request-ID": request_id},
            timeout=120,
        )
        assert answer.status_code == 200, (path, query, answer.text)
        content: dict[str, object] = answer.json()
        return content, self._milliseconds(request_id)

    def _milliseconds(self, request_id: str) -> float:
        """Return what the log says; the line may come a moment after the answer."""
        while True:
            with (self._server.data_dir / "server.log").open() as log:
                log.seek(self._read_bytes)
                new = log.read()
            line = next((line for line in new.splitlines(True) if request_id in line), "")
            if line.endswith("\n"):
                self._read_bytes += len(new.encode())
                return float(json.loads(line)["ms"])


@contextmanager
def database(url: str) -> Iterator[str]:
    """Yield the URL of a database: the one that was given, or one that is new."""
    if url:
        yield url
        return
    with servers.postgres(None, *_POSTGRES) as server:
        yield servers.postgres_url(server)


def superuser(server: Server) -> requests.Session:
    """Return a session of one who may see all lists."""
    email = "bench@example.com"
    server.run("superuser", email)
    visitor = Visitor()
    visitor.visit(server.run("signin-link", email, "--url", server.url).strip())
    visitor.submit()
    return visitor.session


def measure(asking: Asking, runs: int, *, is_full: bool) -> bool:
    """Ask for all lists, and print the figures; say whether all are within the target."""
    slowest = 0.0
    print(f"{'list':22} {'first':>7} {'median':>7} {'worst':>7}   query")
    for path, queries in QUERIES.items():
        for query, has_rows in queries:
            found = [asking.ask(path, query) for _ in range(runs + 1)]
            content, times = found[-1][0], [milliseconds for _, milliseconds in found]
            rows = next((rows for rows in content.values() if isinstance(rows, list)), [])
            assert not is_full or bool(rows) == has_rows, (path, query, rows[:1])
            shown = " ".join(f"{name}={text}" for name, text in query.items()) or "none"
            note = (
                f"  (of the newest {content['only_newest']})" if content.get("only_newest") else ""
            )
            print(
                f"{path:22} {times[0]:7.1f} {median(times[1:]):7.1f} {max(times[1:]):7.1f}   {shown}{note}"
            )
            slowest = max(slowest, median(times[1:]))
    print(f"slowest median {slowest:.1f} ms, target {TARGET_MS} ms")
    return slowest <= TARGET_MS


def main() -> None:
    """Make the rows, if they are not there, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1, help="of the numbers of rows")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--database", default="", help="one that has the rows already")
    options = parser.parse_args()
    print(describe_run(bytes(range(256)) * 100_000))
    with tempfile.TemporaryDirectory() as folder, database(options.database) as url:
        settings = {"DATABASE_URL": url, "DJANGO_LOGGING_USE_JSON": "True"}
        server = Server(Path(folder), settings=settings)
        with server:
            if not options.database:
                for made in make_rows(url, options.scale):
                    print(f"{made.rows:>10,} rows of {made.table} in {made.seconds:.0f} s")
            asking = Asking(server, superuser(server))
            is_fast = measure(asking, options.runs, is_full=options.scale >= 1)
        if options.plans:
            environment = {**os.environ, "DATABASE_URL": url, "TECKEN_DATA_DIR": folder}
            subprocess.run(
                [sys.executable, "-m", "benchmarks.list_plans"], env=environment, check=True
            )
    sys.exit(0 if is_fast else 1)


if __name__ == "__main__":
    main()
