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

from django.db.models import Exists, OuterRef
from django.utils import timezone

from tecken.accounts.models import User
from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.inspection import InspectedMember, Inspection, refuse_names
from tecken.core.archives.layout import lay_out, refuse_other_contents
from tecken.core.archives.reading import ReadingJob
from tecken.core.batches import batches
from tecken.core.errors import ArchiveRefusedError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.packing import PackedFile
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object, is_same, may_be_same, store
from tecken.core.symbols.records import SymbolFileHead
from tecken.core.tempfiles.spooling import Scratch
from tecken.upload.buckets import Destination
from tecken.upload.by_url import Origin
from tecken.upload.daily import count_soon
from tecken.upload.deleted_objects import keep_found, refuse_while_removing, remove_soon
from tecken.upload.models import FileUpload, Upload
from tecken.upload.pool import run_in_pool
from tecken.upload.reading import read_wherever
from tecken.upload.rules import archive_limits, inspection_rules, storing_rules
from tecken.upload.scratch import new_scratch
from tecken.upload.spool import SpooledArchive
from tecken.web.sources import upload_source

_MAX_LENGTH = 255  # of the texts of a row
_ROWS_AT_ONCE = 500
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A finished upload: its row, the rows of the files that were new, and what was odd.

    ``skipped_names`` are the archive's own names of the files that were there already.
    """

    upload: Upload
    files: tuple[FileUpload, ...]
    skipped_names: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that passed; ``current`` is what the bucket has under its key."""

    member: ArchiveMember
    key: SymbolKey
    inspected: InspectedMember
    packed: PackedFile | None
    current: ObjectInfo | None
    is_new: bool

    @property
    def stored_size(self) -> int:
        """How many bytes are to be stored; of what is compressed as it is stored, at most so many."""
        return self.member.size if self.packed is None else self.packed.size


def store_upload(
    user: User,
    spooled: SpooledArchive,
    destination: Destination,
    origin: Origin | None = None,
) -> StoredUpload:
    """Check an archive and store what is new in it; ``origin`` is where it was fetched from.

    Raises ArchiveRefusedError, LimitExceededError, and NoRoomError where that can be known, before
    anything is stored or written down; StorageError also in the middle, and then the rows say how far
    it came.
    """
    with new_scratch(spooled.name) as scratch:
        archive = open_archive(spooled.file, archive_limits())
        candidates, ignored_keys = _first_pass(archive, destination.source, scratch)
        upload = _upload_row(user, spooled, destination, origin)
        new = [candidate for candidate in candidates if candidate.is_new]
        destination.source.bucket.check_room(sum(candidate.stored_size for candidate in new))
        skipped = {
            destination.source.object_key(c.key): (c.current, c.inspected.digest)
            for c in candidates
            if c.current is not None and not c.is_new
        }
        upload.skipped_keys = list(skipped)
        upload.ignored_keys = ignored_keys
        upload.save()
        keep_found(destination.source, skipped)
        complete_interrupted(destination.source, skipped)
        files = tuple(_second_pass(upload, archive, destination.source, new))
    upload.completed_at = timezone.now()
    upload.save(update_fields=["completed_at"])
    if Upload.objects.filter(pk=upload.pk, deleted_at__isnull=False).exists():
        remove_soon()  # of what was taken back meanwhile, some files may have been stored since
    count_soon(upload.created_at.date())
    warnings = tuple(c.inspected.warning for c in candidates if c.inspected.warning)
    skipped_names = tuple(c.member.name for c in candidates if not c.is_new)
    return StoredUpload(upload, files, skipped_names, warnings)


def store_file(file: BinaryIO, key: SymbolKey) -> FileUpload | None:
    """Store a file that no upload brought; return None when the default bucket has it already.

    The row that tells of it belongs to no upload. Raises ArchiveRefusedError for what an upload may
    not have either, and for a symbol file of another module, since nobody answers for it;
    StorageError.
    """
    source, rules = upload_source(try_symbols=False), storing_rules()
    compressed = rules.compresses(key)
    size = os.fstat(file.fileno()).st_size
    inspected = Inspection(_chunks(file), size, key, inspection_rules()).finish()
    if inspected.warning:
        raise ArchiveRefusedError(inspected.warning)
    current = current_object(source, key)
    if current is not None and is_same(current, inspected.digest, compressed=compressed):
        symbol_stored.publish(key)
        return _interrupted_row(source, key, current)
    row = _begin_row(
        None, source, key, inspected, update=current is not None, compressed=compressed
    )
    info = store(source, key, _chunks(file), inspected.digest, rules)
    symbol_stored.publish(key)
    _complete(row, info)
    return row


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
        _complete(row, current)
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


def _first_pass(
    archive: Archive, source: Source, scratch: Scratch
) -> tuple[list[_Candidate], list[str]]:
    """Read every member; return the files and the names of the ignored, in the archive's order."""
    rules = inspection_rules()
    refuse_names((member.name for member in archive.members), rules.snippets)
    layout = lay_out(archive.members)
    keys = {file.member: file.key for file in layout.files}

    def inspect(member: ArchiveMember) -> tuple[InspectedMember, _Candidate | None]:
        key = keys.get(member)
        if key is None:
            job = ReadingJob(member, None, rules, packs=False)
            return read_wherever(archive, job, scratch).inspected, None
        candidate = _inspect_file(archive, member, key, source, scratch)
        if not candidate.is_new:
            # Whoever stored it may have been killed, or not have come to it yet: what this upload says
            # is stored must be what the next request gets.
            stored.add(key)
        return candidate.inspected, candidate

    with symbol_stored.together() as stored:
        found = dict(run_in_pool(inspect, archive.members))
    for earlier, later in layout.twins:
        if found[earlier][0].digest != found[later][0].digest:
            refuse_other_contents(later)  # whose checksums are the same, as can be arranged
    candidates = [found[file.member][1] for file in layout.files]
    return list(filter(None, candidates)), list(layout.ignored)


def _inspect_file(
    archive: Archive, member: ArchiveMember, key: SymbolKey, source: Source, scratch: Scratch
) -> _Candidate:
    """Read a file; pack it, too, unless the bucket may have it already."""
    compressed = storing_rules().compresses(key)
    current = current_object(source, key)
    packs = compressed and (current is None or not may_be_same(current, member.size))
    read = read_wherever(archive, ReadingJob(member, key, inspection_rules(), packs), scratch)
    inspected = read.inspected
    is_new = current is None or not is_same(current, inspected.digest, compressed=compressed)
    return _Candidate(member, key, inspected, read.packed, current, is_new)


def _second_pass(
    upload: Upload, archive: Archive, source: Source, candidates: Iterable[_Candidate]
) -> Iterator[FileUpload]:
    """Store the candidates; the row of each is there from its beginning, and completed after."""
    rules = storing_rules()

    def begin() -> Iterator[tuple[_Candidate, FileUpload]]:
        for candidate in candidates:
            row = _begin_row(
                upload,
                source,
                candidate.key,
                candidate.inspected,
                update=candidate.current is not None,
                compressed=rules.compresses(candidate.key),
            )
            yield candidate, row

    def work(begun: tuple[_Candidate, FileUpload]) -> ObjectInfo:
        candidate, _ = begun
        body = candidate.packed or archive.stream(candidate.member)
        info = store(source, candidate.key, body, candidate.inspected.digest, rules)
        stored.add(candidate.key)
        return info

    with symbol_stored.together() as stored:
        for (_, row), info in run_in_pool(work, begin()):
            _complete(row, info)
            yield row


def _complete(row: FileUpload, info: ObjectInfo) -> None:
    row.size = info.size
    row.completed_at = timezone.now()
    row.save(update_fields=["size", "completed_at"])


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
                _complete(row, current)
                completed.add(row.key)
    return completed


def _begin_row(
    upload: Upload | None,
    source: Source,
    key: SymbolKey,
    inspected: InspectedMember,
    *,
    update: bool,
    compressed: bool,
) -> FileUpload:
    row = FileUpload.objects.create(
        upload=upload,
        bucket_name=source.bucket.name,
        key=source.object_key(key),
        update=update,
        compressed=compressed,
        original_size=inspected.digest.size,
        debug_file=key.debug_file,
        debug_id=key.debug_id,
        **_head_fields(inspected.head),
    )
    refuse_while_removing(source, row.key)
    return row


def _head_fields(head: SymbolFileHead) -> dict[str, str]:
    """Return what a row keeps of a symbol file's head: names and ids that can be asked for."""
    code_file, code_id = head.code_names()
    generator = "".join(filter(str.isprintable, head.generator or ""))[:_MAX_LENGTH]
    return {"code_file": code_file, "code_id": code_id, "generator": generator}
