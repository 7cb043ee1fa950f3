# SPDX-License-Identifier: MPL-2.0

"""Starting a lookup at Microsoft's, and doing it.

Each has a row, made when it is asked for. The database decides whether one is due, for all nodes
at once: a key has one row per turn, and none in the seconds after another one. Until then it is
remembered as what other symbol servers have not got is.
"""

import logging
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.utils import timezone

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import InvalidRequestError, TeckenError
from tecken.core.external_programs.running import run_program
from tecken.core.identifiers import SymbolKey
from tecken.core.upstreams.verdicts import MISSING, Verdict, Verdicts
from tecken.download.microsoft.models import MicrosoftDownload
from tecken.download.microsoft.rules import (
    dump_syms_limits,
    is_usual,
    microsoft_server,
    wanted_pdb,
)
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue, is_crowded
from tecken.upload.scratch import new_folder
from tecken.upload.services import store_file

TASK = "microsoft.look_up"
_MAX_WAITING = 100  # anybody can ask for any number of names
_CROWDED_SECONDS = 5
_MAX_ERROR_LENGTH = 2000

logger = logging.getLogger(__name__)
_breaker = CircuitBreaker()  # of the database


@cache
def verdicts() -> Verdicts:
    """Return what is remembered of keys that need not be looked up for a while."""
    return Verdicts("microsoft", caches["default"])


def start_lookup(key: SymbolKey) -> None:
    """Have a key looked up in the background, unless that was done a moment ago.

    Trouble with the database is only logged: whoever asks for the file is told the same.
    """
    if not is_usual(key) or verdicts().read(key, "") or not _breaker.may_ask():
        return
    try:
        verdicts().write(key, "", Verdict(MISSING), _add(key))
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
    key = SymbolKey.of_parts(row.debug_file, row.debug_id, row.symbol_file)
    try:
        with (
            new_folder(key.debug_file) as folder,
            _symbols(row.url, key, folder).open("rb") as file,
        ):
            row.file = store_file(file, key)
    except TeckenError as error:
        logger.info("nothing from Microsoft: %s", error)
        # PostgreSQL has no NUL in texts.
        row.error = str(error).replace("\0", "\N{REPLACEMENT CHARACTER}")[:_MAX_ERROR_LENGTH]
    row.skipped = row.file is None and not row.error
    row.completed_at = timezone.now()
    row.save(update_fields=["error", "file", "skipped", "completed_at"])


def _symbols(url: str, key: SymbolKey, folder: Path) -> Path:
    """Make the symbol file of a PDB, whose id is that of its MODULE line, which who stores it verifies.

    Raises InvalidRequestError for what is not there, WrongFileError, StorageError, ProgramError.
    """
    path = folder / "file"
    received = microsoft_server().receive(wanted_pdb(key), path, key)
    if not received.is_there:
        raise InvalidRequestError(f"{url} can't be found ({received.status})")
    # dump_syms takes the name of the module from that of the file.
    pdb, symbols = path.rename(folder / key.debug_file), folder / "symbols"
    with symbols.open("wb") as file:
        run_program([settings.DUMP_SYMS_PATH, str(pdb)], file, dump_syms_limits())
    return symbols


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
                url=f"{microsoft_server().client.url.base}/{wanted_pdb(key).paths[0]}",
                debug_file=key.debug_file,
                debug_id=key.debug_id,
                symbol_file=key.symbol_file,
                turn=int(now.timestamp()) // seconds,
            )
            enqueue(task, pk=row.pk)
    except IntegrityError:
        pass  # another process was faster
    return seconds
