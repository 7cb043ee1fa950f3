# SPDX-License-Identifier: MPL-2.0

"""Under which URLs a file answers in each dialect: the table of requests, read the other way."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tecken.core.dialects.ids import GUID_DIGITS, SSQP_DIGITS
from tecken.core.dialects.requests import Dialect
from tecken.core.native.kinds import LINES, Kind, Role

_UNIFIED_FIRST = 2  # digits of an id that are a folder


@dataclass(frozen=True, slots=True)
class DialectUrl:
    """The path of a URL, quoted: ``/buildid/c6be…/debuginfo``. Where it ends in ``/…`` there is one for each source."""

    dialect: Dialect
    path: str


@dataclass(frozen=True, slots=True)
class FileOfModule:
    """What is known of a file: ids in any case, and what is not known empty. ``has`` is as ``Identified`` has it."""

    kind: str
    role: str
    debug_file: str
    debug_id: str
    code_file: str
    code_id: str
    has: tuple[str, ...] = ()


def urls_of(file: FileOfModule) -> list[DialectUrl]:
    """Return the URLs of debuggers by which a native file, or a symbol file, is asked for; none of other files."""
    debug_id, code_id = file.debug_id.lower(), file.code_id.lower()
    match file.kind:
        case Kind.ELF:  # no dialect knows split units
            return [*_elf(file, code_id)] if code_id and file.role != Role.SPLIT else []
        case Kind.MACHO:
            return [*_macho(file, code_id)] if code_id else []
        case Kind.PE:
            return [*_pe(file, debug_id, code_id)]
        case Kind.PDB:
            return [_store(file.debug_file, file.debug_id), _unified(debug_id, Role.DEBUGINFO)]
        case Kind.SOURCEBUNDLE:
            return [*_sources(file, debug_id, code_id)]
        case Kind.BREAKPAD:
            return [_unified(debug_id, "breakpad")] if debug_id else []
    return []


def module_urls(operating_system: str, debug_id: str, code_id: str) -> dict[str, str]:
    """Return by role where the native files of a module are asked for, whether they are there or not.

    The system is as a MODULE line names it. Windows' are asked for by GUID and age, others by build id or UUID: without one
    nothing is returned.
    """
    native_id = debug_id if operating_system == "windows" else code_id
    if len(native_id) <= _UNIFIED_FIRST:
        return {}
    roles = (Role.DEBUGINFO, Role.EXECUTABLE)
    if operating_system == "Linux":
        return {role.value: f"/buildid/{quote(native_id.lower())}/{role}" for role in roles}
    return {role.value: _unified(native_id.lower(), role).path for role in roles}


def _elf(file: FileOfModule, build_id: str) -> Iterator[DialectUrl]:
    padded = build_id.ljust(SSQP_DIGITS, "0")
    if file.role == Role.DEBUGINFO or LINES in file.has:
        yield DialectUrl(Dialect.DEBUGINFOD, f"/buildid/{build_id}/debuginfo")
    if file.role == Role.DEBUGINFO:
        yield DialectUrl(Dialect.SSQP, f"/_.debug/elf-buildid-sym-{padded}/_.debug")
        yield DialectUrl(Dialect.GDB, f"/gdb/{build_id[:2]}/{build_id[2:]}.debug")
    else:
        name = quote(file.code_file or file.debug_file)
        yield DialectUrl(Dialect.DEBUGINFOD, f"/buildid/{build_id}/executable")
        yield DialectUrl(Dialect.SSQP, f"/{name}/elf-buildid-{padded}/{name}")
        yield DialectUrl(Dialect.GDB, f"/gdb/{build_id[:2]}/{build_id[2:]}")
    yield _unified(build_id, file.role)


def _macho(file: FileOfModule, uuid: str) -> Iterator[DialectUrl]:
    folders = uuid.upper()
    folders = "/".join([*(folders[at : at + 4] for at in range(0, 20, 4)), folders[20:]])
    if file.role == Role.DEBUGINFO:
        yield DialectUrl(Dialect.SSQP, f"/_.dwarf/mach-uuid-sym-{uuid}/_.dwarf")
        yield DialectUrl(Dialect.LLDB, f"/lldb/{folders}")
    else:
        name = quote(file.code_file or file.debug_file)
        yield DialectUrl(Dialect.SSQP, f"/{name}/mach-uuid-{uuid}/{name}")
        yield DialectUrl(Dialect.LLDB, f"/lldb/{folders}.app")
    yield _unified(uuid, file.role)


def _pe(file: FileOfModule, debug_id: str, code_id: str) -> Iterator[DialectUrl]:
    if file.code_file and code_id:
        # As symsrv writes it: the timestamp in upper case, the size of the image in lower case.
        yield _store(file.code_file, code_id[:8].upper() + code_id[8:])
    yield _unified(debug_id or code_id, Role.EXECUTABLE)


def _sources(file: FileOfModule, debug_id: str, code_id: str) -> Iterator[DialectUrl]:
    if code_id and len(code_id) != GUID_DIGITS:
        yield DialectUrl(Dialect.DEBUGINFOD, f"/buildid/{code_id}/source/…")
    yield _unified(code_id or debug_id, Role.SOURCEBUNDLE)


def _store(name: str, some_id: str) -> DialectUrl:
    return DialectUrl(Dialect.SYMSRV, f"/{quote(name)}/{some_id}/{quote(name)}")


def _unified(native_id: str, role: str) -> DialectUrl:
    first, rest = native_id[:_UNIFIED_FIRST], native_id[_UNIFIED_FIRST:]
    return DialectUrl(Dialect.UNIFIED, f"/unified/{first}/{rest}/{role}")
