# SPDX-License-Identifier: MPL-2.0

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import CacheHandler
from django.core.cache.backends.base import BaseCache

from tecken.env import SettingError
from tecken.web import caches
from tecken.web.caches import RedisRules, folder_cache, redis_cache

SET = """
import sys
from tecken.web.caches import FolderCache
FolderCache(sys.argv[1], {}).set("a", {"from": "another process"})
"""

Open = Callable[..., BaseCache]


@pytest.fixture
def open_cache(tmp_path: Path) -> Open:
    def open_cache(**options: int) -> BaseCache:
        config = folder_cache(tmp_path / "cache")
        config["OPTIONS"] |= options
        return CacheHandler({"default": config})["default"]

    return open_cache


def test_processes_share_a_folder(open_cache: Open, tmp_path: Path) -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "tecken.settings", "TECKEN_DATA_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", SET, tmp_path / "cache"], check=True, env=environment)
    assert open_cache().get("a") == {"from": "another process"}


def test_a_folder_that_vanishes_is_an_empty_cache(open_cache: Open, tmp_path: Path) -> None:
    cache = open_cache()
    cache.set("a", 1)
    (tmp_path / "cache").rename(tmp_path / "gone")
    assert cache.get("a") is None
    cache.set("a", 2)
    assert cache.get("a") == 2


def test_a_damaged_file_is_no_entry(open_cache: Open, tmp_path: Path) -> None:
    cache = open_cache()
    cache.set("a", 1)
    [file] = (tmp_path / "cache").iterdir()
    whole = file.read_bytes()
    for damaged in (b"", b"not pickled", whole[:-5], whole[:20]):
        file.write_bytes(damaged)
        assert cache.get("a", "none") == "none"
        cache.set("a", 2)
        assert cache.get("a") == 2


def test_a_folder_that_cannot_be_used_keeps_nothing(open_cache: Open, tmp_path: Path) -> None:
    cache = open_cache()
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_text("a file in its place")
    cache.set("a", 1)
    assert cache.get("a") is None


def test_a_folder_is_culled_now_and_then(
    open_cache: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A cull happens at random; with 1 it happens before every write.
    cache = open_cache(MAX_ENTRIES=10)
    for number in range(100):
        cache.set(f"k{number}", number)
    assert len(list((tmp_path / "cache").iterdir())) > 10
    monkeypatch.setattr(caches, "_WRITES_PER_CULL", 1)
    for number in range(100):
        cache.set(f"k{number}", number)
    assert len(list((tmp_path / "cache").iterdir())) <= 10


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost:6379", "memcached://host"])
def test_a_url_that_is_no_redis_is_refused_by_name(url: str) -> None:
    rules = RedisRules(connect_timeout=1, timeout=2, ignore_exceptions=True)
    with pytest.raises(SettingError, match=r"^REDIS_STORE_URL must be redis://"):
        redis_cache("REDIS_STORE_URL", url, rules)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("host/abc", "must be redis://host:port/number"),
        ("host/-1", "must be redis://host:port/number"),
        ("/0", "must be redis://host:port/number"),
        ("host:0/0", "must be redis://host:port/number"),
        ("host/0?db=-1", "database number -1"),
        ("host/0?db=one", "'db'"),
        ("host/0?socket_timeout=soon", "'socket_timeout'"),
        ("host/0?colour=red", "'colour'"),
    ],
)
def test_a_redis_url_that_no_client_takes_is_refused_without_showing_it(
    rest: str, said: str
) -> None:
    with pytest.raises(SettingError, match=r"^REDIS_URL ") as caught:
        redis_cache("REDIS_URL", f"redis://:hunter2@{rest}", RedisRules(1, 2, True))
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://:word@host:6379/15",
        "redis://host/0?socket_timeout=5&health_check_interval=30",
        "rediss://user:word@host/0?ssl_cert_reqs=none",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_a_redis_url_that_clients_take_is_taken(url: str) -> None:
    assert redis_cache("REDIS_URL", url, RedisRules(1, 2, True))["LOCATION"] == url


def test_a_redis_url_with_a_bad_port_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingError, match=r"^REDIS_URL must be ") as caught:
        redis_cache("REDIS_URL", "redis://u:hunter2/x@host:6379/0", RedisRules(1, 2, True))
    assert "hunter2" not in str(caught.value)
