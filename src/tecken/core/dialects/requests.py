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

from tecken.core.dialects.ids import GUID_DIGITS, id_forms, padded_forms, uuid_forms
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


@dataclass(frozen=True, slots=True)
class _Row:
    """What the paths of one form ask for; ``wanted`` is None where the path has the role.

    Groups are ``id``, of which ``forms`` tells what it may stand for, ``role``, ``file``, which is called like the ``folder``
    that it lies in, and ``path``.
    """

    form: re.Pattern[str]
    dialect: Dialect
    wanted: Wanted | None = Wanted.NOTHING
    forms: Callable[[str], tuple[str, ...]] = id_forms

    def read(self, path: str) -> Asked | None:
        match = self.form.fullmatch(path)
        if match is None:
            return None
        found = match.groupdict()
        name = canonical_path(found["path"]) if "path" in found else found.get("file", "")
        if found.get("folder", name).casefold() != name.casefold():
            return Asked(self.dialect, Wanted.NOTHING)
        wanted = self.wanted or Wanted(found["role"].lower())
        ids = self.forms(found["id"].replace("/", "")) if "id" in found else ()
        return Asked(self.dialect, wanted, ids, name)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL | re.ASCII)


_BUILD_ID = r"buildid/(?P<id>[0-9a-f]{6,128})"  # it has at least 3 bytes in practice
_TWO_PARTS = r"(?P<id>[0-9a-f]{2}/[0-9a-f]{4,126})"
_SIX_PARTS = r"(?P<id>(?:[0-9a-f]{4}/){5}[0-9a-f]{12})"
_ELF_ID = r"(?P<id>[0-9a-f]{6,128})"
_MACH_ID = r"(?P<id>[0-9a-f-]{32,40})"
_ROLES = r"(?P<role>debuginfo|executable|breakpad|sourcebundle)"
# The first row that fits the whole path says what is asked for; paths have no leading slash.
_ROWS: Final = (
    _Row(_form(rf"{_BUILD_ID}/(?P<role>debuginfo|executable)"), Dialect.DEBUGINFOD, None),
    _Row(_form(rf"{_BUILD_ID}/section/(?P<file>[^/].*)"), Dialect.DEBUGINFOD, Wanted.SECTION),
    _Row(_form(rf"{_BUILD_ID}/source(?P<path>/.+)"), Dialect.DEBUGINFOD, Wanted.SOURCE),
    _Row(_form(r"metadata"), Dialect.DEBUGINFOD, Wanted.METADATA),
    _Row(_form(rf"unified/{_TWO_PARTS}/{_ROLES}"), Dialect.UNIFIED, None),
    _Row(_form(rf"gdb/{_TWO_PARTS}\.debug"), Dialect.GDB, Wanted.DEBUGINFO),
    _Row(_form(rf"gdb/{_TWO_PARTS}"), Dialect.GDB, Wanted.EXECUTABLE),
    _Row(_form(rf"lldb/{_SIX_PARTS}\.app"), Dialect.LLDB, Wanted.EXECUTABLE),
    _Row(_form(rf"lldb/{_SIX_PARTS}"), Dialect.LLDB, Wanted.DEBUGINFO),
    _Row(
        _form(rf"_\.debug/elf-buildid-sym-{_ELF_ID}/_\.debug"),
        Dialect.SSQP,
        Wanted.DEBUGINFO,
        padded_forms,
    ),
    _Row(
        _form(rf"(?P<folder>[^/]+)/elf-buildid-{_ELF_ID}/(?P<file>[^/]+)"),
        Dialect.SSQP,
        Wanted.EXECUTABLE,
        padded_forms,
    ),
    _Row(
        _form(rf"_\.dwarf/mach-uuid-sym-{_MACH_ID}/_\.dwarf"),
        Dialect.SSQP,
        Wanted.DEBUGINFO,
        uuid_forms,
    ),
    _Row(
        _form(rf"(?P<folder>[^/]+)/mach-uuid-{_MACH_ID}/(?P<file>[^/]+)"),
        Dialect.SSQP,
        Wanted.EXECUTABLE,
        uuid_forms,
    ),
    # What else is of a dialect names nothing that is kept: other keys of SSQP, two-tier stores, files of file stores.
    _Row(_form(r"(?:buildid|unified)/.*|lldb/(?:[0-9a-f]{4}/.*)?"), Dialect.DEBUGINFOD),
    _Row(_form(r"[^/]+/(?:elf-buildid|mach-uuid|sha1|sha256)-[^/]*/[^/]+"), Dialect.SSQP),
    _Row(_form(r"[^/]{2}/[^/]+/[0-9a-f]+/[^/]+"), Dialect.SYMSRV),
    _Row(_form(r"000admin(?:/.*)?|index2\.txt|pingme\.txt|server\.txt"), Dialect.SYMSRV),
)

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
    for row in _ROWS:
        if (asked := row.read(path)) is not None:
            return asked
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
    guid, age = some_id[:GUID_DIGITS], some_id[GUID_DIGITS:]
    if 2 <= len(age) <= 10 and age.isdigit() and not age.startswith("0"):
        yield f"{guid}{int(age):x}"  # where it was written in decimal
