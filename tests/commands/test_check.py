# SPDX-License-Identifier: MPL-2.0

"""``tecken check`` on broken installations, with the real services where they matter."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from mypy_boto3_s3 import S3Client
from tests.support import servers
from tests.support.servers import S3, Server
from tests.support.started_server import StartedServer

KEY = "Zr4u7x!A%D*G-KaPdSgVkYp3s6v9y$B&E(H+MbQeThWmZq4t7w"
PASSWORD = "hunter2"


@dataclass
class Services:
    """What a production stands on, all of it right."""

    folder: Path
    database_url: str
    cache: Server
    store: Server
    s3: S3
    bucket: str

    @property
    def settings(self) -> dict[str, str]:
        bucket_url = f"{self.s3.endpoint}/{self.bucket}"
        return {
            "DJANGO_CONFIGURATION": "Prod",
            "DJANGO_SECRET_KEY": KEY,
            "DJANGO_ALLOWED_HOSTS": "symbols.example.com",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": servers.redis_url(self.cache),
            "REDIS_STORE_URL": servers.redis_url(self.store),
            "DJANGO_SYMBOL_URLS": bucket_url,
            "DJANGO_UPLOAD_DEFAULT_URL": bucket_url,
            "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            "DJANGO_UPLOAD_MAX_ARCHIVE_BYTES": "1_000_000",
        }


@pytest.fixture
def services(
    tmp_path: Path,
    postgres_url: str,
    redis_server: Server,
    redis_store_server: Server,
    s3: S3,
    make_bucket: Callable[[], str],
) -> Services:
    return Services(tmp_path, postgres_url, redis_server, redis_store_server, s3, make_bucket())


def check(services: Services, **broken: str | None) -> tuple[int, str]:
    """Return exit code and output, with some variables set otherwise, or (None) not at all."""
    settings = {**services.settings, **broken}
    kept = {name: value for name, value in settings.items() if value is not None}
    done = StartedServer(services.folder, kept).command("check")
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_installation_that_is_right_has_no_errors(services: Services) -> None:
    code, said = check(services)
    assert code == 0
    assert re.search(r"^warning +DATABASE_URL: \d+ migrations are not applied;", said, re.MULTILINE)
    assert said.endswith("0 errors, 1 warning\n")
    for expected in ("PostgreSQL 18.4, not encrypted", "Redis 7.2", "can be written"):
        assert expected in said


def test_what_the_environment_does_not_say_is_fine_on_a_single_machine(tmp_path: Path) -> None:
    done = StartedServer(tmp_path).command("check")
    assert done.returncode == 0, done.stdout
    assert "0 errors" in done.stdout


# Variables that are set otherwise, or (None) not at all, and what is said then.
BROKEN: list[tuple[dict[str, str | None], str]] = [
    ({"DJANGO_SECRET_KEY": None}, "error DJANGO_SECRET_KEY: is required and not set"),
    ({"DJANGO_SECRET_KEY": "short"}, "error DJANGO_SECRET_KEY: has 5 characters, and sessions"),
    (
        {"DJANGO_SECRET_KEY": "a long random text, the same on all nodes, to sign with"},
        "error DJANGO_SECRET_KEY: is that of an example, which everyone knows; set a random",
    ),
    (
        {"DJANGO_ALLOWED_HOSTS": "https://symbols.example.com"},
        "error DJANGO_ALLOWED_HOSTS: has 'https://symbols.example.com'; set host names alone",
    ),
    ({"DJANGO_ALLOWED_HOSTS": None}, "warning DJANGO_ALLOWED_HOSTS: lets in nobody but this"),
    ({"DJANGO_ALLOWED_HOSTS": "*"}, "warning DJANGO_ALLOWED_HOSTS: has '*'"),
    (
        {"DJANGO_SYMBOL_URL": "x"},
        "warning DJANGO_SYMBOL_URL: is set, and nothing reads it; is it DJANGO_SYMBOL_URLS[?]$",
    ),
    ({"REDIS_URI": "x"}, "warning REDIS_URI: is set, and nothing reads it; is it REDIS_URL[?]$"),
    ({"DJANGO_FOO": "x"}, "warning DJANGO_FOO: is set, and nothing reads it$"),
    ({"PORT": "http"}, "error PORT: is 'http', which is not a whole number"),
    ({"DJANGO_UPLOAD_DEFAULT_URL": None}, "error DJANGO_UPLOAD_DEFAULT_URL: is required and not"),
    (
        {"DJANGO_UPLOAD_DEFAULT_URL": "https://s3.example.com/another"},
        "error DJANGO_UPLOAD_DEFAULT_URL: must be one of DJANGO_SYMBOL_URLS",
    ),
    ({"TECKEN_DATA_DIR": "/dev/null/data"}, "error TECKEN_DATA_DIR: cannot be made"),
    (
        {"DJANGO_UPLOAD_MAX_ARCHIVE_BYTES": str(2**60)},
        "warning TECKEN_DATA_DIR: is .* are free; an archive of DJANGO_UPLOAD_MAX_ARCHIVE_BYTES",
    ),
    (
        {"DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/tecken?sslmode=disable"},
        "error DATABASE_URL: the database cannot be used: .*Connection refused",
    ),
    (
        {"REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:1/0"},
        "error REDIS_URL: Redis cannot be used: .*127.0.0.1:1",
    ),
    ({"REDIS_STORE_URL": "localhost:6379"}, "error REDIS_STORE_URL: must be redis://"),
    (
        {"DJANGO_STATSD_HOST": "statsd.invalid"},
        "error DJANGO_STATSD_HOST: 'statsd.invalid' leads nowhere",
    ),
    (
        {"AWS_SECRET_ACCESS_KEY": PASSWORD},
        "error DJANGO_SYMBOL_URLS: .* refuses these credentials .*; set AWS_ACCESS_KEY_ID and",
    ),
]


class Checked:
    """What is said of broken variables: all of a level that are of different variables are asked for at once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._said: list[tuple[str, dict[str, str | None], int, str]] = []

    def __call__(self, level: str, broken: dict[str, str | None]) -> tuple[int, str]:
        """Return exit code and output of a check with these variables, and perhaps others."""
        if not self._said:
            for of_level, settings in grouped():
                self._said.append((of_level, settings, *check(self._services, **settings)))
        return next(
            (code, said)
            for of_level, settings, code, said in self._said
            if of_level == level and broken.items() <= settings.items()
        )


def grouped() -> list[tuple[str, dict[str, str | None]]]:
    """Return the variables of ``BROKEN`` in few sets, each of one level.

    Without a data folder nothing else is looked at, so that has a set of its own.
    """
    groups: list[tuple[str, dict[str, str | None]]] = []
    for broken, expected in BROKEN:
        level = expected.partition(" ")[0]
        for of_level, settings in groups:
            names = settings.keys() | broken.keys()
            is_apart = "TECKEN_DATA_DIR" in names or not settings.keys().isdisjoint(broken)
            if of_level == level and not is_apart:
                settings |= broken
                break
        else:
            groups.append((level, dict(broken)))
    return groups


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory,
    make_database: Callable[[], str],
    redis_server: Server,
    redis_store_server: Server,
    s3: S3,
    make_bucket: Callable[[], str],
) -> Checked:
    folder = tmp_path_factory.mktemp("checked")
    return Checked(
        Services(folder, make_database(), redis_server, redis_store_server, s3, make_bucket())
    )


@pytest.mark.parametrize(("broken", "expected"), BROKEN, ids=[said[:60] for _, said in BROKEN])
def test_what_is_broken_is_named(
    checked: Checked, broken: dict[str, str | None], expected: str
) -> None:
    level, _, rest = expected.partition(" ")
    code, said = checked(level, broken)
    assert re.search(rf"^{level} +{rest}", said, re.MULTILINE), said
    assert code == (level == "error")
    assert PASSWORD not in said
    assert KEY not in said


def test_another_symbol_server_is_asked(services: Services) -> None:
    bucket = services.settings["DJANGO_SYMBOL_URLS"]
    urls = f"{bucket},http://127.0.0.1:1?layout=breakpad&credentials=VENDOR"
    code, said = check(services, DJANGO_SYMBOL_URLS=urls)
    assert (code, "DJANGO_UPSTREAM_CREDENTIALS_VENDOR: is required and not set" in said) == (
        1,
        True,
    )
    given = {"DJANGO_SYMBOL_URLS": urls, "DJANGO_UPSTREAM_CREDENTIALS_VENDOR": f"Bearer {PASSWORD}"}
    code, said = check(services, **given)
    assert code == 0
    assert "http://127.0.0.1:1 cannot be used now: the server cannot be reached" in said
    assert re.search(r"^warning +DJANGO_UPSTREAM_CACHE_URL: is a folder", said, re.MULTILINE)
    assert PASSWORD not in said
    code, said = check(services, DJANGO_SYMBOL_URLS=f"{bucket},http://example.com?layout=breakpad")
    assert (code, "'http://example.com', which is http" in said) == (1, True)
    target = f"{bucket}?layout=breakpad"
    code, said = check(services, DJANGO_SYMBOL_URLS=target, DJANGO_UPLOAD_DEFAULT_URL=target)
    assert (code, "uploads go to buckets only" in said) == (1, True)


def test_the_programs_for_files_of_microsoft_and_minidumps_are_started(services: Services) -> None:
    good, broken = services.folder / "good", services.folder / "broken"
    good.write_text("#!/bin/sh\nexit 1\n")
    broken.write_bytes(b"\x7fELF of another machine")
    for program in (good, broken):
        program.chmod(0o755)
    paths = {"DJANGO_CABEXTRACT_PATH": str(good), "DJANGO_DUMP_SYMS_PATH": str(broken)}
    _, said = check(services, DJANGO_MINIDUMP_STACKWALK_PATH=str(broken), **paths)
    assert "CABEXTRACT" not in said
    expected = (
        r"^error +DJANGO_MINIDUMP_STACKWALK_PATH: broken cannot be started: .*, and no minidump"
    )
    assert re.search(expected, said, re.MULTILINE)
    code, said = check(services, DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT="True", **paths)
    assert re.search(rf"^ok +DJANGO_CABEXTRACT_PATH: {good}, which", said, re.MULTILINE)
    expected = r"^error +DJANGO_DUMP_SYMS_PATH: broken cannot be started: .*; install it and set"
    assert re.search(expected, said, re.MULTILINE)
    assert code == 1
    paths["DJANGO_DUMP_SYMS_PATH"] = "no-such-program"
    _, said = check(services, DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT="True", **paths)
    assert "DJANGO_DUMP_SYMS_PATH: no-such-program is not installed" in said


def test_all_that_is_broken_is_told_at_once(services: Services) -> None:
    code, said = check(
        services,
        DJANGO_SECRET_KEY="short",
        PORT="http",
        REDIS_URL="redis://127.0.0.1:1/0",
        DJANGO_SYMBOL_URLS=f"{services.s3.endpoint}/{services.bucket},file:///nowhere/symbols",
    )
    errors = re.findall(r"^error +([A-Z_]+):", said, re.MULTILINE)
    assert errors == ["PORT", "DJANGO_SECRET_KEY", "REDIS_URL", "DJANGO_SYMBOL_URLS"]
    assert code == 1


def test_a_bucket_that_does_not_exist_is_told(services: Services) -> None:
    services.bucket = "never-made"
    _, said = check(services)
    expected = r"^error +DJANGO_SYMBOL_URLS: .*never-made cannot be used: the bucket does not exist"
    assert re.search(expected, said, re.MULTILINE)
    # The variables for uploads name it as well.
    assert said.count("does not exist; make it") == 1


def test_a_bucket_that_may_only_be_read_takes_no_uploads(services: Services) -> None:
    code, said = check(services, AWS_ACCESS_KEY_ID=services.s3.reader_access_key)
    assert re.search(r"^error +DJANGO_UPLOAD_DEFAULT_URL: .* refuses these", said, re.MULTILINE)
    assert code == 1


def test_it_leaves_nothing_in_the_buckets(services: Services, s3_client: S3Client) -> None:
    check(services)
    assert s3_client.list_objects_v2(Bucket=services.bucket)["KeyCount"] == 0


def test_a_store_that_does_not_evict_is_an_error(services: Services) -> None:
    with servers.redis() as store:
        services.store = store
        code, said = check(services)
    assert re.search(r"^error +REDIS_STORE_URL: maxmemory is 0", said, re.MULTILINE)
    assert "set it to allkeys-lru" in said
    assert code == 1


def test_one_redis_for_both_is_an_error(services: Services) -> None:
    services.cache = services.store
    code, said = check(services)
    assert re.search(
        r"^error +REDIS_STORE_URL: is the same server as REDIS_URL", said, re.MULTILINE
    )
    assert re.search(r"^warning +REDIS_URL: maxmemory-policy is allkeys-lru", said, re.MULTILINE)
    assert code == 1


def test_a_user_who_may_not_make_tables_is_told(services: Services) -> None:
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    url = services.database_url.replace("postgres@", "guest@")
    code, said = check(services, DATABASE_URL=url)
    assert re.search(
        r"^error +DATABASE_URL: its user may not make tables; GRANT CREATE", said, re.MULTILINE
    )
    assert code == 1


def test_a_database_of_a_newer_version_is_told(
    services: Services, migrated_postgres_url: str
) -> None:
    services.database_url = migrated_postgres_url
    with psycopg.connect(services.database_url) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('upload', '9999_from_the_future', now())"
        )
    code, said = check(services)
    assert re.search(
        r"^warning +DATABASE_URL: was used by a newer .*9999_from_the_future", said, re.MULTILINE
    )
    errors = re.findall(r"^error .*", said, re.MULTILINE)
    assert [line[:41] for line in errors] == ["error    tasks: No worker is alive, so ba"]
    assert code == 1


def test_a_dotenv_that_cannot_be_read_is_told(services: Services) -> None:
    (services.folder / ".env").write_text("PORT\n")
    code, said = check(services)
    assert said == "error    .env line 1: is not of the form NAME=value\n1 error, 0 warnings\n"
    assert code == 1
