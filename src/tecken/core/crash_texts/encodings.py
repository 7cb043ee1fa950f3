# SPDX-License-Identifier: MPL-2.0

"""Bytes of texts: UTF-8, and UTF-16 where its mark stands in front, as Windows tools write it.

Whatever is no character comes through as it is.
"""

import codecs

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def encoding_of(content: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    encoding = _UTF_16.get(content[:2], "utf-8")
    return encoding if len(content) % 2 == 0 else "utf-8"


def decode(content: bytes) -> str:
    """Return a text of which ``encode`` makes the same bytes."""
    encoding = encoding_of(content)
    return content.decode(encoding, "surrogateescape" if encoding == "utf-8" else "surrogatepass")


def encode(text: str, encoding: str) -> bytes:
    """Return the bytes of a text in the encoding that it had."""
    if encoding == "utf-8":
        return text.encode(errors="surrogateescape")
    return text.encode(encoding, "surrogatepass")
