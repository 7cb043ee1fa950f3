# SPDX-License-Identifier: MPL-2.0

import gzip
import os
import shutil
from pathlib import Path

import pytest
from django.test import Client
from tests.download.conftest import TEXT, Store
from tests.support.supplied_nodes import upload

from tecken.core.identifiers import SymbolKey
from tecken.core.storage.base import Content

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def url(store: Store) -> str:
    return f"/_files/{store.first.name}/{store.put_sym(store.first, KEY)}"


def body(response) -> bytes:
    return b"".join(response)


def test_who_takes_gzip_gets_the_stored_bytes(client: Client, store: Store, url: str) -> None:
    response = client.get(url, headers=GZIP)
    sent = body(response)
    assert gzip.decompress(sent) == TEXT
    assert int(response["Content-Length"]) == len(sent)
    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Type"] == "text/plain"
    assert response["Cache-Control"] == "no-transform"
    assert response["Vary"] == "Accept-Encoding"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_who_does_not_gets_the_text(client: Client, url: str) -> None:
    response = client.get(url)
    assert body(response) == TEXT
    assert response["Content-Length"] == str(len(TEXT))
    assert "Content-Encoding" not in response
    assert response["Vary"] == "Accept-Encoding"


def test_a_text_of_unknown_size_has_no_length(client: Client, store: Store) -> None:
    store.first.bucket.put(f"v1/{KEY}", gzip.compress(TEXT), Content("text/plain", "gzip"))
    response = client.get(f"/_files/{store.first.name}/v1/{KEY}")
    assert body(response) == TEXT
    assert "Content-Length" not in response
    assert "Content-Length" not in client.head(f"/_files/{store.first.name}/v1/{KEY}")


def test_the_two_forms_have_different_strong_etags(client: Client, url: str) -> None:
    etags = {client.head(url)["ETag"], client.head(url, headers=GZIP)["ETag"]}
    assert len(etags) == 2
    assert all(etag.startswith('"') for etag in etags)


@pytest.mark.parametrize("headers", [GZIP, {}])
def test_head_has_the_headers_of_get(client: Client, url: str, headers: dict[str, str]) -> None:
    got, head = client.get(url, headers=headers), client.head(url, headers=headers)
    body(got)
    names = ("Content-Length", "ETag", "Content-Type", "Last-Modified", "Accept-Ranges", "Vary")
    assert [head[name] for name in names] == [got[name] for name in names]
    assert body(head) == b""


@pytest.mark.parametrize("headers", [GZIP, {}])
def test_a_version_that_the_client_has_is_not_sent_again(
    client: Client, store: Store, url: str, headers: dict[str, str]
) -> None:
    etag = client.head(url, headers=headers)["ETag"]
    response = client.get(url, headers={**headers, "If-None-Match": f'"other", {etag}'})
    assert response.status_code == 304
    assert response["ETag"] == etag
    assert "Content-Length" not in response
    store.put_sym(store.first, KEY, TEXT + b"more\n")
    again = client.get(url, headers={**headers, "If-None-Match": etag})
    assert again.status_code == 200
    body(again)


def test_a_range_of_the_stored_bytes(client: Client, url: str) -> None:
    whole = body(client.get(url, headers=GZIP))
    response = client.get(url, headers={**GZIP, "Range": "bytes=5-14"})
    assert response.status_code == 206
    assert body(response) == whole[5:15]
    assert response["Content-Length"] == "10"
    assert response["Content-Range"] == f"bytes 5-14/{len(whole)}"


def test_ranges_of_one_version_make_up_the_whole(client: Client, url: str) -> None:
    etag = client.head(url, headers=GZIP)["ETag"]
    parts = [
        body(client.get(url, headers={**GZIP, "Range": part, "If-Range": etag}))
        for part in ("bytes=0-99", "bytes=100-")
    ]
    assert gzip.decompress(b"".join(parts)) == TEXT


def test_a_range_of_another_version_is_answered_whole(client: Client, url: str) -> None:
    headers = {**GZIP, "Range": "bytes=0-4", "If-Range": '"another"'}
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    body(response)


def test_an_old_date_stands_for_its_version(client: Client, store: Store, url: str) -> None:
    file = Path(store.first.bucket.folder) / f"v1/{KEY}"
    os.utime(file, (1_700_000_000, 1_700_000_000))
    date = client.head(url, headers=GZIP)["Last-Modified"]
    for headers, status in (
        ({"Range": "bytes=0-4", "If-Range": date}, 206),
        ({"Range": "bytes=0-4", "If-Range": "Tue, 14 Nov 2023 22:13:21 GMT"}, 200),
        ({"Range": "bytes=0-4", "If-Range": "yesterday"}, 200),
        ({"If-Modified-Since": date}, 304),
        ({"If-Modified-Since": "Tue, 14 Nov 2023 22:13:19 GMT"}, 200),
        ({"If-Unmodified-Since": date}, 200),
        ({"If-Unmodified-Since": "Tue, 14 Nov 2023 22:13:19 GMT"}, 412),
    ):
        response = client.get(url, headers={**GZIP, **headers})
        assert response.status_code == status, headers
        body(response)


def test_a_date_of_this_second_may_stand_for_two_versions(client: Client, url: str) -> None:
    date = client.head(url, headers=GZIP)["Last-Modified"]
    response = client.get(url, headers={**GZIP, "Range": "bytes=0-4", "If-Range": date})
    assert response.status_code == 200
    body(response)


def test_a_condition_that_does_not_hold(client: Client, url: str) -> None:
    etag = client.head(url)["ETag"]
    response = client.get(url, headers={"If-Match": '"another"'})
    assert (response.status_code, response.json()) == (412, {"error": "Precondition Failed"})
    assert client.head(url, headers={"If-Match": etag}).status_code == 200
    assert client.head(url, headers={"If-Match": "*"}).status_code == 200


def test_a_weak_etag_is_good_for_conditions_and_not_for_ranges(client: Client, url: str) -> None:
    etag = client.head(url, headers=GZIP)["ETag"]
    assert client.head(url, headers={**GZIP, "If-None-Match": f"W/{etag}"}).status_code == 304
    headers = {**GZIP, "Range": "bytes=0-4", "If-Range": f"W/{etag}"}
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    body(response)


def test_a_range_past_the_end(client: Client, url: str) -> None:
    size = client.head(url, headers=GZIP)["Content-Length"]
    response = client.get(url, headers={**GZIP, "Range": f"bytes={size}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize("value", ["bytes=0-1,4-5", "bytes=x", "items=0-1"])
def test_a_range_of_another_kind_is_answered_whole(client: Client, url: str, value: str) -> None:
    response = client.get(url, headers={**GZIP, "Range": value})
    assert response.status_code == 200
    body(response)


def test_a_range_of_a_text_that_has_no_index_is_answered_whole(client: Client, url: str) -> None:
    response = client.get(url, headers={"Range": "bytes=0-9"})
    assert (response.status_code, body(response)) == (200, TEXT)
    assert response["Accept-Ranges"] == "none"


@pytest.fixture
def indexed(store: Store) -> tuple[str, bytes]:
    """An object of several blocks, as uploads store it, and its text."""
    text = TEXT + b"".join(b"FILE %d %s\n" % (n, str(n).encode() * 20_000) for n in range(9))
    upload(store.first, text, SymbolKey.parse(KEY))
    return f"/_files/{store.first.name}/v1/{KEY}", text


@pytest.mark.parametrize(
    "part", ["0-0", "0-", "5-70000", "70000-", "69999-140005", "-1", "-100000", "3-99999999"]
)
def test_a_range_of_the_text(client: Client, indexed: tuple[str, bytes], part: str) -> None:
    url, text = indexed
    whole = client.get(url)
    assert (whole["Accept-Ranges"], body(whole)) == ("bytes", text)
    response = client.get(url, headers={"Range": f"bytes={part}", "If-Range": whole["ETag"]})
    first, last = part.split("-")
    wanted = text[int(first) : int(last or len(text)) + 1] if first else text[-int(last) :]
    assert (response.status_code, body(response)) == (206, wanted)
    start = text.rindex(wanted) if not first else int(first)
    assert response["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(text)}"
    assert response["Content-Length"] == str(len(wanted))
    assert response["ETag"] == whole["ETag"]
    assert "Content-Encoding" not in response


def test_a_range_of_the_text_is_none_of_the_stored_bytes(
    client: Client, indexed: tuple[str, bytes]
) -> None:
    url, text = indexed
    stored = client.head(url, headers=GZIP)["ETag"]
    response = client.get(url, headers={"Range": "bytes=5-9", "If-Range": stored})
    assert (response.status_code, body(response)) == (200, text)


def test_a_range_past_the_end_of_the_text(client: Client, indexed: tuple[str, bytes]) -> None:
    url, text = indexed
    response = client.get(url, headers={"Range": f"bytes={len(text)}-"})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(text)}")
    assert response["Content-Type"] == "application/json"


def test_other_files_keep_their_bytes(client: Client, store: Store) -> None:
    key = "v1/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.pd_"
    store.first.bucket.put(key, b"MSCF....", Content())
    response = client.get(f"/_files/{store.first.name}/{key}", headers=GZIP)
    assert body(response) == b"MSCF...."
    assert "Content-Encoding" not in response
    assert "Vary" not in response


def test_an_empty_file(client: Client, store: Store) -> None:
    store.first.bucket.put("v1/a/AB/a.sym", b"", Content())
    response = client.get(f"/_files/{store.first.name}/v1/a/AB/a.sym")
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "0", b"")


@pytest.mark.parametrize(
    "path",
    [
        f"v1/.index/{KEY}/0123",
        f".meta/objects/v1/{KEY}/1-2.json",
        f"try/v1/{KEY}",
        KEY,
        "v1/secret.txt",
        f"v1/../v1/{KEY}",
        "../../etc/passwd",
        "v1/.index/AB/x.sym",
        "v1/.meta/AB/x.sym",
        "%00/AB/%ff",
    ],
)
def test_only_symbols_of_the_source_are_served(client: Client, store: Store, path: str) -> None:
    store.put_sym(store.first, KEY)
    store.put_sym(store.try_symbols, KEY)
    for source in (store.first, store.second):
        source.bucket.put("v1/secret.txt", b"secret", Content())
        assert client.get(f"/_files/{source.name}/{path}").status_code == 404


def test_try_symbols_have_a_source_of_their_own(client: Client, store: Store) -> None:
    key = store.put_sym(store.try_symbols, KEY)
    assert client.head(f"/_files/{store.try_symbols.name}/{key}").status_code == 200
    assert client.head(f"/_files/{store.second.name}/{key}").status_code == 404


def test_an_unknown_source_or_key_is_not_found(client: Client, url: str) -> None:
    assert client.get(f"/_files/nowhere/v1/{KEY}").status_code == 404
    assert client.get(url.replace("xul.sym", "xol.sym")).status_code == 404


def test_a_vanished_bucket_is_trouble(client: Client, url: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "first")
    assert client.get(url).status_code == 503
