# SPDX-License-Identifier: MPL-2.0

import pytest

from tecken.core.storage.source_urls import (
    Location,
    S3Server,
    is_public,
    location_of,
    s3_server_of,
    signed_url_of,
    try_url_of,
    without_query,
)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://h/bucket", Location("h", "bucket", "")),
        ("https://h/bucket/a/b/?access=public", Location("h", "bucket", "a/b")),
        ("https://H:443/bucket/a", Location("h", "bucket", "a")),
        ("http://h:9000/bucket", Location("h:9000", "bucket", "")),
        ("file:///data/my%20symbols", Location("", "/data/my symbols", "")),
        ("file:///data/symbols/?prefix=a/b/", Location("", "/data/symbols", "a/b")),
    ],
)
def test_the_place_of_a_url(url: str, location: Location) -> None:
    assert location_of(url) == location


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


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("s3.amazonaws.com", "us-east-1"),
        ("s3-us-west-2.amazonaws.com", "us-west-2"),
        ("s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("S3.dualstack.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ],
)
def test_amazons_hosts_name_a_region(host: str, region: str) -> None:
    assert s3_server_of(f"https://{host}/bucket/prefix") == S3Server(region, None)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://localhost:9000/bucket", "http://localhost:9000"),
        ("https://storage.example.com/bucket", "https://storage.example.com"),
        ("https://user:word@[::1]:9000/bucket", "https://[::1]:9000"),
        ("https://s3.amazonaws.com.example.com/bucket", "https://s3.amazonaws.com.example.com"),
    ],
)
def test_any_other_host_is_an_endpoint(url: str, endpoint: str) -> None:
    assert s3_server_of(url) == S3Server(None, endpoint)


def test_a_url_is_shown_without_its_query() -> None:
    assert without_query("https://h/bucket/a?access=public&key=x") == "https://h/bucket/a?…"
    assert without_query("file:///data/symbols") == "file:///data/symbols"


def test_a_url_for_writing_is_not_public() -> None:
    url = "https://h/bucket/a?access=public&x=1"
    assert is_public(url)
    assert signed_url_of(url) == "https://h/bucket/a?x=1"
    assert signed_url_of("https://h/bucket?access=private") == "https://h/bucket?access=private"
