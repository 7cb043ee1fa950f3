# SPDX-License-Identifier: MPL-2.0

"""The parts of a build that a source has: its executable and its debug file, found by the rows of uploads."""

from dataclasses import dataclass

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import SymbolKey, is_hex_id
from tecken.core.native.kinds import DERIVABLE_KINDS, Role
from tecken.core.storage.sources import Source
from tecken.upload.deriving_limits import is_of_windows
from tecken.upload.models import FileUpload
from tecken.upload.object_holders import files_in, reachable, with_uploads

_Derivation = FileUpload.Derivation


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
class BuildParts:
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

    def symbol_key(self) -> SymbolKey:
        """Return where the symbol file belongs. Raises NotDerivedError where the module has no name yet."""
        row = self.executable or self.debug
        if row is None:
            raise NotDerivedError("its files are gone")
        if self.executable is None and is_hex_id(row.debug_file):
            raise WaitingError(
                "the name of its module is not known before its executable is uploaded, too"
            )
        # Of Windows, the executable says how its PDB is called.
        code_file = "" if is_of_windows(self.rows) else row.code_file
        try:
            return SymbolKey.of_module(code_file or row.debug_file, row.debug_id)
        except InvalidNameError as error:
            raise NotDerivedError(str(error)) from error


def parts_of(source: Source, debug_id: str) -> BuildParts:
    """Return what a bucket has of a build: of several files the one that has the most, and then the newest."""
    rows = FileUpload.objects.filter(
        debug_id=debug_id, kind__in=DERIVABLE_KINDS, completed_at__isnull=False, deleted_at=None
    )
    keys = {*rows.values_list("key", flat=True)}
    there = [row for row in with_uploads(rows & files_in(source, keys)) if is_in(source, row)]

    def best(role: Role) -> FileUpload | None:
        of_role = [row for row in there if row.role == role]
        return max(of_role, key=lambda row: (len(row.parts), row.pk), default=None)

    return BuildParts(best(Role.EXECUTABLE), best(Role.DEBUGINFO))


def is_in(source: Source, row: FileUpload) -> bool:
    """Say whether a file lies in a source: regular and try symbols may share a bucket, and must not be mixed."""
    there = reachable(row)
    return there is not None and there[0].url == source.url
