# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from pathlib import Path

import pytest
from tests.support.started_server import StartedServer

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
    }
    done = StartedServer(tmp_path, secrets).command("settings")
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "redis://********@cache:6379/0  (environment)" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("DJANGO_SECRET_KEY", "", ""),
        ("DJANGO_ENABLE_TOKENS_AUTHENTICATION", "True", "True"),
        (
            "DATABASE_URL",
            "postgresql://u:p@p@h/d?sslmode=require",
            "postgresql://********@h/d?sslmode=require",
        ),
        (
            "DJANGO_SYMBOL_URLS",
            "file:///a,https://h/b?X-Secret=c",
            "file:///a,https://h/b?X-Secret=********",
        ),
    ],
)
def test_only_what_is_secret_is_masked(name: str, text: str, shown: str) -> None:
    assert masked(name, text) == shown
