# SPDX-License-Identifier: MPL-2.0

"""What may be the key of an object, the same for every back end.

Wider than a symbol key: indexes and prefixes are objects' keys too, ``try/v1/.index/xul.pdb/…``.
"""

from tecken.core.errors import InvalidNameError

RESERVED_FOLDER = ".meta"  # where a folder bucket keeps metadata and unfinished objects


def check_object_key(key: str) -> None:
    """Refuse a key that could leave its bucket or meet a back end's own files.

    Raises InvalidNameError for an empty or absolute key, empty parts, ``.`` and ``..``, NUL, text
    that is not Unicode, and ``.meta`` as first part.
    """
    parts = key.split("/")
    if not all(parts) or not {".", ".."}.isdisjoint(parts):
        raise InvalidNameError(key, "is not the key of an object")
    if parts[0] == RESERVED_FOLDER:
        raise InvalidNameError(key, "is a reserved key")
    if "\0" in key or not _is_unicode(key):
        raise InvalidNameError(key, "contains invalid characters")


def checked_key(key: str) -> str:
    """Return a key that ``check_object_key`` does not refuse."""
    check_object_key(key)
    return key


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates: what Python makes of undecodable bytes
        return False
    return True
