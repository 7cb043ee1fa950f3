# SPDX-License-Identifier: MPL-2.0

"""A miss: a GET of a symbol key that no source had."""

from datetime import date, datetime
from hashlib import blake2b
from typing import Self

import msgspec
from django.http import HttpRequest

from tecken.core.errors import InvalidRequestError
from tecken.core.identifiers import SymbolKey
from tecken.download.models import MAX_FIELD_LENGTH


class CodeModule(msgspec.Struct, frozen=True):
    """The binary that whoever asks for a symbol file has, as far as the query tells."""

    code_file: str
    code_id: str

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        """Read ``code_file`` and ``code_id``. Raises InvalidRequestError for a NUL character."""
        module = cls(request.GET.get("code_file", ""), request.GET.get("code_id", ""))
        for name, value in (("code_file", module.code_file), ("code_id", module.code_id)):
            if "\0" in value:
                raise InvalidRequestError(f"{name} must not contain a NUL character")
        return module


class Miss(msgspec.Struct, frozen=True, array_like=True, tag="miss"):
    """What was asked for, and when (UTC)."""

    at: datetime
    symbol: str
    debugid: str
    filename: str
    code_file: str
    code_id: str

    @classmethod
    def of(cls, key: SymbolKey, module: CodeModule, at: datetime) -> Self:
        """Return the miss of a key."""
        code = (module.code_file, module.code_id)
        return cls(at, key.debug_file, key.debug_id, key.symbol_file, *code)

    @property
    def fits(self) -> bool:
        """Whether each field is short enough to be kept."""
        return max(map(len, self._fields())) <= MAX_FIELD_LENGTH

    @property
    def day(self) -> date:
        """The day that it is counted on."""
        return self.at.date()

    @property
    def hash(self) -> bytes:
        """16 bytes that stand for all but the time."""
        return blake2b("\0".join(self._fields()).encode(), digest_size=16).digest()

    @property
    def token(self) -> bytes:
        """What is counted once: the same for all misses of a day that have the same fields."""
        return self.day.toordinal().to_bytes(3, "big") + self.hash

    def _fields(self) -> tuple[str, ...]:
        return (self.symbol, self.debugid, self.filename, self.code_file, self.code_id)


class Downloads(msgspec.Struct, frozen=True, array_like=True, tag="downloads"):
    """How many downloads (GET) of a day were found, and how many were not."""

    day: date
    found: int
    missing: int
