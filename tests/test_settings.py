# SPDX-License-Identifier: MPL-2.0

import os
from pathlib import Path
from typing import Any

import pytest
from tests.support.settings_runs import run_settings

from tecken.env import SettingError, raise_problems

PRODUCTION = {
    "DJANGO_CONFIGURATION": "Prod",
    "DJANGO_SECRET_KEY": "s",
    "DJANGO_SYMBOL_URLS": "file:///srv/symbols",
    "DJANGO_UPLOAD_DEFAULT_URL": "file:///srv/symbols",
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the settings module with these variables and no others, in a folder with nothing but data.

    What is wrong is raised, as it is when the server starts.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()

    def run(**variables: str) -> dict[str, Any]:
        for name in list(os.environ):
            if name.startswith(("AWS_", "DJANGO_", "TECKEN_", "REDIS_", "DATABASE_")):
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings = run_settings(monkeypatch)
        raise_problems(settings["SETTING_PROBLEMS"])
        return settings

    return run


def test_an_empty_environment_is_a_single_machine(load: Any, tmp_path: Path) -> None:
    settings = load()
    assert settings["DATA_DIR"] == tmp_path / "data"
    assert settings["SYMBOL_URLS"] == ((tmp_path / "data/buckets/symbols").as_uri(),)
    assert settings["UPLOAD_TRY_SYMBOLS_URL"].endswith("/data/buckets/symbols?prefix=try")
    assert settings["SECURE_SSL_REDIRECT"] is False
    assert settings["CREATE_BUCKETS"] is True


def test_a_data_folder_that_is_set_to_nothing_is_the_default(load: Any, tmp_path: Path) -> None:
    assert load(TECKEN_DATA_DIR="")["DATA_DIR"] == tmp_path / "data"


def test_data_are_begun_where_they_are_named_or_a_server_starts(
    load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").rmdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    with pytest.raises(SettingError, match="TECKEN_DATA_DIR is not set, nor is DATABASE_URL"):
        load()
    assert list(tmp_path.iterdir()) == []
    default = tmp_path / "share" / "tecken"
    assert load(DATABASE_URL="postgresql://localhost/tecken")["DATA_DIR"] == default
    default.joinpath("secret_key").unlink()
    default.rmdir()
    assert load(TECKEN_BEGINS_DATA="true")["DATA_DIR"] == default
    assert default.is_dir()


def test_the_secret_key_is_made_once(load: Any) -> None:
    first = load()["SECRET_KEY"]
    assert len(first) >= 50
    assert load()["SECRET_KEY"] == first


def test_the_data_folder_is_made_in_production_too(load: Any, tmp_path: Path) -> None:
    load(**PRODUCTION, TECKEN_DATA_DIR="new/data")
    assert (tmp_path / "new/data").is_dir()


def test_a_data_folder_that_cannot_be_made_is_refused_with_its_name(
    load: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match="TECKEN_DATA_DIR cannot be made"):
        load(TECKEN_DATA_DIR="file/data")


def test_production_redirects_to_https_and_never_debugs(load: Any) -> None:
    settings = load(**PRODUCTION, DJANGO_DEBUG="True")
    assert settings["DEBUG"] is False
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["CSRF_COOKIE_SECURE"] is True
    assert settings["CREATE_BUCKETS"] is False


@pytest.mark.parametrize(
    "name", ["DJANGO_SECRET_KEY", "DJANGO_SYMBOL_URLS", "DJANGO_UPLOAD_DEFAULT_URL"]
)
def test_production_requires(load: Any, name: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} is required"):
        load(**{key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_CONFIGURATION", "Production"),
        ("DATABASE_URL", "mysql://localhost/tecken"),
        ("DATABASE_URL", "sqlite:"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_STORE_URL", "localhost:6379"),
        ("DJANGO_SYMBOL_URLS", "nowhere"),
        ("DJANGO_UPLOAD_DEFAULT_URL", "file:///another"),
        ("AWS_DEFAULT_REGION", "us east"),
        ("AWS_DEFAULT_REGION", "-"),
        ("DJANGO_LOGGING_DEFAULT_LEVEL", "LOUD"),
        ("TECKEN_SERVE_ONLY", "web,kitchen"),
        ("PORT", "http"),
        ("DJANGO_SYMBOLS_RETENTION_DAYS", "-1"),
        ("DJANGO_SYMBOLS_RETENTION_DAYS", "a year"),
        ("DJANGO_SYMBOLS_KEEP_LAST", "-1"),
        ("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET", "{'symbols': -1}"),
        ("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET", "symbols: 30"),
        ("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET", "{'symbols': 36501}"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(load: Any, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} ") as caught:
        load(**{name: value})
    assert "\n" not in str(caught.value)


def test_days_of_a_bucket_are_those_of_one_that_regular_uploads_go_to(load: Any) -> None:
    urls = {"DJANGO_UPLOAD_URL_EXCEPTIONS": "{'a@example.com': 'https://host/nightly/try/x'}"}
    name = "DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET"
    read = load(**urls, **{name: "{'symbols': 0, 'nightly': 90}"})
    assert read["SYMBOLS_RETENTION_DAYS_BY_BUCKET"] == {"symbols": 0, "nightly": 90}
    with pytest.raises(SettingError) as caught:
        load(**urls, **{name: "{'nightlies': 90}"})
    assert str(caught.value) == (
        f"{name} names 'nightlies', which is no bucket of regular uploads; these are nightly, symbols"
    )


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_half_of_a_pair_of_credentials_is_refused(load: Any, given: str, missing: str) -> None:
    with pytest.raises(SettingError, match=f"^{missing} is required") as caught:
        load(**{given: "something"})
    assert "something" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter2@example.com?layout=breakpad",
        "https://example.com/t/hunter2?layout=breakpad",
        "https://example.com/x?layout=symsrv&token=hunter2",
        "https://example.com/x?token=hunter2",
        "https://example.com/x;token=hunter2/y?layout=symsrv",
        "https://example.com/x?layout=symsrv&credentials=hunter2",
        "https://example.com/x?layout=hunter2",
    ],
)
def test_a_secret_in_the_url_of_another_server_is_refused_and_not_shown(
    load: Any, url: str
) -> None:
    with pytest.raises(SettingError) as caught:
        load(DJANGO_SYMBOL_URLS=f"file:///srv/symbols,{url}")
    assert str(caught.value).startswith("DJANGO_SYMBOL_URLS has ")
    assert "hunter2" not in str(caught.value)


def test_the_url_of_microsoft_has_no_secret_either(load: Any) -> None:
    with pytest.raises(SettingError, match="DJANGO_MICROSOFT_DOWNLOAD_URL has a token") as caught:
        load(DJANGO_MICROSOFT_DOWNLOAD_URL="https://example.com/t/hunter2/")
    assert "hunter2" not in str(caught.value)


def test_credentials_are_optional(load: Any) -> None:
    options = load()["S3_OPTIONS"]
    assert (options.access_key_id, options.secret_access_key) == (None, None)
    pair = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
    options = load(**pair)["S3_OPTIONS"]
    assert (options.access_key_id, options.secret_access_key) == ("id", "secret")


def test_all_wrong_values_are_told_at_once(load: Any) -> None:
    wrong = {"PORT": "http", "REDIS_URL": "redis://[", "DATABASE_URL": "mysql://db/tecken"}
    with pytest.raises(SettingError) as caught:
        load(DJANGO_CONFIGURATION="Prod", DJANGO_SYMBOL_URLS="file:///a, nowhere", **wrong)
    assert {problem.name for problem in caught.value.problems} == {
        *wrong,
        "DJANGO_SECRET_KEY",
        "DJANGO_SYMBOL_URLS",
        "DJANGO_UPLOAD_DEFAULT_URL",
    }


def test_a_data_folder_that_cannot_be_made_is_the_only_problem(load: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError) as caught:
        load(TECKEN_DATA_DIR="file/data")
    assert [problem.name for problem in caught.value.problems] == ["TECKEN_DATA_DIR"]


def test_production_needs_tls_for_postgresql_and_a_single_machine_does_not(load: Any) -> None:
    url = "postgresql://db.example.com/tecken"
    local = load(DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]
    production = load(**PRODUCTION, DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"]
    assert (local.get("sslmode"), production["sslmode"]) == (None, "require")


@pytest.mark.parametrize("prefix", ["", "DJANGO_"])
def test_the_caches_are_in_redis_where_urls_name_one(load: Any, prefix: str) -> None:
    settings = load(
        **{f"{prefix}REDIS_URL": "redis://a:1/0", f"{prefix}REDIS_STORE_URL": "rediss://b:2/1"},
        DJANGO_REDIS_SOCKET_TIMEOUT="7",
        DJANGO_REDIS_STORE_SOCKET_CONNECT_TIMEOUT="8",
    )
    default, store = settings["CACHES"]["default"], settings["CACHES"]["store"]
    assert (default["LOCATION"], store["LOCATION"]) == ("redis://a:1/0", "rediss://b:2/1")
    assert default["OPTIONS"]["SOCKET_TIMEOUT"] == 7
    assert store["OPTIONS"]["SOCKET_CONNECT_TIMEOUT"] == 8


def test_the_caches_of_a_single_machine_are_folders_of_their_own(load: Any) -> None:
    caches = load()["CACHES"]
    assert {cache["BACKEND"] for cache in caches.values()} == {"tecken.web.caches.FolderCache"}
    assert caches["default"]["LOCATION"] != caches["store"]["LOCATION"]


def test_a_dotenv_is_read_and_the_environment_wins(load: Any, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1111\nGUNICORN_WORKERS=7\n")
    settings = load(PORT="2222")
    assert (settings["SERVE_PORT"], settings["SERVE_WORKERS"]) == (2222, 7)


def test_the_upload_default_may_be_written_differently(load: Any) -> None:
    settings = load(
        DJANGO_SYMBOL_URLS="https://s3.example.com/symbols/x?access=public",
        DJANGO_UPLOAD_DEFAULT_URL="https://s3.example.com:443/symbols/x/",
    )
    assert settings["UPLOAD_TRY_SYMBOLS_URL"] == "https://s3.example.com:443/symbols/try/x"


def test_signed_urls_end_soon_where_reading_needs_a_login(load: Any) -> None:
    assert load()["S3_OPTIONS"].url_seconds == 3600
    assert load(DJANGO_READ_REQUIRES_LOGIN="true")["S3_OPTIONS"].url_seconds == 300
