# SPDX-License-Identifier: MPL-2.0

"""Which file a debugger asks for: the table of dialects, from the path of a URL to what is wanted.

A path becomes an ``Asked``, and that becomes keys, without storage or a database. Ids and names may have
any case. A path that is of a dialect's form but can name nothing asks for ``NOTHING``.

Sources: elfutils' debuginfod(8), "WEBAPI"; dotnet/symstore docs/specs, "SSQP Key Conventions"; Microsoft's
"SymStore"; Symbolicator's "Symbol Server Compatibility".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tecken.core.dialects.ids import DecimalAge, id_forms, padded_forms, uuid_forms
from tecken.core.dialects.paths import canonical_path


class Dialect(StrEnum):
    """Whose URLs these are."""

    DEBUGINFOD = "debuginfod"
    SYMSRV = "symsrv"
    SSQP = "ssqp"
    UNIFIED = "unified"
    GDB = "gdb"
    LLDB = "lldb"


class Wanted(StrEnum):
    """What is asked for. ``FILE`` is a file of a symbol store by its name and an id."""

    DEBUGINFO = "debuginfo"
    EXECUTABLE = "executable"
    SOURCEBUNDLE = "sourcebundle"
    BREAKPAD = "breakpad"
    SECTION = "section"
    SOURCE = "source"
    METADATA = "metadata"
    FILE = "file"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in a dialect.

    ``ids`` are in lower case: that of the URL, and what else it may stand for, the likeliest first. ``name`` is
    that of a file or section, or the canonical path of a source; ``module`` is what a file of a store lies below.
    """

    dialect: Dialect
    wanted: Wanted
    ids: tuple[str, ...] = ()
    name: str = ""
    module: str = ""


_Read = Callable[[re.Match[str]], Asked]

_NATIVE_ID = r"[0-9a-f]{6,128}"  # a build id has at least 3 bytes in practice
_ROLES: Final = {role.value: role for role in (Wanted.DEBUGINFO, Wanted.EXECUTABLE)}
_NOTHING_IN_STORES = ("index2.txt", "pingme.txt", "server.txt")


def _debuginfod_file(match: re.Match[str]) -> Asked:
    return Asked(Dialect.DEBUGINFOD, _ROLES[match["role"]], id_forms(match["id"]))


def _debuginfod_section(match: re.Match[str]) -> Asked:
    return Asked(Dialect.DEBUGINFOD, Wanted.SECTION, id_forms(match["id"]), match["name"])


def _debuginfod_source(match: re.Match[str]) -> Asked:
    path = canonical_path(match["path"])
    return Asked(Dialect.DEBUGINFOD, Wanted.SOURCE, id_forms(match["id"]), path)


def _metadata(_match: re.Match[str]) -> Asked:
    return Asked(Dialect.DEBUGINFOD, Wanted.METADATA)


def _unified(match: re.Match[str]) -> Asked:
    return Asked(Dialect.UNIFIED, Wanted(match["role"]), id_forms(match["first"] + match["rest"]))


def _gdb(match: re.Match[str]) -> Asked:
    wanted = Wanted.DEBUGINFO if match["debug"] else Wanted.EXECUTABLE
    return Asked(Dialect.GDB, wanted, id_forms(match["first"] + match["rest"]))


def _lldb(match: re.Match[str]) -> Asked:
    wanted = Wanted.EXECUTABLE if match["app"] else Wanted.DEBUGINFO
    return Asked(Dialect.LLDB, wanted, id_forms(match["id"].replace("/", "")))


def _elf_file(match: re.Match[str]) -> Asked:
    if match["name"].casefold() != match["file"].casefold():
        return Asked(Dialect.SSQP, Wanted.NOTHING)
    return Asked(Dialect.SSQP, Wanted.EXECUTABLE, padded_forms(match["id"]), match["file"])


def _elf_debug(match: re.Match[str]) -> Asked:
    return Asked(Dialect.SSQP, Wanted.DEBUGINFO, padded_forms(match["id"]))


def _macho_file(match: re.Match[str]) -> Asked:
    if match["name"].casefold() != match["file"].casefold():
        return Asked(Dialect.SSQP, Wanted.NOTHING)
    return Asked(Dialect.SSQP, Wanted.EXECUTABLE, uuid_forms(match["id"]), match["file"])


def _macho_debug(match: re.Match[str]) -> Asked:
    return Asked(Dialect.SSQP, Wanted.DEBUGINFO, uuid_forms(match["id"]))


def _nothing(dialect: Dialect) -> _Read:
    def read(_match: re.Match[str]) -> Asked:
        return Asked(dialect, Wanted.NOTHING)

    return read


# The first row that fits the whole path says what is asked for; paths have no leading slash.
_ROWS: Final[tuple[tuple[str, _Read], ...]] = (
    (rf"buildid/(?P<id>{_NATIVE_ID})/(?P<role>debuginfo|executable)", _debuginfod_file),
    (rf"buildid/(?P<id>{_NATIVE_ID})/section/(?P<name>[^/].*)", _debuginfod_section),
    (rf"buildid/(?P<id>{_NATIVE_ID})/source(?P<path>/.+)", _debuginfod_source),
    (r"metadata", _metadata),
    (
        r"unified/(?P<first>[0-9a-f]{2})/(?P<rest>[0-9a-f]{4,126})/"
        r"(?P<role>debuginfo|executable|breakpad|sourcebundle)",
        _unified,
    ),
    (r"gdb/(?P<first>[0-9a-f]{2})/(?P<rest>[0-9a-f]{4,126})(?P<debug>\.debug)?", _gdb),
    (r"lldb/(?P<id>(?:[0-9a-f]{4}/){5}[0-9a-f]{12})(?P<app>\.app)?", _lldb),
    (rf"_\.debug/elf-buildid-sym-(?P<id>{_NATIVE_ID})/_\.debug", _elf_debug),
    (rf"(?P<name>[^/]+)/elf-buildid-(?P<id>{_NATIVE_ID})/(?P<file>[^/]+)", _elf_file),
    (r"_\.dwarf/mach-uuid-sym-(?P<id>[0-9a-f-]{32,40})/_\.dwarf", _macho_debug),
    (r"(?P<name>[^/]+)/mach-uuid-(?P<id>[0-9a-f-]{32,40})/(?P<file>[^/]+)", _macho_file),
    # What else is of a dialect names nothing that is kept: other keys of SSQP, two-tier stores, files of file stores.
    (r"(?:(?:buildid|unified)/.*|lldb/(?:[0-9a-f]{4}/.*)?)", _nothing(Dialect.DEBUGINFOD)),
    (r"[^/]+/(?:elf-buildid|mach-uuid|sha1|sha256)-[^/]*/[^/]+", _nothing(Dialect.SSQP)),
    (r"[^/]{2}/[^/]+/[0-9a-f]+/[^/]+", _nothing(Dialect.SYMSRV)),
    (
        r"(?:000admin(?:/.*)?|" + "|".join(map(re.escape, _NOTHING_IN_STORES)) + ")",
        _nothing(Dialect.SYMSRV),
    ),
)
_FLAGS = re.IGNORECASE | re.DOTALL | re.ASCII
_TABLE: Final = tuple((re.compile(pattern, _FLAGS), read) for pattern, read in _ROWS)

# What a router matches first. Everything of it is for this table; what is not is a symbol key, or another page.
PATHS: Final = (
    r"(?is:buildid/.*|unified/.*|lldb/(?:[0-9a-f]{4}/.*)?|metadata|gdb/[0-9a-f]{2}/[0-9a-f]{4,126}(?:\.debug)?"
    r"|[^/]+/(?:elf-buildid|mach-uuid|sha1|sha256)-[^/]*/[^/]+|[^/]{2}/[^/]+/[0-9a-f]+/[^/]+"
    r"|000admin(?:/.*)?|index2\.txt|pingme\.txt|server\.txt)"
)


def read_path(path: str) -> Asked:
    """Return what a path asks for, which ``PATHS`` fits: ``buildid/c6be…/debuginfo``.

    What fits no row, as an id of the wrong length, asks for nothing.
    """
    for pattern, read in _TABLE:
        if match := pattern.fullmatch(path):
            return read(match)
    return Asked(Dialect.DEBUGINFOD, Wanted.NOTHING)


def read_store_path(name: str, some_id: str, file: str) -> Asked | None:
    """Return what ``name/id/file`` asks for in a store of Microsoft's form; None where it is none of its keys.

    ``xul.pdb/44E4…2/xul.pdb``, ``xul.pdb/44E4…2/xul.pd_`` and ``xul.pdb/44E4…2/file.ptr`` are; the id is hexadecimal. The
    separate debug file of a module of Linux is kept beside it: ``libfoo.so/5A1C…0/libfoo.so.debug``.
    The age of a PDB is hexadecimal, and decimal in the URLs of lldb's symstore plug-in. Symbol files are of Breakpad's
    layout, which is no dialect.
    """
    folded = file.casefold()
    if folded == "file.ptr" or not some_id.strip("0"):
        return Asked(Dialect.SYMSRV, Wanted.NOTHING)
    whole = name.casefold()
    if folded.endswith(".sym") or folded not in {whole, whole[:-1] + "_", f"{whole}.debug"}:
        return None
    return Asked(Dialect.SYMSRV, Wanted.FILE, tuple(_store_ids(some_id.lower())), file, name)


def _store_ids(some_id: str) -> Iterator[str]:
    yield some_id
    if (age := DecimalAge.of(some_id)) is not None:
        yield age.debug_id
