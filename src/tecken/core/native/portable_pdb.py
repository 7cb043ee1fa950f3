# SPDX-License-Identifier: MPL-2.0

"""What a portable PDB (of .NET) is: the id in its ``#Pdb`` stream.

Source: ECMA-335 II.24.2; "Portable PDB v1.0" of dotnet/runtime, docs/design/specs.
"""

import struct

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.kinds import Identified, Kind, Role, features
from tecken.core.native.pe import debug_id_of

_ROOT = struct.Struct("<4xHHII")
_COUNT = struct.Struct("<HH")
_STREAM = struct.Struct("<II")
_MAX_VERSION_BYTES = 256
_MAX_STREAMS = 64
_MAX_NAME_BYTES = 32
# Debuggers ask for it with this age: the last four bytes of its id are a timestamp or a hash.
_AGE = 0xFFFFFFFF


def identify_portable_pdb(content: Content, name: str) -> Identified:
    """Return what a portable PDB of this name is. Raises NativeFileError."""
    debug_id = debug_id_of(_guid(content), _AGE)
    return Identified(
        kind=Kind.PDB,
        role=Role.DEBUGINFO,
        debug_file=name,
        debug_id=debug_id,
        native_id=debug_id.lower(),
        has=features(lines=True),
    )


def _guid(content: Content) -> bytes:
    version_size = content.unpack(_ROOT, 0)[3]
    if version_size > _MAX_VERSION_BYTES:
        raise MalformedNativeFileError("the version of its metadata is too long")
    at = _ROOT.size + version_size
    _, count = content.unpack(_COUNT, at)
    at += _COUNT.size
    for _ in range(min(count, _MAX_STREAMS)):
        offset, size = content.unpack(_STREAM, at)
        at += _STREAM.size
        stream = content.cut(at, min(at + _MAX_NAME_BYTES, content.size)).partition(b"\0")[0]
        at += (len(stream) // 4 + 1) * 4
        if stream == b"#Pdb":
            if size < 20:
                raise MalformedNativeFileError("its #Pdb stream is too short")
            return content.part(offset, size, "the #Pdb stream").cut(0, 16)
    raise MalformedNativeFileError("it is .NET metadata without a #Pdb stream, so no PDB")
