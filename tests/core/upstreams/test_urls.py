# SPDX-License-Identifier: MPL-2.0

import base64

import pytest

from tecken.core.upstreams.credentials import Credentials
from tecken.core.upstreams.urls import (
    Layout,
    UpstreamUrl,
    is_upstream,
    origin_of,
    parse_upstream_url,
)


def test_a_url_says_how_a_server_is_asked() -> None:
    url = "https://symbols.example.com:8443/store/?layout=symsrv&credentials=VENDOR_1&at_once=3&rate=20"
    found = parse_upstream_url(url, allow_http=False)
    assert found == UpstreamUrl(
        "https://symbols.example.com:8443/store", Layout.SYMSRV, "VENDOR_1", 3, 20
    )
    assert found.name == "symbols.example.com:8443/store"


def test_a_bucket_is_no_other_server() -> None:
    assert not is_upstream("https://s3.example.com/bucket?access=public")
    assert not is_upstream("file:///data/layout?prefix=layout")
    assert is_upstream("https://debuginfod.example.com?layout=")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://me:secret@example.com?layout=breakpad", "credentials=NAME"),
        ("https://example.com/t/secret?layout=breakpad", "token in its path"),
        ("https://example.com/symbols//t/secret/x?layout=breakpad", "token in its path"),
        ("https://example.com/%74/secret?layout=breakpad", "token in its path"),
        ("https://example.com?layout=symsrv&token=secret", "looks like a secret"),
        ("https://example.com/x;%74oken=secret?layout=symsrv", "looks like a secret"),
        ("https://example.com?X-Amz-Signature=secret&layout=symsrv", "looks like a secret"),
        ("https://example.com?layout=symsrv&sig=secret", "looks like a secret"),
        (
            "https://example.com?layout=symsrv&credentials=8F14E45FCEEA167A5A36DEDD4BEA2543",
            "CREDENTIALS_<NAME>",
        ),
        ("https://example.com?layout=svn", "breakpad, symsrv, debuginfod, unified"),
        ("https://example.com?layout=", "layout that is none of"),
        ("https://example.com?layout=symsrv&access=public", "more than at_once, credentials"),
        ("https://example.com?layout=symsrv&layout=symsrv", "each once"),
        ("https://example.com?layout=symsrv&credentials=Bearer%20secret", "CREDENTIALS_<NAME>"),
        ("https://example.com?layout=symsrv&at_once=0", "at_once that is no number from 1 to 64"),
        ("https://example.com?layout=symsrv&rate=many", "rate that is no number"),
        ("https://example.com?layout=symsrv&rate=999999999999999999999", "rate that is no number"),
        ("http://example.com?layout=symsrv", "DJANGO_UPSTREAM_ALLOW_HTTP"),
        ("http://localhost.example.com?layout=symsrv", "DJANGO_UPSTREAM_ALLOW_HTTP"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_secrets(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        parse_upstream_url(url, allow_http=False)
    assert reason in str(error.value)
    said = str(error.value).replace("the secret itself", "").replace("looks like a secret", "")
    assert "secret" not in said
    assert "8F14" not in said


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
def test_http_is_for_this_machine(host: str) -> None:
    assert parse_upstream_url(f"http://{host}?layout=unified", allow_http=False).is_loopback


def test_http_may_be_allowed() -> None:
    assert (
        parse_upstream_url("http://symbols.lan?layout=unified", allow_http=True).host
        == "symbols.lan"
    )


def test_credentials_are_a_header_that_nothing_shows() -> None:
    bearer = Credentials.parse("Bearer abc.def-123")
    assert (bearer.header, bearer.value) == ("Authorization", "Bearer abc.def-123")
    basic = Credentials.parse("Basic me:pass:wörd")
    assert base64.b64decode(basic.value.removeprefix("Basic ")).decode() == "me:pass:wörd"
    header = Credentials.parse("X-Api-Key: 0123 4567")
    assert (header.header, header.value) == ("X-Api-Key", "0123 4567")
    assert "abc" not in repr(bearer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "Bearer",
        "Bearer a b",
        "Basic hunter2",
        "Host: hunter2",
        "X: hunter2\r\nY: z",
        "X Y: hunter2",
    ],
)
def test_other_credentials_are_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="must be 'Bearer <token>'") as error:
        Credentials.parse(text)
    assert "hunter2" not in str(error.value)


def test_names_of_several_words_are_names() -> None:
    url = "https://example.com?layout=symsrv&credentials=VENDOR_2_SYMBOLS_OF_2026"
    assert parse_upstream_url(url, allow_http=False).credentials == "VENDOR_2_SYMBOLS_OF_2026"


def test_an_origin_has_no_secret() -> None:
    url = "https://me:secret@example.com:8080/t/secret?token=secret"
    assert origin_of(url) == "https://example.com:8080"
