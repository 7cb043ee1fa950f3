# SPDX-License-Identifier: MPL-2.0

"""Objects that are kept for some time only."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.expiring import delete_expired, expired_objects
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store

KEY = SymbolKey.of_module("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
RULES = StoringRules(frozenset({"sym"}), {})
TOMORROW = datetime.now(UTC) + timedelta(days=1)
YESTERDAY = TOMORROW - timedelta(days=2)


@pytest.fixture(params=["?prefix=try", ""])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    return open_source(f"{tmp_path.as_uri()}{request.param}", "v1" if request.param else "")


def store_symbols(source: Source) -> None:
    text = b"MODULE windows x86_64 44E4EC8C2F41492B9369D6B9A059577C2 xul.pdb\nPUBLIC 10 0 main\n"
    store(source, KEY, [text], Digest(len(text), "0" * 32), RULES)


def keys(source: Source) -> list[str]:
    return [listed.key for listed in source.bucket.list()]


def test_an_object_goes_with_its_index_and_metadata(source: Source, tmp_path: Path) -> None:
    store_symbols(source)
    (expired,) = expired_objects(source, TOMORROW)
    assert expired.key == KEY
    assert delete_expired(source, expired, TOMORROW)
    files = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert files <= {Path(".meta/lock")}


def test_what_is_young_stays(source: Source) -> None:
    store_symbols(source)
    assert list(expired_objects(source, YESTERDAY)) == []


def test_an_object_that_was_replaced_since_it_was_listed_stays(source: Source) -> None:
    store_symbols(source)
    (expired,) = expired_objects(source, TOMORROW)
    assert not delete_expired(source, expired, YESTERDAY)
    assert source.object_key(KEY) in keys(source)


def test_an_object_that_has_gone_meanwhile_is_no_trouble(source: Source) -> None:
    store_symbols(source)
    (expired,) = expired_objects(source, TOMORROW)
    assert delete_expired(source, expired, TOMORROW)
    assert not delete_expired(source, expired, TOMORROW)


def test_what_is_no_symbol_key_below_the_prefix_stays(source: Source) -> None:
    others = ["readme.txt", f"regular/{KEY}", f"xul.pdb/nohex/{KEY.symbol_file}"]
    for key in others:
        source.bucket.put(source.object_key(KEY).replace(str(KEY), key), b"x", Content())
    assert list(expired_objects(source, TOMORROW)) == []
