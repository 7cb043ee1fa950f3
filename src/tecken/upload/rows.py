# SPDX-License-Identifier: MPL-2.0

"""The rows of files: from what is known of a file to what is written down, before and after it is stored."""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from tecken.core.archives.inspection import InspectedMember
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.native.kinds import Identified
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import store
from tecken.core.symbols.records import SymbolFileHead
from tecken.upload.deleted_objects import refuse_while_removing
from tecken.upload.first_pass import Candidate
from tecken.upload.models import FileUpload, Upload
from tecken.upload.rules import storing_rules

_MAX_LENGTH = 255  # of the texts of a row


def begin_row(
    upload: Upload | None,
    source: Source,
    key: SymbolKey,
    original_size: int,
    fields: Mapping[str, str],
    *,
    update: bool,
    compressed: bool,
    derived: bool = False,
) -> FileUpload:
    """Write down that a file is about to be stored. Raises StorageUnavailableError while it is removed."""
    row = FileUpload.objects.create(
        upload=upload,
        bucket_name=source.bucket.name,
        key=source.object_key(key),
        update=update,
        compressed=compressed,
        original_size=original_size,
        derived=derived,
        **fields,
    )
    refuse_while_removing(source, row.key)
    return row


def head_fields(head: SymbolFileHead) -> dict[str, str]:
    """Return what a row keeps of a symbol file's head: names and ids that can be asked for."""
    code_file, code_id = head.code_names()
    generator = "".join(filter(str.isprintable, head.generator or ""))[:_MAX_LENGTH]
    return {"code_file": code_file, "code_id": code_id, "generator": generator}


def store_inspected(
    upload: Upload | None,
    source: Source,
    key: SymbolKey,
    chunks: Iterable[bytes],
    inspected: InspectedMember,
    fields: Mapping[str, str],
    *,
    update: bool,
    derived: bool = False,
) -> FileUpload:
    """Store a file that was in no archive, tell of it, and return its row. Raises StorageError."""
    rules = storing_rules()
    row = begin_row(
        upload,
        source,
        key,
        inspected.digest.size,
        {**head_fields(inspected.head), **fields},
        update=update,
        compressed=rules.compresses(key),
        derived=derived,
    )
    info = store(source, key, chunks, inspected.digest, rules)
    symbol_stored.publish(key)
    complete_row(row, info)
    return row


def complete_row(row: FileUpload, info: ObjectInfo) -> None:
    """Write down that a file is stored."""
    row.size = info.size
    row.completed_at = timezone.now()
    row.save(update_fields=["size", "completed_at"])


def row_fields(candidate: Candidate) -> list[dict[str, str]]:
    """Return what the rows of a file keep of it: one row, or one for each module of a fat file."""
    native = candidate.native
    key = candidate.key
    if native is None:
        names = {"debug_file": key.debug_file, "debug_id": key.debug_id, "kind": candidate.kind}
        return [{**names, "has": ",".join(candidate.inspected.has)}]
    if not native.modules:
        names = {"debug_file": key.debug_file, "debug_id": key.debug_id, "kind": candidate.kind}
        return [{**names, "problem": native.problem}]
    file_name = candidate.member.name.rpartition("/")[2]
    return [module_fields(file_name, module) for module in native.modules]


def module_fields(file_name: str, module: Identified) -> dict[str, str]:
    """Return what the row of a native file keeps of one of its modules."""
    return {
        "debug_file": printable(module.debug_file) or file_name,
        "debug_id": module.debug_id,
        "code_file": printable(module.code_file),
        "code_id": module.code_id,
        "kind": module.kind,
        "role": module.role,
        "arch": printable(module.arch)[:32],
        "has": ",".join(module.has),
        "derivation": FileUpload.Derivation.PENDING if module.is_derivable else "",
    }


def printable(text: str) -> str:
    """Return a name of a file without what no row can keep."""
    return "".join(filter(str.isprintable, text))[:255]
