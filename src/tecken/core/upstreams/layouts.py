# SPDX-License-Identifier: MPL-2.0

"""Which URLs of another server a symbol key may have, by the server's layout.

Source: Breakpad's symbol server layout; symsrv and SSQP (dotnet/symstore docs/specs); debuginfod(8); Symbolicator's
docs/advanced/symbol-server-compatibility.md, "Unified Layout".
"""

import re
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from tecken.core.identifiers import (
    NativeKey,
    SymbolKey,
    debug_id_of_build_id,
    is_full_debug_id,
    is_hex_id,
    symbol_file_name,
)
from tecken.core.native.kinds import Role
from tecken.core.storage.aliases import AliasKey
from tecken.core.upstreams.urls import Layout

_BUILD_ID_DIGITS = 40  # to which SSQP fills ids up
_UUID_DIGITS = 32
_PE_CODE_ID = re.compile(r"[0-9A-F]{9,16}\Z")


@dataclass(frozen=True, slots=True)
class WantedFile:
    """The URLs, relative to the server's, at one of which a file may be; they are asked in this order.

    One that ends in ``_`` is a cabinet file that has it.
    """

    paths: tuple[str, ...]
    role: Role = Role.DEBUGINFO


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """What is asked for: the file itself, or else what its symbols are derived from.

    The first of ``parts`` decides whether there is anything: the rest is asked for when symbols are derived.
    """

    itself: WantedFile | None = None
    parts: tuple[WantedFile, ...] = ()


def wanted_files(layout: Layout, key: SymbolKey, code_id: str = "") -> WantedFiles:
    """Return where a server of this layout may have a key.

    ``code_id`` is that of the module, in upper case, where it is known: a build id, a UUID, or a timestamp and size.
    """
    if isinstance(key, AliasKey):
        return WantedFiles()  # it points at something that lies in the same bucket
    if isinstance(key, NativeKey):
        return WantedFiles(_original(layout, key))
    if not is_symbol_file(key):
        return WantedFiles(_by_name(layout, key))
    # Under another name it would be one more copy, and what has no whole debug id cannot be verified.
    is_usual = key.symbol_file.lower() == symbol_file_name(key.debug_file).lower()
    if not is_usual or not is_full_debug_id(key.debug_id):
        return WantedFiles()
    if layout == Layout.BREAKPAD:
        return WantedFiles(WantedFile((_joined(key.debug_file, key.debug_id, key.symbol_file),)))
    if layout == Layout.SYMSRV:
        return WantedFiles(parts=_of_symsrv(key, code_id))
    native_id = _native_id(key, code_id)
    if layout == Layout.DEBUGINFOD:
        is_build_id = code_id and not is_of_windows(key)
        return WantedFiles(
            parts=_build(f"buildid/{native_id}") if is_build_id and native_id else ()
        )
    symbols = WantedFile((_unified(key.debug_id.lower(), "breakpad"),))
    return WantedFiles(symbols, _build(_unified(native_id, "")[:-1]) if native_id else ())


def is_symbol_file(key: SymbolKey) -> bool:
    """Say whether a key is that of a Breakpad symbol file."""
    return not isinstance(key, NativeKey) and key.symbol_file.lower().endswith(".sym")


def usable_code_id(key: SymbolKey, code_id: str) -> str:
    """Return a code id in upper case, or "" for what is none, or none of this module."""
    code_id = code_id.upper()
    if not is_hex_id(code_id) or len(code_id) > 128:
        return ""
    if is_of_windows(key) or len(code_id) < _UUID_DIGITS:
        return code_id
    debug_id = key.debug_id.upper()
    belongs = debug_id in {debug_id_of_build_id(code_id), f"{code_id[:_UUID_DIGITS]}0"}
    return code_id if belongs else ""


def _original(layout: Layout, key: NativeKey) -> WantedFile | None:
    role = Role(key.symbol_file)
    if layout == Layout.UNIFIED:
        return WantedFile((_unified(key.debug_id, role),), role)
    if layout == Layout.DEBUGINFOD and role != Role.SOURCEBUNDLE and len(key.debug_id) % 2 == 0:
        return WantedFile((f"buildid/{key.debug_id}/{role}",), role)
    return None


def _by_name(layout: Layout, key: SymbolKey) -> WantedFile | None:
    """Return where a native file may be that is asked for by its own name and an id: ``a.pdb/…/a.pdb``."""
    if layout == Layout.SYMSRV and key.symbol_file.lower() == key.debug_file.lower():
        return WantedFile(_symsrv_paths(key.debug_file, key.debug_id))
    if layout == Layout.BREAKPAD:
        return WantedFile((_joined(key.debug_file, key.debug_id, key.symbol_file),))
    return None


def _of_symsrv(key: SymbolKey, code_id: str) -> tuple[WantedFile, ...]:
    name = key.debug_file
    if is_of_windows(key):
        parts = [WantedFile(_symsrv_paths(name, key.debug_id))]
        if _PE_CODE_ID.match(code_id):
            named = (f"{name[:-4]}.{extension}" for extension in ("dll", "exe"))
            paths = [path for each in named for path in _symsrv_paths(each, code_id)]
            parts.append(WantedFile(tuple(paths), Role.EXECUTABLE))
        return tuple(parts)
    if not key.debug_id.endswith("0") or len(key.debug_id) != _UUID_DIGITS + 1:
        return ()
    uuid = key.debug_id[:_UUID_DIGITS]
    debug, executable = [], []
    if code_id != uuid:
        build_id = (code_id or UUID(hex=uuid).bytes_le.hex()).lower().ljust(_BUILD_ID_DIGITS, "0")
        debug.append(_joined("_.debug", f"elf-buildid-sym-{build_id}", "_.debug"))
        executable.append(_joined(name.lower(), f"elf-buildid-{build_id}", name.lower()))
    if code_id in {"", uuid}:
        debug.append(_joined("_.dwarf", f"mach-uuid-sym-{uuid.lower()}", "_.dwarf"))
        executable.append(_joined(name.lower(), f"mach-uuid-{uuid.lower()}", name.lower()))
    return WantedFile(tuple(debug)), WantedFile(tuple(executable), Role.EXECUTABLE)


def _symsrv_paths(name: str, some_id: str) -> tuple[str, ...]:
    """Return where symsrv has a file: as it is, in a cabinet, and as the stores of .NET write it."""
    digits = _UUID_DIGITS if len(some_id) > _UUID_DIGITS else 8
    spelled = some_id[:digits].upper() + some_id[digits:].lower()
    paths = (
        _joined(name, spelled, name),
        _joined(name, spelled, f"{name[:-1]}_"),
        _joined(name.lower(), some_id.lower(), name.lower()),
    )
    return tuple(dict.fromkeys(paths))


def _native_id(key: SymbolKey, code_id: str) -> str:
    """Return what native files of a module are kept by, "" where that is not known."""
    if is_of_windows(key):
        return key.debug_id.lower()
    if code_id:
        return code_id.lower()
    is_uuid = key.debug_id.endswith("0") and len(key.debug_id) == _UUID_DIGITS + 1
    return key.debug_id[:_UUID_DIGITS].lower() if is_uuid else ""


def _build(folder: str) -> tuple[WantedFile, ...]:
    return tuple(
        WantedFile((f"{folder}/{role}",), role) for role in (Role.DEBUGINFO, Role.EXECUTABLE)
    )


def _unified(native_id: str, name: str) -> str:
    return f"{native_id[:2]}/{native_id[2:]}/{name}"


def is_of_windows(key: SymbolKey) -> bool:
    """Say whether a module is one of Windows, by its name."""
    return key.debug_file.lower().endswith(".pdb")


def _joined(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)
