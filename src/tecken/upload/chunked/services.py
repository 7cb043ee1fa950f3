# SPDX-License-Identifier: MPL-2.0

"""What becomes of files that a client wants assembled: some are there, some lack chunks, others are begun.

What is begun is assembled in the background, and its client asks again how far that is. Any node may
be asked; all that is known is in the database and in the bucket.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.accounts.models import User
from tecken.core.batches import batches
from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.storage.sources import Source
from tecken.jobs.models import Task
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue
from tecken.upload.buckets import Destination
from tecken.upload.chunked.chunks import kept_chunks
from tecken.upload.chunked.protocol import Progress, State, WantedFile, max_file_bytes
from tecken.upload.daily import count_soon
from tecken.upload.deleted_objects import about_to_go, keep_found
from tecken.upload.models import ChunkedFile, FileUpload, Upload
from tecken.upload.object_holders import files_in
from tecken.upload.presence import look_up

TASK = "upload.assemble_files"
_ROWS_AT_ONCE = 500
_NOTED_AGAIN = timedelta(hours=1)  # after which a file that is there counts as brought once more
_ERROR_AGE = timedelta(minutes=10)  # after which a file that was refused is tried again
_SURELY_ALIVE = timedelta(seconds=60)  # in which nobody looks whether its task is there
_SURELY_THERE = timedelta(seconds=60)  # in which nobody asks the bucket for what it has just got
_MAX_COLUMN = 255
_MAX_NAME_LENGTH = 200  # of the file that an upload of several is called by


@dataclass(frozen=True, slots=True)
class _Complete:
    """A file of which every chunk is there."""

    file: WantedFile
    size: int


def assemble(
    user: User, destination: Destination, wanted: Sequence[WantedFile]
) -> dict[str, Progress]:
    """Say of each file what became of it, by its SHA-1; begin to assemble those that are complete.

    Raises StorageError.
    """
    source = destination.source
    mine = {row.sha1: row for row in _rows(user, source, wanted)}
    present = _present(source, wanted)
    found: dict[str, Progress] = {}
    unknown: list[WantedFile] = []
    alive: dict[str, bool] = {}
    for file in wanted:
        row = mine.get(file.sha1)
        if file.sha1 in present:
            found[file.sha1] = Progress(State.OK, stored=present[file.sha1], name=file.name)
        elif row is not None and _still_counts(row, alive):
            found[file.sha1] = Progress(State(row.state), detail=row.detail)
        else:
            unknown.append(file)
    _note_found(user, destination, [file for file in wanted if file.sha1 in present], present, mine)
    complete: list[_Complete] = []
    kept = kept_chunks(user, source, (chunk for file in unknown for chunk in file.chunks))
    for file in unknown:
        missing = tuple(dict.fromkeys(chunk for chunk in file.chunks if chunk not in kept))
        size = sum(kept[chunk] for chunk in file.chunks if chunk in kept)
        if size > max_file_bytes():
            found[file.sha1] = Progress(State.ERROR, detail=_too_large())
        elif missing:
            found[file.sha1] = Progress(State.NOT_FOUND, missing)
        else:
            found[file.sha1] = Progress(State.CREATED)
            complete.append(_Complete(file, size))
    source.bucket.check_room(sum(file.size for file in complete))
    # At once: none is ended, and rid of its chunks, before it is known that another needs them.
    with transaction.atomic():
        # In one order, so that two requests for the same files do not wait for each other.
        for batch in _batches(sorted(complete, key=lambda each: each.file.sha1)):
            _begin(user, destination, [each.file for each in batch])
    return found


def batch_name(names: Sequence[str]) -> str:
    """Return what the upload of some files is called, by their names: ``xul.dll and 3 others``."""
    name = own_name(min(names))[-_MAX_NAME_LENGTH:]
    others = len(names) - 1
    if not others:
        return name
    return f"{name} and {others} other{'s' if others > 1 else ''}"


def own_name(name: str) -> str:
    """Return the name of a file, without its folders and what is not printable."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, own))[-_MAX_COLUMN:] or "file"


def _rows(user: User, source: Source, wanted: Iterable[WantedFile]) -> Iterator[ChunkedFile]:
    for some in batches((file.sha1 for file in wanted), _ROWS_AT_ONCE):
        yield from ChunkedFile.objects.filter(user=user, source=source.name, sha1__in=some)


def _present(source: Source, wanted: Iterable[WantedFile]) -> dict[str, FileUpload]:
    """Return the rows of files that are in the bucket, whoever brought them, by their SHA-1.

    The bucket itself is asked, but of what was stored a moment ago, for which a client asks each second:
    somebody may have removed an object by hand. Another upload may have replaced it. Raises StorageError
    and BusyError.
    """
    rows, surely_there = _known_rows(source, wanted)
    keys = {row.key: key for row in rows.values() if (key := _symbol_key(row))}
    there = look_up(source, [key for name, key in keys.items() if name not in surely_there])
    going = about_to_go(source, keys)
    stored_last = _stored_last(source, keys)
    found: dict[str, FileUpload] = {}
    for sha1, row in rows.items():
        info = there.get(keys[row.key]) if row.key in keys else None
        is_it = row.key in surely_there or (info is not None and info.size == row.size)
        if is_it and row.key not in going and stored_last.get(row.key) == row.upload_id:
            found[sha1] = row
    return found


def _known_rows(
    source: Source, wanted: Iterable[WantedFile]
) -> tuple[dict[str, FileUpload], set[str]]:
    """Return the rows of files that were stored, by their SHA-1, and the keys of what surely is there."""
    rows: dict[str, FileUpload] = {}
    surely_there: set[str] = set()
    since = timezone.now() - _SURELY_THERE
    for some in batches((file.sha1 for file in wanted), _ROWS_AT_ONCE):
        stored = ChunkedFile.objects.filter(
            source=source.name,
            sha1__in=some,
            state=State.OK,
            file__completed_at__isnull=False,
        ).filter(Q(file__deleted_at=None) | Q(file__removal=FileUpload.Removal.KEPT))
        for known in stored.select_related("file").order_by("file_id"):  # the newest counts
            if known.file is not None:
                rows[known.sha1] = known.file
                if known.changed_at > since:
                    surely_there.add(known.file.key)
    return rows, surely_there


def _stored_last(source: Source, keys: Iterable[str]) -> dict[str, int | None]:
    """Return by the keys of objects which upload has stored each last."""
    found: dict[str, int | None] = {}
    for some in batches(keys, _ROWS_AT_ONCE):
        rows = files_in(source, some).filter(completed_at__isnull=False).order_by("pk")
        found.update(rows.values_list("key", "upload_id"))
    return found


def _symbol_key(row: FileUpload) -> SymbolKey | None:
    try:
        return parse_stored_key(row.symbol_key)
    except InvalidNameError:  # of a row that another server wrote
        return None


def _still_counts(row: ChunkedFile, alive: dict[str, bool]) -> bool:
    """Say whether what a row tells of a file that is not there needs no second try."""
    age = timezone.now() - row.changed_at
    if row.state == State.ERROR:
        return age < _ERROR_AGE
    if row.state not in {State.CREATED, State.ASSEMBLING}:
        return False  # it was there
    if age < _SURELY_ALIVE:
        return True
    if row.batch not in alive:
        unfinished = (Task.State.WAITING, Task.State.RUNNING)
        tasks = Task.objects.filter(name=TASK, arguments={"batch": row.batch})
        alive[row.batch] = tasks.filter(state__in=unfinished).exists()
    return alive[row.batch]


def _note_found(
    user: User,
    destination: Destination,
    wanted: Sequence[WantedFile],
    present: Mapping[str, FileUpload],
    mine: Mapping[str, ChunkedFile],
) -> None:
    """Write down that somebody has brought what was there already, as an upload that has stored nothing.

    What nobody brings for long may be removed. A client that asks again does not bring it again.
    """
    since = timezone.now() - _NOTED_AGAIN
    new = [
        file
        for file in wanted
        if (row := mine.get(file.sha1)) is None or row.state != State.OK or row.changed_at < since
    ]
    if not new:
        return
    keys = list(dict.fromkeys(present[file.sha1].key for file in new))
    source = destination.source
    upload = Upload.objects.create(
        user=user,
        filename=batch_name([file.name for file in new]),
        size=sum(present[file.sha1].original_size for file in new),
        content_hash=hashlib.md5(
            "".join(sorted(file.sha1 for file in new)).encode(), usedforsecurity=False
        ).hexdigest(),
        bucket_name=source.bucket.name,
        bucket_region=source.region or "",
        bucket_endpoint_url=source.endpoint_url or "",
        try_symbols=destination.try_symbols,
        skipped_keys=keys,
        completed_at=timezone.now(),
    )
    keep_found(source, keys)
    _write(user, destination, new, batch="", state=State.OK, stored=present)
    count_soon(upload.created_at.date())


def _batches(complete: Iterable[_Complete]) -> Iterator[list[_Complete]]:
    """Part files so that those of a batch have no more bytes, nor are more, than in an archive."""
    batch: list[_Complete] = []
    size = 0
    for file in complete:
        if batch and (
            size + file.size > max_file_bytes() or len(batch) == settings.UPLOAD_MAX_MEMBERS
        ):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _begin(user: User, destination: Destination, files: Sequence[WantedFile]) -> None:
    batch = secrets.token_hex(16)
    _write(user, destination, files, batch=batch, state=State.CREATED)
    enqueue(find_task(TASK), batch=batch)


def _write(
    user: User,
    destination: Destination,
    files: Sequence[WantedFile],
    *,
    batch: str,
    state: State,
    stored: Mapping[str, FileUpload] | None = None,
) -> None:
    """Write rows of files, in place of those that there may be."""
    ChunkedFile.objects.bulk_create(
        [
            ChunkedFile(
                user=user,
                source=destination.source.name,
                try_symbols=destination.try_symbols,
                sha1=file.sha1,
                name="".join(filter(str.isprintable, file.name))[-_MAX_COLUMN:],
                chunks=file.chunks,
                batch=batch,
                state=state,
                file=stored[file.sha1] if stored else None,
                changed_at=timezone.now(),
            )
            for file in sorted(files, key=lambda file: file.sha1)
        ],
        batch_size=_ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["user", "source", "sha1"],
        update_fields=["name", "chunks", "batch", "state", "detail", "file", "changed_at"],
    )


def _too_large() -> str:
    return f"It is too large: at most {max_file_bytes()} bytes are allowed"


def needed_chunks(user: User, source_name: str) -> set[str]:
    """Return the chunks that files of a user are still to be made of."""
    files = ChunkedFile.objects.filter(
        user=user, source=source_name, state__in=[State.CREATED, State.ASSEMBLING]
    )
    return {chunk for chunks in files.values_list("chunks", flat=True) for chunk in chunks}


def unfinished_files(batch: str) -> "QuerySet[ChunkedFile]":
    """Return the files of a batch that are still to be assembled."""
    return ChunkedFile.objects.filter(batch=batch, state__in=[State.CREATED, State.ASSEMBLING])
