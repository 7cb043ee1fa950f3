# SPDX-License-Identifier: MPL-2.0

"""What happens to an archive that has arrived: two passes, and the rows that tell of them.

The first pass reads every member and can refuse the archive; nothing is stored and no row written
before it ends. It also packs symbol files that are surely new, so that they are inflated only once:
what is packed waits in a temporary file. The second stores what the bucket does not have yet.
Whatever is stored stays stored: when an upload is interrupted, the same one sent again finds it,
and does the rest.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from tecken.accounts.models import User
from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.inspection import Inspection
from tecken.core.batches import batches
from tecken.core.errors import ArchiveRefusedError, RefusedError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.aliases import packed_alias
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, is_same, store
from tecken.upload.aliases import WrittenAliases, drop_replaced, settle_aliases, write_aliases
from tecken.upload.buckets import Destination
from tecken.upload.by_url import Origin
from tecken.upload.daily import count_soon
from tecken.upload.deleted_objects import keep_found, remove_soon
from tecken.upload.deriving.build_files import note_split_ids
from tecken.upload.deriving.uploads import derive_again, derive_later, derive_symbols
from tecken.upload.first_pass import Candidate, first_pass, warnings_of
from tecken.upload.models import FileUpload, Upload
from tecken.upload.object_holders import files_in
from tecken.upload.pool import run_in_pool
from tecken.upload.rows import (
    begin_row,
    complete_row,
    head_fields,
    row_fields,
    store_inspected,
)
from tecken.upload.rules import archive_limits, inspection_rules, storing_rules
from tecken.upload.scratch import new_folder, new_scratch
from tecken.upload.spool import SpooledArchive
from tecken.web.metrics import (
    UPLOAD_BYTES,
    UPLOAD_IGNORED,
    UPLOAD_REFUSED,
    UPLOAD_SKIPPED,
    UPLOAD_STORED,
    UPLOADS,
)
from tecken.web.sources import upload_source

_ROWS_AT_ONCE = 500
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that was there already: its own name in the archive, and the row that it would have had."""

    name: str
    row: FileUpload


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A finished upload: its row, the rows of the files that were new, those that were not, and what was odd.

    ``keys`` has by the names of members the keys of the objects that have them, or more of the same.
    """

    upload: Upload
    files: tuple[FileUpload, ...]
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[str, ...]
    keys: Mapping[str, str]


def measured_upload(
    user: User,
    spooled: SpooledArchive,
    destination: Destination,
    origin: Origin | None = None,
    archive: Archive | None = None,
) -> StoredUpload:
    """Do what ``store_upload`` does, and note it in the metrics."""
    try:
        with UPLOADS.timing():
            stored = store_upload(user, spooled, destination, origin, archive)
    except RefusedError:
        UPLOAD_REFUSED.add()
        raise
    UPLOAD_BYTES.add(spooled.size)
    UPLOAD_STORED.add(len(stored.files))
    UPLOAD_SKIPPED.add(len(stored.upload.skipped_keys))
    UPLOAD_IGNORED.add(len(stored.upload.ignored_keys))
    return stored


def store_upload(
    user: User,
    spooled: SpooledArchive,
    destination: Destination,
    origin: Origin | None = None,
    archive: Archive | None = None,
) -> StoredUpload:
    """Check an archive and store what is new in it; ``origin`` is where it was fetched from.

    ``archive`` is given where it is no zip, and its members are known.

    Raises ArchiveRefusedError, LimitExceededError, and NoRoomError where that can be known, before
    anything is stored or written down; StorageError also in the middle, and then the rows say how far
    it came.
    """
    with new_scratch(spooled.name) as scratch, new_folder(spooled.name) as folder:
        archive = archive or open_archive(spooled.file, archive_limits())
        found = first_pass(archive, destination.source, scratch, folder)
        upload = _upload_row(user, spooled, destination, origin)
        new = [candidate for candidate in found.candidates if candidate.is_new]
        destination.source.bucket.check_room(sum(candidate.stored_size for candidate in new))
        skipped = {
            destination.source.object_key(c.key): (c.current, c.inspected.digest)
            for c in found.candidates
            if c.current is not None and not c.is_new
        }
        upload.skipped_keys = list(skipped)
        upload.ignored_keys = found.ignored
        upload.save()
        keep_found(destination.source, skipped)
        complete_interrupted(destination.source, skipped)
        _write_missing_aliases(destination.source, found.candidates)
        files = [*_second_pass(upload, archive, destination.source, new)]
        later = derive_again(destination.source, found.candidates)
        files += derive_symbols(upload, destination.source, found.candidates, folder, later)
    upload.completed_at = timezone.now()
    with transaction.atomic():
        upload.save(update_fields=["completed_at"])
        derive_later(upload, later)
    for row in files:
        if row.derivation:  # what came of it was written meanwhile
            row.refresh_from_db(fields=["derivation", "problem", "debug_file", "code_file"])
    if Upload.objects.filter(pk=upload.pk, deleted_at__isnull=False).exists():
        remove_soon()  # of what was taken back meanwhile, some files may have been stored since
    count_soon(upload.created_at.date())
    warnings = [warning for c in found.candidates for warning in warnings_of(c)]
    return StoredUpload(
        upload,
        tuple(files),
        tuple(_skipped_files(destination.source, found.candidates)),
        (*warnings, *found.warnings),
        {name: destination.source.object_key(key) for name, key in found.keys.items()},
    )


def _skipped_files(source: Source, candidates: Iterable[Candidate]) -> Iterator[SkippedFile]:
    """Yield the files that were there already, as they would have been told of."""
    for candidate in candidates:
        if candidate.is_new or candidate.current is None:
            continue
        key = source.object_key(candidate.key)
        row = files_in(source, [key]).filter(completed_at__isnull=False).order_by("pk").last()
        if row is None:  # others have put it there
            row = FileUpload(
                bucket_name=source.bucket.name,
                key=key,
                size=candidate.current.size,
                original_size=candidate.inspected.digest.size,
                **{**row_fields(candidate)[0], **head_fields(candidate.inspected.head)},
            )
        yield SkippedFile(candidate.member.name, row)


def store_file(file: BinaryIO, key: SymbolKey) -> FileUpload | None:
    """Store a file that no upload brought; return None when the default bucket has it already.

    The row that tells of it belongs to no upload. Raises ArchiveRefusedError for what an upload may
    not have either, and for a symbol file of another module, since nobody answers for it;
    StorageError.
    """
    source = upload_source(try_symbols=False)
    compressed = storing_rules().compresses(key)
    size = os.fstat(file.fileno()).st_size
    inspected = Inspection(_chunks(file), size, key, inspection_rules()).finish()
    if inspected.warning:
        raise ArchiveRefusedError(inspected.warning)
    current = current_object(source, key)
    if current is not None and is_same(current, inspected.digest, compressed=compressed):
        symbol_stored.publish(key)
        return _interrupted_row(source, key, current)
    fields = {
        "debug_file": key.debug_file,
        "debug_id": key.debug_id,
        "has": ",".join(inspected.has),
    }
    return store_inspected(
        None, source, key, _chunks(file), inspected, fields, update=current is not None
    )


def _interrupted_row(source: Source, key: SymbolKey, current: ObjectInfo) -> FileUpload | None:
    """Complete the row of whoever stored a single file and was killed just then, if there is one."""
    row = FileUpload.objects.filter(
        upload=None,
        bucket_name=source.bucket.name,
        key=source.object_key(key),
        completed_at=None,
        deleted_at=None,
    ).last()
    if row is not None:
        complete_row(row, current)
    return row


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, _CHUNK_BYTES), b"")


def _upload_row(
    user: User,
    spooled: SpooledArchive,
    destination: Destination,
    origin: Origin | None,
) -> Upload:
    """Return the row of an upload, not yet saved."""
    source = destination.source
    return Upload(
        user=user,
        filename=spooled.name,
        size=spooled.size,
        content_hash=spooled.content_hash,
        bucket_name=source.bucket.name,
        bucket_region=source.region or "",
        bucket_endpoint_url=source.endpoint_url or "",
        try_symbols=destination.try_symbols,
        download_url=origin.url if origin else "",
        redirect_urls=list(origin.redirect_urls) if origin else [],
    )


def _second_pass(
    upload: Upload, archive: Archive, source: Source, candidates: Iterable[Candidate]
) -> Iterator[FileUpload]:
    """Store the candidates; the row of each is there from its beginning, and completed after."""
    rules = storing_rules()

    def begin() -> Iterator[tuple[Candidate, list[FileUpload]]]:
        for candidate in candidates:
            rows = [
                begin_row(
                    upload,
                    source,
                    candidate.key,
                    candidate.inspected.digest.size,
                    {**head_fields(candidate.inspected.head), **fields},
                    update=candidate.current is not None,
                    compressed=rules.compresses(candidate.key),
                )
                for fields in row_fields(candidate)
            ]
            for row, module in zip(rows, candidate.modules, strict=False):
                if module.split_ids:
                    note_split_ids(row, module.split_ids)
            if candidate.current is not None and candidate.native:
                drop_replaced(source, candidate.key, candidate.modules)
            yield candidate, rows

    def work(begun: tuple[Candidate, list[FileUpload]]) -> tuple[ObjectInfo, WrittenAliases]:
        candidate, _ = begun
        body = candidate.packed or archive.stream(candidate.member)
        info = store(source, candidate.key, body, candidate.inspected.digest, rules)
        stored.add(candidate.key)
        written = write_aliases(source, candidate.key, candidate.modules)
        for alias in written.new:
            stored.add(alias)
        return info, written

    with symbol_stored.together() as stored:
        for (candidate, rows), (info, written) in run_in_pool(work, begin()):
            settle_aliases(source, candidate.key, candidate.modules, written.contested)
            for row in rows:
                complete_row(row, info)
            yield from rows


def _write_missing_aliases(source: Source, candidates: Iterable[Candidate]) -> None:
    """Write the aliases of originals that are there already: their upload may have been killed before it did."""
    has_some = (c for c in candidates if c.native or packed_alias(c.key))
    there = (c for c in has_some if not c.is_new and not c.is_poorer)

    def work(candidate: Candidate) -> WrittenAliases:
        return write_aliases(source, candidate.key, candidate.modules)

    for candidate, written in run_in_pool(work, there):
        symbol_stored.publish(*written.new)
        settle_aliases(source, candidate.key, candidate.modules, written.contested)


def complete_interrupted(
    source: Source, present: Mapping[str, tuple[ObjectInfo, Digest]]
) -> set[str]:
    """Complete the last rows of files that are there, by object key; return the keys of these rows.

    An upload that is killed may have stored a file and not have come to say so; without its row,
    nobody could ask for the file by its code id.
    """
    of_bucket = FileUpload.objects.filter(
        upload__bucket_name=source.bucket.name,
        upload__bucket_endpoint_url=source.endpoint_url or "",
    )
    same = {name: OuterRef(name) for name in ("debug_file", "debug_id", "key")}
    newer = of_bucket.filter(pk__gt=OuterRef("pk"), **same)
    unfinished = of_bucket.filter(~Exists(newer), completed_at=None, deleted_at=None)
    completed = set()
    for keys in batches(present, _ROWS_AT_ONCE):
        for row in unfinished.filter(key__in=keys):
            current, digest = present[row.key]
            if row.original_size == digest.size:
                complete_row(row, current)
                completed.add(row.key)
    return completed
