# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import pytest

from tecken.core.storage.source_urls import Place, place_of, try_url_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://h/bucket", Place("h", "bucket", "")),
        ("https://h/bucket/a/b/?access=public", Place("h", "bucket", "a/b")),
        ("https://H:443/bucket/a", Place("h", "bucket", "a")),
        ("http://h:9000/bucket", Place("h:9000", "bucket", "")),
        ("file:///data/my%20symbols", Place("", "/data/my symbols", "")),
        ("file:///data/symbols/?prefix=a/b/", Place("", "/data/symbols", "a/b")),
    ],
)
def test_the_place_of_a_url(url: str, place: Place) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("url", "try_url"),
    [
        ("https://h/bucket", "https://h/bucket/try"),
        ("https://h/bucket/a?access=public", "https://h/bucket/try/a?access=public"),
        ("file:///data/symbols", "file:///data/symbols?prefix=try"),
        ("file:///data/symbols?prefix=a", "file:///data/symbols?prefix=try/a"),
    ],
)
def test_try_symbols_lie_right_below_the_bucket(url: str, try_url: str) -> None:
    assert try_url_of(url) == try_url
