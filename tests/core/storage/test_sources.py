# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest

from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import UnsupportedSourceError, open_source, prefix_warning

KEY = SymbolKey("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2", "xul.sym")


def test_the_whole_path_of_a_file_url_is_the_bucket(tmp_path: Path) -> None:
    source = open_source("file:///data/my%20buckets/symbols/", "v1")
    assert source.bucket.folder == Path("/data/my buckets/symbols")  # type: ignore[attr-defined]
    assert source.bucket.name == "symbols"
    assert not source.public


@pytest.mark.parametrize(
    ("query", "symbol_file_prefix", "prefix"),
    [
        ("", "v1", "v1"),
        ("", "", ""),
        ("?prefix=try", "v1", "try/v1"),
        ("?prefix=/try/p/", "v1", "try/p/v1"),
        ("?prefix=try", "", "try"),
        ("?prefix=a%20b", "/v1/", "a b/v1"),
    ],
)
def test_the_prefix_is_that_of_the_url_and_that_of_symbol_files(
    query: str, symbol_file_prefix: str, prefix: str
) -> None:
    assert open_source(f"file:///data/symbols{query}", symbol_file_prefix).prefix == prefix


def test_objects_and_indexes_lie_below_the_prefix() -> None:
    source = open_source("file:///data/symbols?prefix=try", "v1")
    assert source.object_key(KEY) == f"try/v1/{KEY}"
    assert source.index_key(KEY, "9f86d0") == f"try/v1/.index/{KEY}/9f86d0"


def test_objects_and_indexes_may_lie_at_the_root() -> None:
    source = open_source("file:///data/symbols", "")
    assert source.object_key(KEY) == str(KEY)
    assert source.index_key(KEY, "9f86d0") == f".index/{KEY}/9f86d0"


def test_names_are_stable_unique_and_safe_in_a_url() -> None:
    names = [
        open_source(url, "v1").name
        for url in ["file:///a/My%20Symbols", "file:///b/My%20Symbols", "file:///a/%3F%3F"]
    ]
    assert names == [open_source("file:///a/My%20Symbols", "v1").name, *names[1:]]
    assert len(set(names)) == 3
    assert names[0].startswith("my-symbols-")
    assert names[2].startswith("bucket-")


@pytest.mark.parametrize(
    "url",
    ["https://s3.example.com/", "ftp://host/bucket", "symbols", "", "file:///", "file://host/folder/bucket",
     "file:///data/symbols?prefix=../up", "file:///data/symbols?prefix=.meta"],
)  # fmt: skip
def test_a_url_that_is_not_understood_is_named(url: str) -> None:
    with pytest.raises(UnsupportedSourceError) as caught:
        open_source(url, "v1")
    assert repr(url.partition("?")[0])[:-1] in str(caught.value)


@pytest.mark.parametrize("name", ["my%20bucket", "k%C3%A4se", "arn:aws:s3", "x" * 256])
def test_a_bucket_that_s3_cannot_have_is_named(name: str) -> None:
    with pytest.raises(UnsupportedSourceError, match="has the bucket name"):
        open_source(f"https://s3.example.com/{name}/prefix", "v1")


def test_what_a_query_has_is_not_shown() -> None:
    with pytest.raises(UnsupportedSourceError) as caught:
        open_source("https://s3.example.com/symbols/.meta?key=hunter2", "v1")
    assert str(caught.value) == (
        "'https://s3.example.com/symbols/.meta?…' has the bad prefix '.meta/v1'"
    )


@pytest.mark.parametrize(
    ("url", "warns"),
    [
        ("file:///data/symbols?prefix=v1", True),
        ("file:///data/symbols?prefix=try/v1/", True),
        ("file:///data/v1", False),
        ("file:///data/symbols?prefix=xv1", False),
        ("file:///data/symbols", False),
    ],
)
def test_a_url_that_already_ends_in_the_prefix_is_warned_of(url: str, warns: bool) -> None:
    warning = prefix_warning(url, "v1")
    assert (warning is not None) == warns
    assert warning is None or url.partition("?")[0] in warning


def test_an_empty_symbol_file_prefix_never_warns() -> None:
    assert prefix_warning("file:///data/symbols?prefix=v1", "") is None


def test_an_s3_url_has_its_bucket_first_and_its_prefix_after_it() -> None:
    source = open_source("https://s3.example.com:9000/symbols/a%20b/?access=public", "v1")
    assert source.bucket.name == "symbols"
    assert source.object_key(KEY) == f"a b/v1/{KEY}"
    assert source.public
    assert source.remote
    assert (source.region, source.endpoint_url) == (None, "https://s3.example.com:9000")


def test_the_region_of_amazons_buckets_is_in_their_host() -> None:
    source = open_source("https://s3-us-west-2.amazonaws.com/symbols", "v1")
    assert (source.region, source.endpoint_url, source.public) == ("us-west-2", None, False)
