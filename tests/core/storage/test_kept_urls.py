# SPDX-License-Identifier: MPL-2.0

import itertools

from tecken.core.storage.kept_urls import KeptUrls


def test_a_url_is_made_anew_after_some_minutes() -> None:
    numbers, now = itertools.count(1), [1000.0]
    urls = KeptUrls(lambda key: f"{key}-{next(numbers)}", 3600, lambda: now[0])
    assert [urls.of("a"), urls.of("b"), urls.of("a")] == ["a-1", "b-2", "a-1"]
    now[0] += 300
    assert urls.of("a") == "a-1"
    now[0] += 1
    assert [urls.of("a"), urls.of("a"), urls.of("b")] == ["a-3", "a-3", "b-4"]


def test_they_are_bounded() -> None:
    urls = KeptUrls(str, 3600)
    for number in range(20_000):
        urls.of(str(number))
    assert len(urls._kept) <= 5_000
