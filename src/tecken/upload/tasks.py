# SPDX-License-Identifier: MPL-2.0

"""The background tasks of uploads."""

from datetime import date

from tecken.core.identifiers import SymbolKey
from tecken.core.tempfiles.held_files import leftover_files, sweep_leftovers
from tecken.jobs.cleaning import HOUR, cleaning
from tecken.jobs.registry import background_task
from tecken.upload import (
    daily,
    deleted_objects,
    deriving,
    orphans,
    regular_retention,
    retention,
    stored_natives,
    upstream_symbols,
)
from tecken.upload.chunked import assembling, services
from tecken.upload.resumable.sweeping import remove_leftovers
from tecken.upload.scratch import sweep_folders
from tecken.upload.spool import spool_folder
from tecken.web.upstreams import evict_surplus, sweep_fetches


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


@cleaning("upload.remove_try_objects", "objects of try symbols")
def remove_try_objects(*, dry_run: bool) -> int:
    return retention.remove_try_objects(dry_run=dry_run)


@cleaning("upload.remove_try_uploads", "rows of try uploads")
def remove_try_uploads(*, dry_run: bool) -> int:
    return retention.remove_try_uploads(dry_run=dry_run)


@cleaning("upload.remove_interrupted_uploads", "rows of interrupted uploads and their files")
def remove_interrupted_uploads(*, dry_run: bool) -> int:
    return retention.remove_interrupted_uploads(dry_run=dry_run)


@cleaning("upload.remove_old_symbols", "regular symbols that are too old")
def remove_old_symbols(*, dry_run: bool) -> int:
    return regular_retention.remove_old_symbols(dry_run=dry_run)


@cleaning("upload.remove_surplus_symbols", "regular symbols with enough newer ones of their name")
def remove_surplus_symbols(*, dry_run: bool) -> int:
    return regular_retention.remove_surplus_symbols(dry_run=dry_run)


@cleaning("upload.sweep_deleted_objects", "objects of deleted uploads", every_seconds=HOUR)
def sweep_deleted_objects(*, dry_run: bool) -> int:
    if dry_run:
        return deleted_objects.count_deleted_objects()
    return deleted_objects.remove_deleted_objects()


@background_task(deleted_objects.TASK, time_limit_seconds=HOUR)
def remove_deleted_objects() -> None:
    deleted_objects.remove_deleted_objects()


@background_task(
    deriving.TASK,
    time_limit_seconds=4 * HOUR,
    when_given_up=deriving.give_up_deriving,
    takes_long=True,
)
def derive_symbols(upload_id: int) -> None:
    deriving.derive_pending(upload_id)


@background_task(
    stored_natives.TASK,
    time_limit_seconds=4 * HOUR,
    when_given_up=stored_natives.give_up,
    takes_long=True,
)
def derive_stored(source_name: str, object_key: str) -> None:
    stored_natives.derive_stored(source_name, object_key)


@background_task(
    upstream_symbols.TASK, time_limit_seconds=4 * HOUR, max_attempts=8, takes_long=True
)
def derive_upstream_symbols(source: str, key: str, code_id: str) -> None:
    upstream_symbols.derive(source, SymbolKey.parse(key), code_id)


@cleaning("upload.evict_upstream_files", "files of other symbol servers")
def evict_upstream_files(*, dry_run: bool) -> int:
    return evict_surplus(dry_run=dry_run)


@cleaning(
    "upload.sweep_upstream_fetches",
    "temporary files of killed fetches from other symbol servers",
    time_limit_seconds=600,
    every_seconds=HOUR,
)
def sweep_upstream_fetches(*, dry_run: bool) -> int:
    return sweep_fetches(dry_run=dry_run)


@background_task("upload.resume_deriving", time_limit_seconds=600, every_seconds=60)
def resume_deriving() -> None:
    deriving.resume_deriving()
    stored_natives.resume()


@background_task(services.TASK, time_limit_seconds=4 * HOUR)
def assemble_files(batch: str) -> None:
    assembling.assemble_batch(batch)


@cleaning("upload.sweep_parts", "parts of unfinished uploads", every_seconds=HOUR)
def sweep_parts(*, dry_run: bool) -> int:
    return remove_leftovers(dry_run=dry_run)


# The name is that of earlier versions, which may have left it in a row that waits.
@cleaning("jobs.sweep_orphaned_indexes", "indexes and metadata without an object")
def sweep_orphaned_indexes(*, dry_run: bool) -> int | None:
    return None if dry_run else orphans.sweep_orphaned_indexes()


@background_task(daily.TASK, time_limit_seconds=600)
def count_day(day: str) -> None:
    daily.count_day(date.fromisoformat(day))
