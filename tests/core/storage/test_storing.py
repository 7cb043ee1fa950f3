# SPDX-License-Identifier: MPL-2.0

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.support.files import NamelessFile

from tecken.core.errors import ArchiveRefusedError, NoRoomError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.digest import Digest
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.packing import pack
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import StoringRules, current_object, is_same, store
from tecken.core.symbols.index_file import open_index
from tecken.core.tempfiles.spooling import Scratch

SYM = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.sym")
BINARY = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.pd_")
RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain", "txt": "text/markdown"})
TEXT = (
    f"MODULE windows x86_64 {SYM.debug_id} xul.pdb\n"
    + "".join(f"FUNC {n:x}0 10 0 function {n}\n{n:x}0 10 {n} 0\n" for n in range(1, 5000))
).encode()


def digest_of(data: bytes) -> Digest:
    return Digest(len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())


@pytest.fixture
def source() -> Source:
    return Source("symbols-0", "file:///symbols", MemoryBucket("symbols"), "v1", public=False)


def store_bytes(source: Source, key: SymbolKey, data: bytes) -> ObjectInfo:
    chunks = (data[at : at + 1000] for at in range(0, len(data), 1000))
    return store(source, key, chunks, digest_of(data), RULES)


def read(source: Source, object_key: str) -> bytes:
    with source.bucket.open(object_key) as reader:
        return reader.read()


def index_keys(source: Source) -> list[str]:
    return [info.key for info in source.bucket.list("v1/.index/")]


def test_a_symbol_file_is_stored_as_gzip_that_everyone_reads(source: Source) -> None:
    info = store_bytes(source, SYM, TEXT)
    assert gzip.decompress(read(source, f"v1/{SYM}")) == TEXT
    assert info == source.bucket.head(f"v1/{SYM}")
    assert (info.content.content_type, info.content.content_encoding) == ("text/plain", "gzip")
    assert info.content.metadata["original_size"] == str(len(TEXT))
    assert info.content.metadata["original_md5_hash"] == digest_of(TEXT).md5


def test_the_index_beside_it_belongs_to_it(source: Source) -> None:
    info = store_bytes(source, SYM, TEXT)
    object_id = info.content.metadata["object_id"]
    assert index_keys(source) == [source.index_key(SYM, object_id)]
    index = open_index(read(source, source.index_key(SYM, object_id)))
    assert (index.object_id, index.object_size) == (object_id, info.size)
    assert index.text_size == len(TEXT)


def test_a_packed_file_is_stored_like_its_bytes(source: Source) -> None:
    packed = pack([TEXT], Scratch(NamelessFile()))
    info = store(source, SYM, packed, digest_of(TEXT), RULES)
    assert gzip.decompress(read(source, f"v1/{SYM}")) == TEXT
    assert info.content.metadata["object_id"] == packed.object_id
    assert index_keys(source) == [source.index_key(SYM, packed.object_id)]
    index = open_index(read(source, source.index_key(SYM, packed.object_id)))
    assert (index.object_id, index.object_size) == (packed.object_id, info.size)


def test_another_file_keeps_its_bytes(source: Source) -> None:
    info = store_bytes(source, BINARY, b"\0\1\2" * 5000)
    assert read(source, f"v1/{BINARY}") == b"\0\1\2" * 5000
    assert info.content.content_encoding is None
    assert info.content.content_type == "application/octet-stream"
    assert index_keys(source) == []


def test_an_extension_counts_in_any_case_and_at_the_end_only(source: Source) -> None:
    assert RULES.compresses(SymbolKey("a", "ABC", "a.SYM"))
    assert not RULES.compresses(SymbolKey("a", "ABC", "a.sym.gz"))
    assert RULES.content_type(SymbolKey("a", "ABC", "a.TXT")) == "text/markdown"


def test_replacing_leaves_one_object_and_one_index(source: Source) -> None:
    store_bytes(source, SYM, TEXT)
    info = store_bytes(source, SYM, TEXT + b"PUBLIC 1 0 more\n")
    assert index_keys(source) == [source.index_key(SYM, info.content.metadata["object_id"])]


def test_an_upload_of_the_same_key_meanwhile_leaves_no_index_behind(source: Source) -> None:
    def chunks() -> Iterator[bytes]:
        yield TEXT
        store_bytes(source, SYM, TEXT + b"PUBLIC 1 0 meanwhile\n")

    info = store(source, SYM, chunks(), digest_of(TEXT), RULES)
    assert current_object(source, SYM) == info
    assert index_keys(source) == [source.index_key(SYM, info.content.metadata["object_id"])]


class OvertakenBucket(MemoryBucket):
    """Another upload of the key is published whenever somebody has looked at what is there."""

    def __init__(self, times: int) -> None:
        super().__init__("symbols")
        self.left = times

    def head(self, key: str) -> ObjectInfo:
        try:
            return super().head(key)
        finally:
            if self.left:
                self.left -= 1
                other = Source("other", "file:///other", self, "v1", public=False)
                left, self.left = self.left, 0  # the other one is not overtaken
                store_bytes(other, SYM, TEXT + b"PUBLIC 1 0 other %d\n" % left)
                self.left = left


@pytest.mark.parametrize("times", [1, 5])
def test_who_is_overtaken_replaces_the_other_and_reads_its_file_once(times: int) -> None:
    source = Source("s", "file:///s", OvertakenBucket(times), "v1", public=False)
    info = store(source, SYM, iter([TEXT]), digest_of(TEXT), RULES)
    assert current_object(source, SYM) == info
    assert gzip.decompress(read(source, f"v1/{SYM}")) == TEXT
    assert index_keys(source) == [source.index_key(SYM, info.content.metadata["object_id"])]


def test_who_is_overtaken_for_ever_still_stores_its_file() -> None:
    source = Source("s", "file:///s", OvertakenBucket(1000), "v1", public=False)
    info = store_bytes(source, SYM, TEXT)
    assert info.content.metadata["original_md5_hash"] == digest_of(TEXT).md5


def test_the_same_file_is_known_again(source: Source) -> None:
    for key, data in [(SYM, TEXT), (BINARY, b"binary")]:
        compressed = RULES.compresses(key)
        info = store_bytes(source, key, data)
        assert is_same(info, digest_of(data), compressed=compressed)
        assert not is_same(info, digest_of(data[:-1] + b"?"), compressed=compressed)
        assert not is_same(info, digest_of(data + b"\n"), compressed=compressed)


def object_info(etag: str, content: Content, size: int = 6) -> ObjectInfo:
    return ObjectInfo("key", size, etag, datetime.now(UTC), content)


def test_an_object_without_our_metadata_is_no_symbol_file_of_ours() -> None:
    info = object_info(digest_of(b"binary").md5, Content())
    assert not is_same(info, digest_of(b"binary"), compressed=True)


def test_an_object_without_our_metadata_may_have_its_md5_as_etag() -> None:
    info = object_info(digest_of(b"binary").md5, Content())
    assert is_same(info, digest_of(b"binary"), compressed=False)
    assert not is_same(object_info("other", Content()), digest_of(b"binary"), compressed=False)


def test_the_same_text_in_another_form_is_stored_again() -> None:
    metadata = {"original_size": "6", "original_md5_hash": digest_of(b"binary").md5}
    plain = object_info("", Content("text/plain", None, metadata))
    assert is_same(plain, digest_of(b"binary"), compressed=False)
    assert not is_same(plain, digest_of(b"binary"), compressed=True)


def test_nothing_is_found_where_nothing_is(source: Source) -> None:
    assert current_object(source, SYM) is None


@pytest.mark.parametrize("key", [SYM, BINARY])
def test_an_archive_that_ends_badly_changes_nothing(source: Source, key: SymbolKey) -> None:
    def chunks() -> Iterator[bytes]:
        yield TEXT
        raise ArchiveRefusedError("damaged")

    before = store_bytes(source, key, b"MODULE before")
    kept = index_keys(source)
    with pytest.raises(ArchiveRefusedError):
        store(source, key, chunks(), digest_of(TEXT), RULES)
    assert current_object(source, key) == before
    assert index_keys(source) == kept


class FullBucket(MemoryBucket):
    """A real bucket can become full between an index and its object; no disk here is so small."""

    def _put(self, key: str, data: bytes, content: Content, over: str | None) -> ObjectInfo:
        if ".index/" not in key:
            raise NoRoomError(self.name, key, "full")
        return super()._put(key, data, content, over)


def test_an_index_whose_object_found_no_room_is_deleted() -> None:
    source = Source("s", "file:///s", FullBucket("s"), "v1", public=False)
    with pytest.raises(NoRoomError):
        store_bytes(source, SYM, TEXT)
    assert list(source.bucket.list()) == []
