# SPDX-License-Identifier: MPL-2.0

"""Uploads of one key at the same time: at the end there is one of them, whole, with its index."""

import gzip
import hashlib
import multiprocessing
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.support.proxy import Fault, HttpProxy, Request
from tests.support.servers import S3

from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.digest import Digest
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.symbols.index_file import open_index

KEY = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.sym")
RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})
WRITERS = 8
TIMES = 15

OpenSource = Callable[[], Source]


@pytest.fixture(params=["folder", "s3"])
def open_it(request: pytest.FixtureRequest, tmp_path: Path) -> OpenSource:
    """What opens the same empty source in any process."""
    if request.param == "folder":
        return partial(open_source, f"file://{tmp_path}", "v1")
    s3: S3 = request.getfixturevalue("s3")
    make_bucket: Callable[..., str] = request.getfixturevalue("make_bucket")
    options = S3Options(s3.access_key, s3.secret_key)
    return partial(open_source, f"{s3.endpoint}/{make_bucket()}", "v1", options)


def text_of(writer: int, time: int) -> bytes:
    head = f"MODULE windows x86_64 {KEY.debug_id} xul.pdb\n"
    functions = (f"FUNC {n:x}0 10 0 of {writer} at {time}\n{n:x}0 10 {n} 0\n" for n in range(200))
    return (head + "".join(functions)).encode()


def store_text(source: Source, text: bytes) -> None:
    digest = Digest(len(text), hashlib.md5(text, usedforsecurity=False).hexdigest())
    store(source, KEY, iter([text]), digest, RULES)


def store_often(open_it: OpenSource, writer: int) -> None:
    source = open_it()
    for time in range(TIMES):
        store_text(source, text_of(writer, time))


def read(source: Source, key: str) -> bytes:
    with source.bucket.open(key) as reader:
        return reader.read()


def assert_one_object_and_its_index(source: Source) -> bytes:
    """Compare all that is in the bucket; return the text of the object."""
    object_key = source.object_key(KEY)
    info = source.bucket.head(object_key)
    object_id = info.content.metadata["object_id"]
    index_key = source.index_key(KEY, object_id)
    assert {listed.key for listed in source.bucket.list()} == {object_key, index_key}
    index = open_index(read(source, index_key))
    assert (index.object_id, index.object_size) == (object_id, info.size)
    text = gzip.decompress(read(source, object_key))
    md5 = hashlib.md5(text, usedforsecurity=False).hexdigest()
    assert info.content.metadata["original_md5_hash"] == md5
    return text


def test_processes_that_store_one_key_leave_one_object_and_its_index(
    open_it: OpenSource, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("forkserver")  # which imports once what takes long
    context.set_forkserver_preload(["boto3", "tecken.core.storage.s3", __name__])
    with context.Pool(WRITERS) as pool:
        pool.map(partial(store_often, open_it), range(WRITERS), chunksize=1)
    text = assert_one_object_and_its_index(open_it())
    assert text in {text_of(writer, TIMES - 1) for writer in range(WRITERS)}
    sidecars = [path.parent.name for path in tmp_path.rglob(".meta/objects/**/*.json")]
    assert len(sidecars) in {0, 2}  # in a folder: of the object and of the index


def test_an_object_that_was_published_after_all_keeps_its_index(
    s3: S3, s3_proxy: HttpProxy, make_bucket: Callable[..., str]
) -> None:
    def is_object(request: Request) -> bool:
        return request.method == "PUT" and ".index" not in request.path

    def comes_after(request: Request) -> bool:
        return request.method == "HEAD" and any(map(is_object, s3_proxy.requests))

    options = S3Options(s3.access_key, s3.secret_key)
    source = open_source(f"{s3_proxy.url}/{make_bucket()}", "v1", options)
    s3_proxy.add(Fault(lose_answer=True, when=is_object))
    s3_proxy.add(Fault(status=500, when=comes_after))
    with pytest.raises(StorageUnavailableError):
        store_text(source, text_of(1, 1))
    s3_proxy.clear()
    assert assert_one_object_and_its_index(source) == text_of(1, 1)
