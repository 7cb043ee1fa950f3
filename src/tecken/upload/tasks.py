# SPDX-License-Identifier: MPL-2.0

"""The background tasks of uploads."""

from datetime import date

from tecken.core.identifiers import SymbolKey
from tecken.core.tempfiles.held_files import leftover_files, sweep_leftovers
from tecken.jobs.cleaning import HOUR, cleaning
from tecken.jobs.registry import background_task
from tecken.upload import daily, deleted_objects, orphans, regular_retention, retention
from tecken.upload.chunked import assembling, services
from tecken.upload.deriving import stored_natives, uploads, upstream_symbols
from tecken.upload.resumable.sweeping import remove_leftovers
from tecken.upload.scratch import sweep_folders
from tecken.upload.spool import spool_folder
from tecken.web.upstreams import evict_surplus, sweep_fetches

_FOR_HOURS = 4 * HOUR


@cleaning(
    "upload.sweep_spools",
    "temporary files of killed uploads",
    time_limit_seconds=600,
    every_seconds=120,
)
def sweep_spools(*, dry_run: bool) -> int:
    if dry_run:
        return len(list(leftover_files(spool_folder())))
    return sweep_leftovers(spool_folder()) + sweep_folders()


remove_try_objects = cleaning("upload.remove_try_objects", "objects of try symbols")(
    retention.remove_try_objects
)
remove_try_uploads = cleaning("upload.remove_try_uploads", "rows of try uploads")(
    retention.remove_try_uploads
)
remove_interrupted_uploads = cleaning(
    "upload.remove_interrupted_uploads", "rows of interrupted uploads and their files"
)(retention.remove_interrupted_uploads)
remove_old_symbols = cleaning("upload.remove_old_symbols", "regular symbols that are too old")(
    regular_retention.remove_old_symbols
)
remove_surplus_symbols = cleaning(
    "upload.remove_surplus_symbols", "regular symbols with enough newer ones of their name"
)(regular_retention.remove_surplus_symbols)


@cleaning("upload.sweep_deleted_objects", "objects of deleted uploads", every_seconds=HOUR)
def sweep_deleted_objects(*, dry_run: bool) -> int:
    if dry_run:
        return deleted_objects.count_deleted_objects()
    return deleted_objects.remove_deleted_objects()


remove_deleted_objects = background_task(deleted_objects.TASK, time_limit_seconds=HOUR)(
    deleted_objects.remove_deleted_objects
)
derive_symbols = background_task(
    uploads.TASK,
    time_limit_seconds=_FOR_HOURS,
    when_given_up=uploads.give_up_deriving,
    takes_long=True,
)(uploads.derive_pending)
derive_stored = background_task(
    stored_natives.TASK,
    time_limit_seconds=_FOR_HOURS,
    when_given_up=stored_natives.give_up,
    takes_long=True,
)(stored_natives.derive_stored)


@background_task(
    upstream_symbols.TASK, time_limit_seconds=_FOR_HOURS, max_attempts=8, takes_long=True
)
def derive_upstream_symbols(source: str, key: str, code_id: str) -> None:
    upstream_symbols.derive(source, SymbolKey.parse(key), code_id)


evict_upstream_files = cleaning("upload.evict_upstream_files", "files of other symbol servers")(
    evict_surplus
)
sweep_upstream_fetches = cleaning(
    "upload.sweep_upstream_fetches",
    "temporary files of killed fetches from other symbol servers",
    time_limit_seconds=600,
    every_seconds=HOUR,
)(sweep_fetches)


@background_task("upload.resume_deriving", time_limit_seconds=600, every_seconds=60)
def resume_deriving() -> None:
    uploads.resume_deriving()
    stored_natives.resume()


assemble_files = background_task(services.TASK, time_limit_seconds=_FOR_HOURS)(
    assembling.assemble_batch
)
sweep_parts = cleaning("upload.sweep_parts", "parts of unfinished uploads", every_seconds=HOUR)(
    remove_leftovers
)


# The name is that of earlier versions, which may have left it in a row that waits.
@cleaning("jobs.sweep_orphaned_indexes", "indexes and metadata without an object")
def sweep_orphaned_indexes(*, dry_run: bool) -> int | None:
    return None if dry_run else orphans.sweep_orphaned_indexes()


@background_task(daily.TASK, time_limit_seconds=600)
def count_day(day: str) -> None:
    daily.count_day(date.fromisoformat(day))
