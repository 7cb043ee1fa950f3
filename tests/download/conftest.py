# SPDX-License-Identifier: MPL-2.0

"""Two folder buckets and try symbols beside the second."""

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.lone_ids import LoneIds
from tecken.core.storage.base import Content
from tecken.core.storage.sources import Source
from tecken.upload import lone_symbols
from tecken.web.sources import sources, try_source

TEXT = (
    b"MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 xul.pdb\n" + b"FUNC 1 2 3 f\n" * 5000
)


@pytest.fixture(autouse=True)
def _without_lone_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that no symbols are found by their id alone: most of these tests have no database, which would be asked."""
    nothing = LoneIds(lambda _after: ())
    monkeypatch.setattr(lone_symbols, "_lone_ids", lambda: nothing)


@dataclass(frozen=True)
class Store:
    """Where symbols can be put."""

    first: Source
    second: Source
    try_symbols: Source

    def put_sym(self, source: Source, key: str, text: bytes = TEXT) -> str:
        """Store a symbol file as uploads do; return its object's key."""
        metadata = {
            "original_size": str(len(text)),
            "original_md5_hash": hashlib.md5(text, usedforsecurity=False).hexdigest(),
        }
        object_key = source.object_key(SymbolKey.parse(key))
        source.bucket.put(object_key, gzip.compress(text), Content("text/plain", "gzip", metadata))
        return object_key


@pytest.fixture
def store(settings, tmp_path: Path) -> Store:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = ((tmp_path / name).as_uri() for name in ("first", "second"))
    settings.SYMBOL_URLS = (first, second)
    settings.UPLOAD_DEFAULT_URL = second
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{second}?prefix=try"
    return Store(*sources(), try_source())


class ReadingClient(Client):
    """A client whose answers are read at its end, as far as that was not done: files are closed thus."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: list[Any] = []

    def request(self, **more: Any) -> Any:
        self._answers.append(super().request(**more))
        return self._answers[-1]

    def close(self) -> None:
        for answer in filter(attrgetter("streaming"), self._answers):
            list(answer)


@pytest.fixture
def client() -> Iterator[ReadingClient]:
    with closing(ReadingClient()) as client:
        yield client
