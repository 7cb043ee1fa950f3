# SPDX-License-Identifier: MPL-2.0

"""Which symbol key each member of an archive has, and which members are ignored.

The rules and the messages are those of the original service; clients match on the texts. Native files may
lie anywhere, and beside them may lie what belongs to no symbol store.
Different here: names are held to the one validator of symbol keys, so ``.index`` and names that no
bucket can keep are refused, and two names that differ only in the case of their id are one.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.end_record import NOT_A_ZIP
from tecken.core.errors import ArchiveRefusedError, InvalidNameError
from tecken.core.identifiers import SymbolKey, is_hex_id, validate_file_name


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A member that is to be stored. A native file that lies at no symbol key's path has no ``key`` yet."""

    member: ArchiveMember
    key: SymbolKey | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What an archive holds: files to store, and names of members that are not stored.

    ``twins`` are members that have the name of an earlier one, which comes first, and seem equal.
    """

    files: tuple[ArchiveFile, ...]
    ignored: tuple[str, ...]
    twins: tuple[tuple[ArchiveMember, ArchiveMember], ...] = ()


def lay_out(members: Iterable[ArchiveMember], natives: Collection[ArchiveMember] = ()) -> Layout:
    """Sort the members by the rules for paths; equal twins count once.

    ``natives`` are those whose content says that they are native files. Raises ArchiveRefusedError for an archive without files, a path that is not of the form
    ``<module>/<hex>/<file>``, and twins that are not equal (their checksums tell).
    """
    first: dict[str, ArchiveMember] = {}
    files = []
    ignored = []
    twins = []
    for member in members:
        key = _key_beside_natives(member, natives) if natives else symbol_key_of(member.name)
        name = member.name if key is None else str(key)
        twin = first.setdefault(name, member)
        if twin is not member:
            _refuse_unequal_twins(twin, member)
            twins.append((twin, member))
        elif key is None and member not in natives:
            ignored.append(name)
        else:
            files.append(ArchiveFile(member, key))
    if not first:
        raise ArchiveRefusedError(NOT_A_ZIP)
    return Layout(tuple(files), tuple(ignored), tuple(twins))


def refuse_other_contents(later: ArchiveMember) -> None:
    """Refuse a twin. Raises ArchiveRefusedError."""
    raise ArchiveRefusedError(f"{_called(later)} and they have different contents")


def symbol_key_of(name: str) -> SymbolKey | None:
    """Return the symbol key of a member's path, or None for one that is ignored.

    Ignored are ``<name>-symbols.txt`` at the root and ``.DS_Store`` anywhere. Raises
    ArchiveRefusedError.
    """
    parts = _parts_of(name)
    try:
        for part in parts:
            validate_file_name(part)
        if parts[-1] == ".DS_Store" or (len(parts) == 1 and name.lower().endswith("-symbols.txt")):
            return None
        if len(parts) == 3 and is_hex_id(parts[1]):
            return SymbolKey.of_parts(*parts)
    except InvalidNameError as error:
        if error.reason == "contains invalid characters":
            raise ArchiveRefusedError(f"Invalid character in filename '{name}'") from error
        raise ArchiveRefusedError(f"'{name}' can never be stored: {error}") from error
    raise ArchiveRefusedError(
        "Unrecognized file pattern. Should only be <module>/<hex>/<file> or "
        "<name>-symbols.txt and nothing else. "
        f"(First unrecognized pattern was {name})"
    )


def _parts_of(name: str) -> list[str]:
    parts = name.split("/")
    if not parts[0] or ".." in parts:
        raise ArchiveRefusedError(f"The path '{name}' leads out of the archive")
    return parts


def _key_beside_natives(
    member: ArchiveMember, natives: Collection[ArchiveMember]
) -> SymbolKey | None:
    """Return the symbol key of a member of an archive that has native files; None where it has none.

    A build's folder has all kinds of files, which are ignored; only a symbol file is held to its path.
    """
    if member.name.lower().endswith(".sym") and member not in natives:
        return symbol_key_of(member.name)
    _parts_of(member.name)
    with suppress(ArchiveRefusedError):
        return symbol_key_of(member.name)
    return None


def _refuse_unequal_twins(earlier: ArchiveMember, later: ArchiveMember) -> None:
    if later.size != earlier.size:
        raise ArchiveRefusedError(
            f"{_called(later)} and they have difference sizes ({later.size} != {earlier.size})"
        )
    if later.crc != earlier.crc:
        refuse_other_contents(later)


def _called(later: ArchiveMember) -> str:
    return f"The zipfile buffer contains two files both called {later.name}"
