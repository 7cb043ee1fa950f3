# SPDX-License-Identifier: MPL-2.0

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.started_server import StartedServer

from tecken.env import Environment
from tecken.web.shown_settings import masked


def listed(server: StartedServer) -> dict[str, str]:
    done = server.command("settings")
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GUNICORN_WORKERS=3\nPORT=1\n")
    found = listed(StartedServer(tmp_path, {"PORT": "9000", "DJANGO_REDIS_URL": "redis://r:1/0"}))
    assert found["PORT"] == "9000  (environment)"
    assert found["GUNICORN_WORKERS"] == "3  (.env)"
    assert found["DJANGO_UPLOAD_MAX_MEMBERS"] == "20000  (default)"
    assert found["DJANGO_COMPRESS_EXTENSIONS"] == "sym  (default)"
    assert found["DJANGO_REDIS_URL"] == "redis://r:1/0  (environment)"
    assert "REDIS_URL" not in found


def test_no_secret_is_printed(tmp_path: Path) -> None:
    secrets = {
        "DATABASE_URL": "postgresql://tecken:hush/1@db/tecken?password=hush2",
        "REDIS_URL": "redis://:hush3@cache:6379/0",
        "AWS_SECRET_ACCESS_KEY": "hush4",
        "AWS_SESSION_TOKEN": "hush5",
        "SENTRY_DSN": "https://hush6@sentry.example.com/1",
        "DJANGO_SECRET_KEY": "hush7",
        "REDIS_STORE_URL": "redis://:hush, 8@store:6379/0",
    }
    done = StartedServer(tmp_path, secrets).command("settings")
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "redis://********@cache:6379/0  (environment)" in done.stdout
    assert "redis://********@store:6379/0  (environment)" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("DJANGO_SECRET_KEY", "", ""),
        ("DJANGO_ENABLE_TOKENS_AUTHENTICATION", "True", "True"),
        ("DJANGO_CONTACT_URL", "mailto:us@example.com", "mailto:us@example.com"),
        (
            "DATABASE_URL",
            "postgresql://u:p@p@h/d?sslmode=require",
            "postgresql://********@h/d?sslmode=require",
        ),
        ("DATABASE_URL", "postgresql://u:p, w@h/d", "postgresql://********@h/d"),
        ("DATABASE_URL", "postgresql://u:p?w@h/d", "postgresql://********"),
        ("DATABASE_URL", "u:p@h/d", "********@h/d"),
        (
            "DATABASE_URL",
            "postgresql://h/d?sslmode=require&password=a b,c&user=u",
            "postgresql://h/d?sslmode=require&********&user=u",
        ),
        ("REDIS_URL", "redis://h/0?pass%77ord=x", "redis://h/0?********"),
        ("REDIS_URL", "unix://:p,w@/run/redis?db=1", "unix://********@/run/redis?db=1"),
        (
            "DJANGO_SYMBOL_URLS",
            "https://h/a?access=public, file:///b?prefix=p,https://h/c",
            "https://h/a?access=public, file:///b?prefix=p,https://h/c",
        ),
        (
            "DJANGO_SYMBOL_URLS",
            "file:///a,https://h/b?X-Secret=c,d",
            "file:///a,https://h/b?********",
        ),
        (
            "DJANGO_SYMBOL_URLS",
            "https://h/b?X-Secret=c,https://d,https://e",
            "https://h/b?********,********",
        ),
        (
            "DJANGO_UPLOAD_URL_EXCEPTIONS",
            '{"*@example.com": "https://h/b?access=public", "you@x.com": "https://u:p@h/c"}',
            '{"*@example.com": "https://h/b?access=public", "you@x.com": "https://********@h/c"}',
        ),
        ("DJANGO_UPLOAD_URL_EXCEPTIONS", "{'a': 'https://u:p@h/c'", "********"),
        ("DJANGO_MIME_OVERRIDES", "{'sym': 'text/plain'}", '{"sym": "text/plain"}'),
        ("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET", "{'nightly': 90}", '{"nightly": 90}'),
    ],
)
def test_only_what_is_secret_is_masked(name: str, text: str, shown: str) -> None:
    assert masked(name, text) == shown


# Both ends can be recognised, whatever is in between.
SECRETS = st.text(
    st.one_of(st.sampled_from(" ,;&?#@:/\\=%{}'\"[]+.\t"), st.characters(codec="utf-8")),
    max_size=12,
).map(lambda text: f"hush{text}hush")
URLS_WITH_SECRETS = st.one_of(
    st.builds("postgresql://tecken:{}@db:5432/tecken?sslmode=require".format, SECRETS),
    st.builds("rediss://{}@cache/0?db=1".format, SECRETS),
    st.builds("{}:{}@cache/0".format, SECRETS, SECRETS),
    st.builds("https://s3.example.com/b/p?access=public&password={}".format, SECRETS),
    st.builds("postgresql://db/d?password={}&host=/run&user=u".format, SECRETS),
    st.builds("https://u:{}@h/b?X-Amz-Signature={}#{}".format, SECRETS, SECRETS, SECRETS),
    st.builds("https://h/b#{}".format, SECRETS),
)
LISTS = st.lists(
    st.one_of(URLS_WITH_SECRETS, st.sampled_from(["file:///a", "https://h/b?access=public"])),
    max_size=4,
)


@given(URLS_WITH_SECRETS)
def test_no_secret_of_a_url_is_shown(url: str) -> None:
    assert "hush" not in masked("DATABASE_URL", url)


@given(LISTS, st.sampled_from([",", ", "]))
def test_no_secret_of_several_urls_is_shown(urls: list[str], comma: str) -> None:
    assert "hush" not in masked("DJANGO_SYMBOL_URLS", comma.join(urls))


NAMES = st.sampled_from(["*@example.com", "you@example.com", "*"])


@given(st.dictionaries(NAMES, URLS_WITH_SECRETS), st.sampled_from([json.dumps, repr]))
def test_no_secret_of_a_dictionary_of_urls_is_shown(
    urls: dict[str, str], write: Callable[[object], str]
) -> None:
    assert "hush" not in masked("DJANGO_UPLOAD_URL_EXCEPTIONS", write(urls))


@given(URLS_WITH_SECRETS)
def test_no_secret_is_in_what_a_wrong_url_is_refused_with(url: str) -> None:
    env = Environment({"URLS": url, "MAPPING": repr({"a": url}), "URL": url})
    env.urls("URLS", default=())
    env.url("URL")
    env.url_mapping("MAPPING")
    env.web_url("URL")
    assert "hush" not in str(env.problems)
