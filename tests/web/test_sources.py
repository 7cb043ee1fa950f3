# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest
from tests.support.proxy import HttpProxy
from tests.support.servers import S3, free_ports

from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.events import symbol_stored
from tecken.core.locating.generations import still_holds
from tecken.core.storage.s3_options import S3Options
from tecken.env import SettingError
from tecken.web.generations import generations
from tecken.web.sources import (
    prepare_clients,
    prepare_sources,
    source_named,
    sources,
    try_source,
    upload_source,
    writers_of,
)

pytestmark = pytest.mark.both_forms


@pytest.fixture
def urls(settings, tmp_path: Path) -> tuple[str, ...]:
    settings.SYMBOL_URLS = ((tmp_path / "one").as_uri(), (tmp_path / "two").as_uri())
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[1]
    settings.UPLOAD_TRY_SYMBOLS_URL = settings.SYMBOL_URLS[1] + "?prefix=try"
    return settings.SYMBOL_URLS


def test_sources_keep_the_order_of_the_setting(urls: tuple[str, ...]) -> None:
    assert tuple(source.url for source in sources()) == urls


def test_uploads_go_to_the_default_or_the_try_source(urls: tuple[str, ...]) -> None:
    assert upload_source(try_symbols=False).url == urls[1]
    assert upload_source(try_symbols=True) is try_source()
    assert try_source().prefix == "try/v1"


def test_sources_that_uploads_go_to_are_ours_to_write(urls: tuple[str, ...]) -> None:
    first, second = sources()
    writers = writers_of((first, second, try_source()))
    assert set(writers) == {second.name, try_source().name}
    assert writers[second.name].prefix == second.prefix


def test_a_source_that_is_read_without_credentials_is_written_with_them(settings) -> None:
    settings.SYMBOL_URLS = ("http://127.0.0.1:1/symbols?access=public",)
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    [source] = sources()
    writer = writers_of([source])[source.name]
    assert (source.public, writer.public) == (True, False)


def test_a_source_is_found_by_its_name(urls: tuple[str, ...]) -> None:
    for source in (*sources(), try_source()):
        assert source_named(source.name) is source
    assert source_named("nowhere") is None


def test_folders_are_made_only_where_that_is_set(
    settings, urls: tuple[str, ...], tmp_path: Path
) -> None:
    settings.CREATE_BUCKETS = False
    prepare_sources()
    assert not (tmp_path / "one").exists()
    settings.CREATE_BUCKETS = True
    prepare_sources()
    assert (tmp_path / "one").is_dir()


def test_a_url_that_is_no_source_stops_the_start(settings) -> None:
    settings.SYMBOL_URLS = ("ftp://example.com/bucket",)
    with pytest.raises(SettingError, match=r"^DJANGO_SYMBOL_URLS cannot be used"):
        prepare_sources()


def test_a_bucket_that_several_variables_name_is_told_once(settings) -> None:
    settings.SYMBOL_URLS = ("https://s3.example.com/a!bucket", "https://s3.example.com/b!bucket")
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{settings.SYMBOL_URLS[0]}/try"
    with pytest.raises(SettingError) as refused:
        prepare_sources()
    assert [problem.name for problem in refused.value.problems] == ["DJANGO_SYMBOL_URLS"] * 2


@pytest.mark.parametrize("private", [True, False])
def test_a_private_server_warns_of_a_bucket_that_everybody_reads(
    settings, tmp_path: Path, caplog, private: bool
) -> None:
    settings.READ_REQUIRES_LOGIN = private
    settings.UPLOAD_DEFAULT_URL = (tmp_path / "own").as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{settings.UPLOAD_DEFAULT_URL}?prefix=try"
    public = "http://127.0.0.1:1/world?access=public"
    settings.SYMBOL_URLS = (settings.UPLOAD_DEFAULT_URL, public)
    prepare_sources()
    warning = "everybody can read http://127.0.0.1:1/world?… (access=public)"
    assert (warning in caplog.text) is private


def test_a_folder_that_cannot_be_made_stops_the_start(settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.UPLOAD_TRY_SYMBOLS_URL = (tmp_path / "file" / "bucket").as_uri()
    with pytest.raises(SettingError, match=r"^DJANGO_UPLOAD_TRY_SYMBOLS_URL "):
        prepare_sources()


def test_a_stored_symbol_raises_its_generation() -> None:
    key = SymbolKey.of_module("xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2")
    (before,) = generations().read([str(key)])
    symbol_stored.publish(key)
    [after] = generations().read([str(key)])
    assert not still_holds(before, after)


def test_a_bucket_is_made_on_a_server_of_ones_own(settings, s3: S3) -> None:
    settings.CREATE_BUCKETS = True
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key)
    settings.SYMBOL_URLS = (f"{s3.endpoint}/made-at-start/prefix",)
    with pytest.raises(StorageUnavailableError):
        sources()[0].bucket.check()
    prepare_sources()
    sources()[0].bucket.check()


def test_a_server_that_is_down_does_not_stop_the_start(settings, caplog) -> None:
    settings.CREATE_BUCKETS = True
    settings.SYMBOL_URLS = (f"http://127.0.0.1:{free_ports(1)[0]}/symbols",)
    settings.S3_OPTIONS = S3Options("id", "secret")
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{settings.SYMBOL_URLS[0]}/try"
    prepare_sources()
    [message] = caplog.messages
    assert message.startswith("DJANGO_SYMBOL_URLS: the bucket could not be made")


def test_uploads_are_signed_where_reads_are_public(settings) -> None:
    settings.SYMBOL_URLS = ("https://s3.example.com/symbols?access=public",)
    settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
    assert sources()[0].public
    assert not upload_source(try_symbols=False).public


def test_clients_are_made_without_asking_anything(settings, s3: S3, s3_proxy: HttpProxy) -> None:
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key)
    settings.SYMBOL_URLS = (f"{s3_proxy.url}/symbols",)
    settings.UPLOAD_DEFAULT_URL = settings.UPLOAD_TRY_SYMBOLS_URL = settings.SYMBOL_URLS[0]
    prepare_clients()
    assert s3_proxy.requests == []


def test_a_client_that_cannot_be_made_is_warned_of(settings, caplog) -> None:
    settings.S3_OPTIONS = S3Options("id", "secret", region="not a region")
    settings.SYMBOL_URLS = ("https://s3.example.com/symbols",)
    prepare_clients()
    [message] = caplog.messages
    assert message.startswith("symbols-")
    assert "'not a region'" in message
