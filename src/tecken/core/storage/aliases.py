# SPDX-License-Identifier: MPL-2.0

"""Other ids of the originals of builds: small objects that say where an original lies.

A debugger knows an id, and with it a URL becomes a key without a database. An original lies at the key of one id,
or where the path in its archive said; of each other id there is an alias, an object whose text is the original's key
below the prefix of its source. One that points at nothing is no error: there is no such original then.

- ``.native/c6/be8361…/debuginfo.alias``: by the build id, UUID, or GUID and age. ELF files have one by their debug id,
  too, which tells only the first 16 bytes of the build id. Of a UUID no other id is needed: that of Breakpad ends in 0.
- ``.native/5c/f2591c6859000/names/xul.dll``: of an executable of Windows by timestamp and size of its image, which are
  its own only together with its name, in lower case.
- ``.native/44/e4ec8c…2/names/xul.pd_``: of a packed file of a store, which is no original, and is asked for by its name in any
  case. It has one only where its own name has capitals.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final, Protocol, Self

from tecken.core.errors import InvalidNameError, ObjectChangedError, ObjectNotFoundError
from tecken.core.identifiers import (
    NATIVE_FOLDER,
    NativeKey,
    SymbolKey,
    parse_stored_key,
    validate_file_name,
)
from tecken.core.native.kinds import Kind, Role
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_objects, is_same

MAX_ALIAS_BYTES: Final = 2048
_UUID_DIGITS = 32
_ENDING = ".alias"
_NAMES = "names/"


class AliasKey(NativeKey):
    """Where an alias lies. ``parse_stored_key`` refuses it, so nobody downloads or deletes one by its key."""

    @classmethod
    def of_id(cls, native_id: str, role: str) -> Self:
        """Return the alias of an id for a role. Raises InvalidNameError."""
        key = NativeKey.of_id(native_id, role)
        return cls(NATIVE_FOLDER, key.debug_id, key.symbol_file + _ENDING)

    @classmethod
    def of_name(cls, code_id: str, name: str) -> Self:
        """Return the alias of an executable by its code id and name, each in any case. Raises InvalidNameError."""
        folded = name.lower()
        validate_file_name(folded)
        key = NativeKey.of_id(code_id, Role.EXECUTABLE)
        return cls(NATIVE_FOLDER, key.debug_id, _NAMES + folded)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what ``str`` gave. Raises InvalidNameError."""
        folder, _, rest = text.partition("/")
        first, _, rest = rest.partition("/")
        last, _, name = rest.partition("/")
        if name.startswith(_NAMES):
            key = cls.of_name(first + last, name.removeprefix(_NAMES))
        else:
            key = cls.of_id(first + last, name.removesuffix(_ENDING))
        if folder != NATIVE_FOLDER or str(key) != text:
            raise InvalidNameError(text, "is not the key of an alias")
        return key


class ModuleIds(Protocol):
    """What a native file, or its row, says of a module."""

    @property
    def kind(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def debug_id(self) -> str: ...
    @property
    def code_id(self) -> str: ...
    @property
    def code_file(self) -> str: ...


def packed_alias(key: SymbolKey) -> AliasKey | None:
    """Return the alias of ``Xul.PDB/44E4…2/Xul.PD_``; None for what is no packed file, or is found without."""
    folded = key.debug_file.lower()
    is_lower = (key.debug_file, key.symbol_file) == (folded, f"{folded[:-1]}_")
    if key.symbol_file.lower() != f"{folded[:-1]}_" or is_lower:
        return None
    with suppress(InvalidNameError):  # an id that is too short
        return AliasKey.of_name(key.debug_id, key.symbol_file)
    return None


def alias_keys(target: SymbolKey, modules: Iterable[ModuleIds]) -> dict[AliasKey, None]:
    """Return the aliases of what lies at ``target``: none for what that says already."""
    packed = packed_alias(target)
    keys: dict[AliasKey, None] = {packed: None} if packed else {}
    for module in modules:
        for some_id in _ids_of(module):
            try:
                is_there = str(NativeKey.of_id(some_id, module.role)) == str(target)
                alias = AliasKey.of_id(some_id, module.role)
            except InvalidNameError:  # an id that is too short, as a forged file can have
                continue
            if not is_there:
                keys[alias] = None
        if module.kind == Kind.PE:
            try:
                keys[AliasKey.of_name(module.code_id, module.code_file)] = None
            except InvalidNameError:  # nobody can ask for it by its name
                continue
    return keys


def _ids_of(module: ModuleIds) -> dict[str, None]:
    """Return the ids that tell a module without its name, in lower case."""
    debug_id, code_id = module.debug_id.lower(), module.code_id.lower()
    if module.kind in {Kind.PE, Kind.PDB}:
        return dict.fromkeys([debug_id or code_id])
    uuid = debug_id.removesuffix("0") if len(debug_id) == _UUID_DIGITS + 1 else ""
    if code_id and uuid == code_id:
        return dict.fromkeys([code_id])
    # A source bundle may not know the code id, which of macOS is the UUID.
    ids = [code_id, debug_id, "" if code_id else uuid]
    return dict.fromkeys(filter(None, ids))


def point(source: Source, alias: AliasKey, target: SymbolKey) -> None:
    """Let an alias point at an original. Raises StorageError."""
    body = str(target).encode()
    digest = _digest_of(target)
    metadata = {"original_size": str(digest.size), "original_md5_hash": digest.md5}
    content = Content("text/plain; charset=utf-8", None, metadata)
    source.bucket.put(source.object_key(alias), body, content)


def infos_of(source: Source, aliases: Iterable[AliasKey]) -> Mapping[AliasKey, ObjectInfo | None]:
    """Return what there is of some aliases now. Raises StorageError."""
    wanted = list(aliases)
    found = (info for _, info in current_objects(source, wanted))
    return dict(zip(wanted, found, strict=True))


def points_at(source: Source, info: ObjectInfo, target: SymbolKey) -> bool:
    """Say whether an alias points at this original; it is read only where a copy has lost its metadata.

    Raises StorageUnavailableError.
    """
    digest = _digest_of(target)
    if is_same(info, digest, compressed=False):
        return True
    if info.content.metadata or info.size != digest.size:
        return False
    with suppress(ObjectNotFoundError, ObjectChangedError):
        return target_of(source, info) == target
    return False


def target_of(source: Source, info: ObjectInfo) -> SymbolKey | None:
    """Read what an alias points at; None where that can be no original, as somebody else has written it.

    Raises ObjectNotFoundError and ObjectChangedError where it has changed since, and StorageUnavailableError.
    """
    end = MAX_ALIAS_BYTES + 1
    body = b""
    with source.bucket.open_range(info.key, 0, end, if_match=info.etag) as reader:
        while data := reader.read(end):
            body += data
    try:
        return parse_stored_key(body.decode())
    except (UnicodeDecodeError, InvalidNameError):
        return None


def _digest_of(target: SymbolKey) -> Digest:
    body = str(target).encode()
    return Digest(len(body), hashlib.md5(body, usedforsecurity=False).hexdigest())
