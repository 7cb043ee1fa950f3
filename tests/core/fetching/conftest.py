# SPDX-License-Identifier: MPL-2.0

"""Servers to fetch from, with and without TLS."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.scripted_server import ScriptedServer


@pytest.fixture
def web() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of ``localhost`` alone that signs itself, its key beside it."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(path.with_name("key.pem")), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture
def secure_web(certificate: Path) -> Iterator[ScriptedServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with ScriptedServer(tls) as server:
        yield server


@pytest.fixture
def trusted(certificate: Path) -> Iterator[None]:
    """Trust the certificate, as whoever runs a server with authorities of their own does."""
    os.environ["SSL_CERT_FILE"] = str(certificate)
    yield
    del os.environ["SSL_CERT_FILE"]
