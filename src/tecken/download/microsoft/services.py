# SPDX-License-Identifier: MPL-2.0

"""Starting a lookup at Microsoft's, and doing it.

Each has a row, made when it is asked for. The database decides whether one is due, for all nodes
at once: a key has one row per turn, and none in the seconds after another one.
"""

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.utils import timezone

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import TeckenError
from tecken.core.identifiers import SymbolKey
from tecken.download.microsoft.making import make_symbol_file, temporary_folder
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.download.microsoft.rules import is_usual, microsoft_url
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue, is_crowded
from tecken.upload.services import store_file

TASK = "microsoft.look_up"
_MAX_WAITING = 100  # anybody can ask for any number of names
_CROWDED_SECONDS = 5
_MAX_ERROR_LENGTH = 2000
_MAX_REMEMBERED = 10_000

logger = logging.getLogger(__name__)
_due: dict[SymbolKey, float] = {}  # before this moment, a key need not be asked for
_due_lock = threading.Lock()
_breaker = CircuitBreaker()


def start_lookup(key: SymbolKey) -> None:
    """Have a key looked up in the background, unless that was done a moment ago.

    Trouble with the database is only logged: whoever asks for the file is told the same.
    """
    if not is_usual(key) or time.monotonic() < _due.get(key, 0) or not _breaker.may_ask():
        return
    try:
        _remember(key, _add(key))
    except (DatabaseError, InterfaceError) as error:
        if _breaker.failed() is not None:
            logger.warning("nothing is looked up at Microsoft for a while: %s", error)
    else:
        _breaker.worked()


def look_up(pk: int) -> None:
    """Do a lookup, and write down in its row what came of it."""
    row = MicrosoftDownload.objects.filter(pk=pk).first()
    if row is None:
        return  # it was too old, and removed
    row.error = ""
    try:
        _look_up(row)
    except TeckenError as error:
        logger.info("nothing from Microsoft: %s", error)
        # PostgreSQL has no NUL in texts.
        row.error = str(error).replace("\0", "\N{REPLACEMENT CHARACTER}")[:_MAX_ERROR_LENGTH]
    row.skipped = row.file is None and not row.error
    row.completed_at = timezone.now()
    row.save(update_fields=["error", "file", "skipped", "completed_at"])


def _look_up(row: MicrosoftDownload) -> None:
    key = SymbolKey.of_parts(row.debug_file, row.debug_id, row.symbol_file)
    with temporary_folder() as folder:
        path = make_symbol_file(row.url, row.debug_file, folder)
        with path.open("rb") as file:
            row.file = store_file(file, key)


def _add(key: SymbolKey) -> float:
    """Add a row and its task, if it is time for one; return for how many seconds it is not, then."""
    seconds = settings.MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS
    now, period = timezone.now(), timedelta(seconds=seconds)
    same = MicrosoftDownload.objects.filter(
        debug_file=key.debug_file, debug_id=key.debug_id, symbol_file=key.symbol_file
    )
    last = same.filter(created_at__gt=now - period).order_by("-created_at").first()
    if last is not None:
        return (last.created_at + period - now).total_seconds()
    task = find_task(TASK)
    if is_crowded(task, _MAX_WAITING):
        logger.warning("%s is not looked up at Microsoft: too many others wait", key)
        return _CROWDED_SECONDS
    try:
        with transaction.atomic():
            row = MicrosoftDownload.objects.create(
                url=microsoft_url(key),
                debug_file=key.debug_file,
                debug_id=key.debug_id,
                symbol_file=key.symbol_file,
                turn=int(now.timestamp()) // seconds,
            )
            enqueue(task, pk=row.pk)
    except IntegrityError:
        pass  # another process was faster
    return seconds


def _remember(key: SymbolKey, seconds: float) -> None:
    with _due_lock:
        _due.pop(key, None)
        if len(_due) >= _MAX_REMEMBERED:
            del _due[next(iter(_due))]
        _due[key] = time.monotonic() + seconds
