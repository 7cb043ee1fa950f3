# SPDX-License-Identifier: MPL-2.0

"""The files of a build that a source has: its executable and its debug file, found by the rows of uploads."""

from dataclasses import dataclass

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, is_hex_id
from tecken.core.native.kinds import DERIVABLE_KINDS, Role
from tecken.core.storage.sources import Source
from tecken.upload.deriving_limits import is_of_windows
from tecken.upload.lone_symbols import nameless_key
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import files_in, reachable, with_uploads

_Derivation = FileUpload.Derivation
_MIN_ID_DIGITS = 6  # a program may well be called ``cafe``


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
