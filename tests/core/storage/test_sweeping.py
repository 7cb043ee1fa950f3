# SPDX-License-Identifier: MPL-2.0

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from tests.support.proxy import HttpProxy
from tests.support.servers import S3

from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.storage.sweeping import Cursor, sweep_orphans

RULES = StoringRules(frozenset({"sym"}), {})
KEYS = [SymbolKey("xul.pdb", f"ABC{number}", "xul.sym") for number in range(3)]
HOUR = 3600
ANY_AGE = -60


@pytest.fixture(params=["folder", "memory", "s3"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    if request.param == "memory":
        return Source("memory", "file:///symbols", MemoryBucket("symbols"), "v1", public=False)
    if request.param == "folder":
        return open_source(f"file://{tmp_path}?prefix=try", "v1")
    s3: S3 = request.getfixturevalue("s3")
    make_bucket: Callable[..., str] = request.getfixturevalue("make_bucket")
    options = S3Options(s3.access_key, s3.secret_key)
    return open_source(f"{s3.endpoint}/{make_bucket()}/try", "v1", options)


class Kept:
    """A cursor that is kept in memory, with all that it was."""

    def __init__(self) -> None:
        self.keys = [""]

    @property
    def cursor(self) -> Cursor:
        return Cursor(lambda: self.keys[-1], self.keys.append)


def sweep(
    source: Source,
    older_than_seconds: float,
    kept: Kept | None = None,
    max_seconds: float = 3600,
    known: Collection[tuple[str, int | None]] = (),
) -> int:
    cursor = (kept or Kept()).cursor
    return sweep_orphans(source, older_than_seconds, lambda _: known, cursor, max_seconds)


def store_text(source: Source, key: SymbolKey, text: bytes = b"MODULE\n") -> None:
    digest = Digest(len(text), hashlib.md5(text, usedforsecurity=False).hexdigest())
    store(source, key, [text], digest, RULES)


def leave_index(source: Source, key: SymbolKey, object_id: str) -> str:
    """Do what a writer does that dies before its object is published."""
    index_key = source.index_key(key, object_id)
    source.bucket.put(index_key, b"index", Content())
    return index_key


def keys_in(source: Source) -> set[str]:
    return {listed.key for listed in source.bucket.list()}


def test_indexes_that_no_object_names_are_deleted(source: Source) -> None:
    for key in KEYS[:2]:
        store_text(source, key)
    kept = keys_in(source)
    for key in KEYS:
        for number in range(2):
            leave_index(source, key, f"{number:032x}")
    assert sweep(source, ANY_AGE) == 6
    assert keys_in(source) == kept
    assert sweep(source, ANY_AGE) == 0


def test_what_may_still_become_an_object_is_left_alone(source: Source) -> None:
    index_key = leave_index(source, KEYS[0], "0" * 32)
    assert sweep(source, HOUR) == 0
    assert keys_in(source) == {index_key}


def test_the_index_of_an_object_that_others_replaced_is_deleted(source: Source) -> None:
    store_text(source, KEYS[0])
    source.bucket.put(source.object_key(KEYS[0]), b"by hand", Content())
    assert sweep(source, ANY_AGE) == 1
    assert keys_in(source) == {source.object_key(KEYS[0])}


def test_only_indexes_of_the_source_are_deleted(source: Source) -> None:
    prefix = source.index_prefix
    others = [f"{prefix}README", f"{prefix}a/b/c/d/e", ".index/a/ABC/a.sym/1", "other/file"]
    for key in others:
        source.bucket.put(key, b"", Content())
    assert sweep(source, ANY_AGE) == 0
    assert keys_in(source) == set(others)


def test_metadata_without_an_object_is_deleted(tmp_path: Path) -> None:
    source = open_source(f"file://{tmp_path}", "v1")
    for key in KEYS:
        store_text(source, key)
    (tmp_path / "v1" / str(KEYS[0])).unlink()
    (tmp_path / "v1" / str(KEYS[1])).write_text("replaced by hand")
    sidecars = tmp_path / ".meta" / "objects" / "v1"
    assert sweep(source, HOUR) == 0
    # Two objects that are gone and two indexes, whose metadata goes with them.
    assert sweep(source, ANY_AGE) == 4
    assert not (sidecars / str(KEYS[0])).exists()
    assert not (sidecars / str(KEYS[1])).exists()
    assert source.bucket.head(source.object_key(KEYS[2])).content.metadata["object_id"]
    assert keys_in(source) == {
        source.object_key(KEYS[1]),
        source.object_key(KEYS[2]),
        *(listed.key for listed in source.bucket.list(f"v1/.index/{KEYS[2]}/")),
    }


def test_a_bucket_that_has_vanished_is_trouble(tmp_path: Path) -> None:
    source = open_source(f"file://{tmp_path}/gone", "v1")
    with pytest.raises(StorageUnavailableError):
        sweep(source, ANY_AGE)


def test_a_sweep_that_was_interrupted_goes_on_where_it_ended(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tecken.core.storage.sweeping._FOLDERS_AT_ONCE", 2)
    keys = [SymbolKey(f"lib{n}.so", "ABC1", f"lib{n}.so.sym") for n in range(5)]
    keys += [SymbolKey("lib1.so.2", "ABC1", "lib.so.sym"), SymbolKey("日.so", "ABC1", "日.sym")]
    for key in keys:
        store_text(source, key)
    stored = keys_in(source)
    for key in keys:
        leave_index(source, key, "0" * 32)
    kept = Kept()
    assert [sweep(source, ANY_AGE, kept, max_seconds=0) for _ in range(5)] == [2, 2, 2, 1, 0]
    assert kept.keys.count("") == 2  # at first, and at the end
    assert len(set(kept.keys)) == 5
    assert keys_in(source) == stored


def test_only_what_seems_not_to_be_named_is_asked_for(
    s3: S3, make_bucket: Callable[..., str], s3_proxy: HttpProxy
) -> None:
    options = S3Options(s3.access_key, s3.secret_key)
    source = open_source(f"{s3_proxy.url}/{make_bucket()}/try", "v1", options)
    for key in KEYS:
        store_text(source, key)
    sizes = {
        (key, source.bucket.head(key).size)
        for key in keys_in(source)
        if not key.startswith(source.index_prefix)
    }
    kept = keys_in(source)
    s3_proxy.clear()
    assert sweep(source, ANY_AGE, known=sizes) == 0
    assert [request.method for request in s3_proxy.requests] == ["GET", "GET"]
    leave_index(source, KEYS[1], "0" * 32)
    s3_proxy.clear()
    assert sweep(source, ANY_AGE, known=sizes) == 1
    assert sorted(r.method for r in s3_proxy.requests) == ["DELETE", "GET", "GET", "HEAD"]
    assert keys_in(source) == kept
