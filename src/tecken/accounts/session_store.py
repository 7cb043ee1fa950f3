# SPDX-License-Identifier: MPL-2.0

"""Sessions of which neither the database nor the cache has the key.

Whoever reads either (a backup, a replica, a folder with the wrong mode) could else put a key from it
into a cookie, and be that person. Both have a digest in its place; the cookie alone has the key.
A key has 165 random bits, so a digest without salt cannot be turned back.
"""

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends import cached_db

_DIGITS = 40  # as many as the column holds: 160 bits


def stored_key(session_key: str) -> str:
    """Return what stands for a key in the database and in the cache: 40 hexadecimal digits."""
    return sha256(session_key.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


class SessionStore(cached_db.SessionStore):
    """Django's store, with the digest wherever that uses the key.

    Its synchronous methods alone: nobody calls the others, which would store the key. (What is
    marked for the type checker is missing in the stubs.)
    """

    @property
    def cache_key(self) -> str:
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return f"{self.cache_key_prefix}{stored_key(key)}"

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(stored_key(session_key)))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))

    def _get_session_from_db(self) -> Any:
        """Return the row of this session, None (and forget the key) when there is none."""
        key = self.session_key
        self._session_key = stored_key(key) if key else None
        row = super()._get_session_from_db()  # type: ignore[misc]
        self._session_key = key if row else None
        return row
