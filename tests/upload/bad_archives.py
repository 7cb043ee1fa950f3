# SPDX-License-Identifier: MPL-2.0

"""Archives that no upload may have, made byte by byte where no tool makes them."""

import struct
import zipfile
from io import BytesIO

from tests.upload.examples import NAME, TEXT, zipped

GOOD = zipped({NAME: TEXT})


def twins(first: bytes, second: bytes) -> bytes:
    """Make an archive with two members of one name."""
    other = NAME.replace("xul.sym", "xul.syn")
    return zipped({NAME: first, other: second}).replace(other.encode(), NAME.encode())


def with_field(local: int, central: int, value: int, size: int = 4) -> bytes:
    """Change a field of the good archive in both headers of its member."""
    changed = bytearray(GOOD)
    code = {2: "<H", 4: "<L"}[size]
    struct.pack_into(code, changed, changed.index(b"PK\3\4") + local, value)
    struct.pack_into(code, changed, changed.index(b"PK\1\2") + central, value)
    return bytes(changed)


def with_end_field(offset: int, value: int) -> bytes:
    """Change a field of the record at the end of the good archive."""
    changed = bytearray(GOOD)
    struct.pack_into("<H", changed, changed.rindex(b"PK\5\6") + offset, value)
    return bytes(changed)


def symbolic_link() -> bytes:
    """Make an archive whose member is a link to a file of the server."""
    link = zipfile.ZipInfo(NAME)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, b"/etc/passwd")
    return buffer.getvalue()


def by_method(method: int) -> bytes:
    """Make an archive whose member is compressed otherwise than by deflate."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(NAME, TEXT)
    return buffer.getvalue()


def with_damaged_content() -> bytes:
    """Damage the compressed bytes of the member."""
    at = GOOD.index(NAME.encode()) + len(NAME)
    return GOOD[:at] + b"\xff" * 8 + GOOD[at + 8 :]


def overlapping() -> bytes:
    """Make an archive whose two entries share one member's bytes."""
    data = bytearray(zipped({NAME: TEXT, NAME + "2": TEXT}))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    struct.pack_into("<L", data, second + 42, 0)
    return bytes(data)


def with_entries(count: int) -> bytes:
    """Make the good archive say that it has so many members."""
    changed = bytearray(GOOD)
    struct.pack_into("<2H", changed, changed.rindex(b"PK\5\6") + 8, count, count)
    return bytes(changed)


def called_otherwise_in_its_header() -> bytes:
    """Give the member of the good archive another name before its data than in the directory."""
    return GOOD.replace(b"xul.sym", b"xxx.sym", 1)


def with_hidden_member() -> bytes:
    """Put a member before the good archive, of which its directory does not tell."""
    changed = bytearray(GOOD)
    hidden = zipped({"evil.pdb/ABC1/evil.sym": TEXT})
    hidden = hidden[: hidden.index(b"PK\1\2")]
    struct.pack_into("<L", changed, changed.index(b"PK\1\2") + 42, len(hidden))
    offset = changed.rindex(b"PK\5\6") + 16
    struct.pack_into("<L", changed, offset, len(hidden) + changed.index(b"PK\1\2"))
    return hidden + bytes(changed)
