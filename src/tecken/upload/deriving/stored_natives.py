# SPDX-License-Identifier: MPL-2.0

"""Native files that lie in a bucket and that nobody has read: of before native files were told, or copied there.

They get what an upload of now would write: rows of their modules, and aliases. Then their symbols are derived as those of
any upload. One that no row tells of gets a row of no upload, which is one of the default bucket, or of another on the same
server.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tecken.core.errors import NativeFileError, ObjectNotFoundError
from tecken.core.identifiers import NativeKey, SymbolKey, parse_stored_key
from tecken.core.locating.events import symbol_stored
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import DERIVABLE_KINDS, HEAD_BYTES, Identified, Kind, kind_of
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue_once
from tecken.upload.aliases import settle_aliases, write_aliases
from tecken.upload.deriving.build_files import note_split_ids
from tecken.upload.deriving.module import note_gone
from tecken.upload.deriving.queueing import DERIVE_STORED, try_again, wake_next
from tecken.upload.deriving.uploads import GIVEN_UP, derive_module_of
from tecken.upload.index_conditions import UNDERIVED
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import files_in, reachable, with_uploads
from tecken.upload.rows import module_fields
from tecken.upload.scratch import fetch_object, new_folder
from tecken.web.sources import try_source, written_sources

TASK: Final = DERIVE_STORED

_Derivation = FileUpload.Derivation
_FORGOTTEN_SECONDS = 120
_RESUMED_AT_ONCE = 500


def rows_of(source: Source, key: SymbolKey) -> list[FileUpload]:
    """Return the rows of what lies under a key now: several of a fat file."""
    files = files_in(source, [source.object_key(key)])
    files = files.filter(completed_at__isnull=False, deleted_at=None)
    rows = [row for row in with_uploads(files).order_by("pk") if reachable(row) is not None]
    return [row for row in rows if row.upload_id == rows[-1].upload_id]


def is_read(rows: Sequence[FileUpload]) -> bool:
    """Say whether it is known already what a file is; one that has no role and is pending is to be read."""
    return any(row.kind and (row.role or row.derivation != _Derivation.PENDING) for row in rows)


def kind_stored(source: Source, info: ObjectInfo) -> Kind:
    """Return the kind of a stored file by its first bytes. Raises StorageError."""
    if info.content.content_encoding is not None:
        return Kind.OTHER
    head = b""
    with source.bucket.open_range(info.key, 0, HEAD_BYTES, if_match=info.etag) as reader:
        while data := reader.read(HEAD_BYTES):
            head += data
    return kind_of(head)


def may_have_rows(source: Source) -> bool:
    """Say whether files of no upload may lie in a source: not among try symbols, nor on another server."""
    default = next(iter(written_sources()))
    is_try = (source.bucket.name, source.prefix, source.endpoint_url) == (
        (there := try_source()).bucket.name,
        there.prefix,
        there.endpoint_url,
    )
    return not is_try and source.endpoint_url == default.endpoint_url


def mark_pending(source: Source, key: SymbolKey, info: ObjectInfo) -> bool:
    """Say of a file that its symbols are about to be derived; False where it can have no row.

    It has no role before it was read.
    """
    rows = rows_of(source, key)
    if rows:
        FileUpload.objects.filter(pk=rows[-1].pk).update(derivation=_Derivation.PENDING, problem="")
        return True
    if not may_have_rows(source):
        return False
    fields = {"debug_file": key.debug_file, "debug_id": key.debug_id}
    if isinstance(key, NativeKey):
        fields = {"debug_file": key.debug_id, "debug_id": key.debug_id.upper()}
    FileUpload.objects.create(
        bucket_name=source.bucket.name,
        key=source.object_key(key),
        update=False,
        compressed=False,
        size=info.size,
        original_size=info.size,
        completed_at=timezone.now(),
        derivation=_Derivation.PENDING,
        **fields,
    )
    return True


def derive_stored(source_name: str, object_key: str) -> None:
    """Read a stored file, and derive the symbols of its modules; what is done already is not done again.

    What others keep from it is left to a task that comes a little later. Raises StorageError.
    """
    source = next((one for one in written_sources() if one.name == source_name), None)
    if source is None:
        return
    prefix = f"{source.prefix}/" if source.prefix else ""
    key = parse_stored_key(object_key.removeprefix(prefix))
    if derive_key(source, key):
        wake_next()
    else:
        try_again(TASK, source_name=source_name, object_key=object_key)


def give_up(source_name: str, object_key: str) -> None:
    """Note that a task has failed for good."""
    for source in written_sources():
        if source.name == source_name:
            files = files_in(source, [object_key]).filter(derivation=_Derivation.PENDING)
            files.update(derivation=_Derivation.FAILED, problem=GIVEN_UP)


def resume() -> int:
    """Add tasks for what is pending and forgotten, as whoever marked it was killed; return how many."""
    long_ago = timezone.now() - timedelta(seconds=_FORGOTTEN_SECONDS)
    pending = FileUpload.objects.filter(
        UNDERIVED, derivation=_Derivation.PENDING, created_at__lt=long_ago
    )
    pending = pending.filter(Q(role="") | Q(upload=None))
    added = 0
    for row in with_uploads(pending).order_by("pk")[:_RESUMED_AT_ONCE]:
        there = reachable(row)
        if there is None or row.deleted_at is not None:
            note_gone([row])
            continue
        source_name = there[0].name
        added += enqueue_once(
            find_task(TASK), or_runs=True, source_name=source_name, object_key=row.key
        )
    return added


def derive_key(source: Source, key: SymbolKey) -> bool:
    """Do so; return False when others kept a module from its turn. Raises StorageError."""
    with new_folder(key.symbol_file) as folder:
        path = folder / "stored"
        rows = rows_of(source, key)
        try:
            if not is_read(rows) and not (rows := _adopt(source, key, path)):
                return True
        except ObjectNotFoundError:
            note_gone(rows)
            return True
        local = {source.object_key(key): path} if path.exists() else {}
        is_done = True
        for row in rows:
            if row.derivation == _Derivation.PENDING:
                is_done &= not derive_module_of(row, source, local).is_left
        return is_done


def _adopt(source: Source, key: SymbolKey, path: Path) -> list[FileUpload]:
    """Read a file to ``path``, and write down what it is; return the rows of its modules. Raises StorageError."""
    info = current_object(source, key)
    rows = rows_of(source, key)
    if info is None:
        note_gone(rows)
        return []
    kind = kind_stored(source, info)
    if kind not in DERIVABLE_KINDS:
        pks = [row.pk for row in rows]
        FileUpload.objects.filter(pk__in=pks).update(kind=Kind.OTHER, derivation="", problem="")
        return []
    fetch_object(source, info.key, path, info.etag)
    is_original = isinstance(key, NativeKey)
    try:
        modules = identify_file(path, key.debug_id if is_original else key.symbol_file)
    except NativeFileError as error:
        modules, problem = (), error.reason
    else:
        modules = tuple(module for module in modules if module.native_id)
        problem = "" if modules else "it has no id, such as a build id"
    if not rows and not mark_pending(source, key, info):
        return []
    rows = rows_of(source, key)
    if not modules:
        pks = [row.pk for row in rows]
        failed = {"derivation": _Derivation.FAILED, "problem": problem[:1000]}
        FileUpload.objects.filter(pk__in=pks).update(kind=kind, **failed)
        return []
    _write_rows(rows, modules, key)
    written = write_aliases(source, key, modules)
    symbol_stored.publish(*written.new)
    settle_aliases(source, key, modules, written.contested)
    return rows_of(source, key)


@transaction.atomic
def _write_rows(rows: Sequence[FileUpload], modules: Sequence[Identified], key: SymbolKey) -> None:
    """Let the row of a file tell of its first module, and new ones of the others."""
    row = rows[-1]
    for number, module in enumerate(modules):
        if number:
            row.pk = None
            row._state.adding = True
        for name, value in module_fields(key.symbol_file, module).items():
            setattr(row, name, value)
        row.problem = ""
        row.save()
        note_split_ids(row, module.split_ids)
