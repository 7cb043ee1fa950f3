# SPDX-License-Identifier: MPL-2.0

"""What load balancers and people ask a server about itself."""

import logging
import secrets
from collections.abc import Iterator
from functools import partial

from django.core.cache import caches
from django.db import DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from tecken.core.errors import StorageError
from tecken.core.storage.sources import Source
from tecken.web.checks import Check, CheckRunner
from tecken.web.migrations import read_migrations
from tecken.web.private import open_to_all
from tecken.web.responses import json_response
from tecken.web.sources import all_sources

logger = logging.getLogger(__name__)

# Most who watch a server give up after ten seconds or a bit more.
_runner = CheckRunner(seconds=10)
_watched: dict[str, Check] = {}


def watch(name: str, check: Check) -> None:
    """Add a check of an application. What it finds is a warning, by which no node is taken out of service."""
    _watched[name] = check


@open_to_all
@require_safe
def lbheartbeat(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", "text/plain; charset=utf-8")


@open_to_all
@require_safe
def heartbeat(request: HttpRequest) -> HttpResponse:
    """Ask everything that this server stands on, at once.

    500 when one of it fails; 200 for warnings, which are about what goes on elsewhere. The answer takes ten
    seconds at most. ``checks`` has a status for each, ``details`` a sentence for each that is not ``ok``.
    """
    warnings = {**_watched, **dict(_checks_of_others())}
    asked = {name: partial(_run, name, check) for name, check in (*_checks(), *warnings.items())}
    details = {name: found for name, found in _runner.run(asked).items() if found}
    failed = {name: "warning" if name in warnings else "error" for name in details}
    checks = {name: failed.get(name, "ok") for name in asked}
    status = next((worst for worst in ("error", "warning") if worst in checks.values()), "ok")
    answer = {"status": status, "checks": checks, "details": details}
    return json_response(answer, 500 if status == "error" else 200)


def _checks() -> Iterator[tuple[str, Check]]:
    yield "database", _check_database
    yield "migrations", _check_migrations
    for name in caches.settings:
        yield f"cache {name}", partial(_check_cache, name)
    for source in all_sources():
        if source.upstream is None:
            yield f"source {source.name}", partial(_check_source, source)


def _checks_of_others() -> Iterator[tuple[str, Check]]:
    """Yield those of other symbol servers: that one is down is no reason to take this one out of service."""
    for source in all_sources():
        if source.upstream is not None:
            yield f"source {source.name}", partial(_check_source, source)


def _run(name: str, check: Check) -> str | None:
    """Run a check. What its errors say is for the log: they may name hosts and people."""
    try:
        return check()
    except (DatabaseError, RedisError, StorageError, OSError) as error:
        logger.warning("The check of %s failed: %s", name, error)
        return "It cannot be used"
    finally:
        connections.close_all()  # those of this thread, which ends now


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_migrations() -> str | None:
    missing = len(read_migrations().missing)
    return f"Migrations that are not applied: {missing}" if missing else None


def _check_cache(name: str) -> str | None:
    key, value = f"heartbeat:{secrets.token_hex(8)}", secrets.token_hex(8)
    caches[name].set(key, value, timeout=60)
    found = caches[name].get(key)
    caches[name].delete(key)
    return None if found == value else "It does not keep what it was given"


def _check_source(source: Source) -> None:
    source.bucket.check()
