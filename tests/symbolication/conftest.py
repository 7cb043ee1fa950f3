# SPDX-License-Identifier: MPL-2.0

"""Two folder buckets, try symbols beside the second, and requests."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.locating.lone_ids import LoneIds
from tecken.core.storage.digest import Digest
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import StoringRules, store
from tecken.symbolication import services, underived
from tecken.upload import lone_symbols
from tecken.web.sources import sources, try_source

XUL = ["xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2"]
LIBC = ["libc.so.6", "1A0DF793E38A8E4F63C223F1500327FB0"]
WNTDLL = ["wntdll.pdb", "D74F79EB1F8D4A45ABCD2F476CCABACC2"]  # in no bucket
XUL_TEXT = b"""MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 xul.pdb
FILE 0 nsAppRunner.cpp
FILE 1 Run.h
INLINE_ORIGIN 0 Run(int)
FUNC 1000 40 0 XREMain::XRE_mainRun()
INLINE 0 12 0 0 1010 10
1000 10 10 0
1010 10 3 1
1020 10 0 0
PUBLIC 2000 0 _start
"""
LIBC_TEXT = b"MODULE Linux x86_64 1A0DF793E38A8E4F63C223F1500327FB0 libc.so.6\nPUBLIC 10 0 malloc\n"

_RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})


@pytest.fixture(autouse=True)
def _without_native_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that no native file waits: most of these tests have no database, which would be asked for that."""
    monkeypatch.setattr(underived, "_none_until", float("inf"))
    nothing = LoneIds(lambda _after: ())
    monkeypatch.setattr(lone_symbols, "_lone_ids", lambda: nothing)


@dataclass(frozen=True)
class Store:
    """Where symbols can be put."""

    first: Source
    second: Source
    try_symbols: Source

    def upload(self, module: list[str], text: bytes, source: Source | None = None) -> None:
        """Store a module's symbol file as uploads do, into the first source unless told."""
        source = source or self.first
        key = SymbolKey.of_module(*module)
        digest = Digest(len(text), hashlib.md5(text, usedforsecurity=False).hexdigest())
        store(source, key, [text], digest, _RULES)
        symbol_stored.publish(key)

    def put_by_hand(self, module: list[str], data: bytes) -> None:
        """Put a file into the folder of the first source, as somebody else may."""
        key = SymbolKey.of_module(*module)
        path: Path = self.first.bucket.folder / self.first.object_key(key)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)


@pytest.fixture
def symbols(settings: Settings, tmp_path: Path, fresh_services: None) -> Store:
    """Empty buckets."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first, second = ((tmp_path / name).as_uri() for name in ("first", "second"))
    settings.DATA_DIR = tmp_path / "data"
    settings.SYMBOL_URLS = (first, second)
    settings.UPLOAD_DEFAULT_URL = second
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{second}?prefix=try"
    return Store(*sources(), try_source())


@pytest.fixture
def fresh_services() -> Iterator[None]:
    """A supplier and limits of this test's own settings."""
    for service in (services.supplier, services.limits):
        service.cache_clear()
    yield
    for service in (services.supplier, services.limits):
        service.cache_clear()


@pytest.fixture
def xul(symbols: Store) -> Store:
    """The symbols of xul.pdb and libc.so.6, uploaded."""
    symbols.upload(XUL, XUL_TEXT)
    symbols.upload(LIBC, LIBC_TEXT)
    return symbols


def post(url: str, request: object, **headers: str) -> HttpResponse:
    """Post a request, ``bytes`` as they are and all else as JSON."""
    body = request if isinstance(request, bytes) else json.dumps(request)
    return Client().post(url, body, content_type="application/json", headers=headers)


def error_of(response: HttpResponse) -> tuple[int, str]:
    """The status and the sentence of an error."""
    return response.status_code, answer_of(response)["error"]


def answer_of(response: HttpResponse) -> dict[str, Any]:
    """The JSON of an answer."""
    assert response["Content-Type"] == "application/json"
    answer: dict[str, Any] = json.loads(response.getvalue())
    return answer


def one_job(modules: list[list[str]], *stacks: list[list[object]]) -> dict[str, Any]:
    """A job, which is also a v5 request."""
    return {"memoryMap": modules, "stacks": list(stacks)}


def result(request: object, **headers: str) -> dict:
    """The answer to the only job of a request."""
    response = post("/symbolicate/v5", request, **headers)
    assert response.status_code == 200
    [only] = answer_of(response)["results"]
    return only
