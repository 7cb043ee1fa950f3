# SPDX-License-Identifier: MPL-2.0

"""The files of a build that a source has, found by the rows of uploads: its executable, its debug file, and split units.

Files with split units (``.dwp``) and the programs that refer to them find each other by the ids of units. Either may come
first. Whoever comes writes its ids down, and looks for the other then: one of both sees the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, is_hex_id
from tecken.core.native.kinds import DERIVABLE_KINDS, Role
from tecken.core.storage.sources import Source
from tecken.upload.deriving.turns import is_of_windows
from tecken.upload.lone_symbols import nameless_key
from tecken.upload.models import FileUpload, SplitId
from tecken.upload.object_holders import files_in, reachable, with_uploads

_Derivation = FileUpload.Derivation
_MIN_ID_DIGITS = 6  # a program may well be called ``cafe``
_SIGNED_END = 1 << 63
LACKS_SPLIT: Final = (
    "a part of its debug information is in files of split units, which are missing or damaged: pack them with `dwp`,"
    " and upload the .dwp"
)


class NotDerivedError(Exception):
    """There are no symbols to be derived; the message is for people."""

    becomes = _Derivation.FAILED


class WaitingError(NotDerivedError):
    """There will be, when another file of the build has come."""

    becomes = _Derivation.WAITING


class PostponedError(NotDerivedError):
    """They are derived in the background."""

    becomes = _Derivation.PENDING


@dataclass(frozen=True, slots=True)
class BuildFiles:
    """The files of a build that a bucket has; at least one of both."""

    executable: FileUpload | None
    debug: FileUpload | None

    @property
    def rows(self) -> list[FileUpload]:
        """The files."""
        return [row for row in (self.debug, self.executable) if row is not None]

    @property
    def size(self) -> int:
        """How many bytes they have together."""
        return sum(row.original_size for row in self.rows)

    @property
    def is_nameless(self) -> bool:
        """Whether nobody knows the name of the module, as its files are named by their ids."""
        row = self.executable or self.debug
        return row is not None and _is_named_by_id(row)

    @property
    def is_lone(self) -> bool:
        """Whether it is not certain how the module is called."""
        return self.executable is None or self.is_nameless

    def symbol_key(self) -> SymbolKey:
        """Return where the symbol file belongs. Raises NotDerivedError where it can have no key."""
        row = self.executable or self.debug
        if row is None:
            raise NotDerivedError("its files are gone")
        if self.is_nameless:
            return nameless_key(row.debug_id)
        # Of Windows, the executable says how its PDB is called.
        code_file = "" if is_of_windows(self.rows) else row.code_file
        try:
            return SymbolKey.of_module(code_file or row.debug_file, row.debug_id)
        except InvalidNameError as error:
            raise NotDerivedError(str(error)) from error


def _is_named_by_id(row: FileUpload) -> bool:
    """Say whether a file is called by its build id, as ``…/.build-id/c6/be8361….debug`` is, or by its debug id."""
    name = row.debug_file.upper()
    if len(name) < _MIN_ID_DIGITS or not is_hex_id(name):
        return False
    return name == row.debug_id or row.code_id.endswith(name)


def build_files_of(source: Source, debug_id: str) -> BuildFiles:
    """Return what a bucket has of a build: of several files the one that has the most, and then the newest."""
    rows = FileUpload.objects.filter(
        debug_id=debug_id, kind__in=DERIVABLE_KINDS, completed_at__isnull=False, deleted_at=None
    )
    keys = {*rows.values_list("key", flat=True)}
    there = [row for row in with_uploads(rows & files_in(source, keys)) if is_in(source, row)]

    def best(role: Role) -> FileUpload | None:
        of_role = [row for row in there if row.role == role]
        return max(of_role, key=lambda row: (len(row.features), row.pk), default=None)

    return BuildFiles(best(Role.EXECUTABLE), best(Role.DEBUGINFO))


def is_in(source: Source, row: FileUpload) -> bool:
    """Say whether a file lies in a source: regular and try symbols may share a bucket, and must not be mixed."""
    there = reachable(row)
    return there is not None and there[0].url == source.url


def note_split_ids(file: FileUpload, ids: Collection[int]) -> None:
    """Write down the ids of split units in a file, or those that a program refers to, instead of what was known."""
    wanted = {_signed(one) for one in ids}
    known = SplitId.objects.filter(file=file)
    if {*known.values_list("split_id", flat=True)} == wanted:
        return
    with transaction.atomic():
        known.delete()
        SplitId.objects.bulk_create(SplitId(file=file, split_id=one) for one in sorted(wanted))


def find_split(source: Source, ids: Collection[int]) -> FileUpload | None:
    """Return the file of a source that has most of some split units, and of several the newest."""
    counts: dict[int, int] = {}
    with_ids = SplitId.objects.filter(split_id__in=map(_signed, ids), file__role=Role.SPLIT)
    for pk in with_ids.values_list("file", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    files = FileUpload.objects.filter(pk__in=counts, completed_at__isnull=False, deleted_at=None)
    there = [row for row in with_uploads(files) if is_in(source, row)]
    return max(there, key=lambda row: (counts[row.pk], row.pk), default=None)


def lacking(source: Source, ids: Collection[int]) -> "QuerySet[FileUpload]":
    """Return the files of modules that refer to some split units and lack them, or of which nothing could be read."""
    with_ids = SplitId.objects.filter(split_id__in=map(_signed, ids)).exclude(file__role=Role.SPLIT)
    debug_ids = {*with_ids.values_list("file__debug_id", flat=True)} - {""}
    lacks = Q(derivation=_Derivation.DONE, problem=LACKS_SPLIT)
    failed = Q(derivation=_Derivation.FAILED)
    return FileUpload.objects.filter(
        lacks | failed, debug_id__in=debug_ids, deleted_at=None, bucket_name=source.bucket.name
    )


def _signed(split_id: int) -> int:
    return split_id - 2 * _SIGNED_END if split_id >= _SIGNED_END else split_id
