# SPDX-License-Identifier: MPL-2.0

"""Other servers by https, with an authority of one's own, and without one."""

from pathlib import Path

import pytest
from tests.core.fetching.conftest import certificate, secure_web, trusted
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.symbol_texts import HELLO_ID, hello
from tests.support.upstreams import UpstreamMaker

from tecken.core.errors import NoConnectionError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey

__all__ = ["certificate", "secure_web", "trusted"]  # fixtures

KEY = SymbolKey.of_module("hello.pdb", HELLO_ID)


@pytest.fixture
def url(secure_web: ScriptedServer) -> str:
    secure_web.routes[f"/{KEY}"] = Answer(body=hello().encode())
    return f"https://localhost:{secure_web.port}?layout=breakpad"


@pytest.mark.usefixtures("trusted")
def test_its_certificate_is_that_of_its_name(
    url: str, secure_web: ScriptedServer, tmp_path: Path
) -> None:
    assert UpstreamMaker(tmp_path).make(url, read_seconds=5).find(KEY).size
    assert secure_web.names == ["localhost"]


def test_a_certificate_that_nobody_has_signed_is_trouble(url: str, tmp_path: Path) -> None:
    with pytest.raises(NoConnectionError):
        UpstreamMaker(tmp_path).make(url, read_seconds=5).find(KEY)


@pytest.mark.usefixtures("trusted")
def test_it_does_not_redirect_to_a_url_without_tls(
    url: str, secure_web: ScriptedServer, tmp_path: Path
) -> None:
    with ScriptedServer() as plain:
        plain.routes["/x"] = Answer(body=hello().encode())
        secure_web.routes[f"/{KEY}"] = Answer(302, headers={"Location": f"{plain.url}/x"})
        with pytest.raises(StorageUnavailableError, match="Insecure URL"):
            UpstreamMaker(tmp_path).make(url, read_seconds=5).find(KEY)
        assert plain.received == []
