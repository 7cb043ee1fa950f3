# SPDX-License-Identifier: MPL-2.0

"""nginx in front of servers, with a certificate of its own, as ``tecken nginx-config`` sets it up."""

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support import servers
from tests.support.servers import HOST, Server
from tests.support.started_server import TECKEN


@dataclass(frozen=True)
class Nginx:
    """Where nginx answers: ``url`` with TLS, ``plain_url`` without."""

    host: str
    http_port: int
    https_port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.https_port}"

    @property
    def plain_url(self) -> str:
        return f"http://{self.host}:{self.http_port}"

    @property
    def curl_options(self) -> list[str]:
        """What lets curl find the host and trust it."""
        ports = (self.http_port, self.https_port)
        resolved = [("--resolve", f"{self.host}:{port}:{HOST}") for port in ports]
        return [*itertools.chain(*resolved), "--cacert", str(self.certificate)]


def nginx_program() -> str:
    """Return nginx, or skip the test: it is a system package."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not found:
        pytest.skip("needs nginx: apt-get install --no-install-recommends nginx-light")
    return found


def make_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself; return it and its key."""
    certificate, key = folder / "tecken.crt", folder / "tecken.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@contextmanager
def started_nginx(folder: Path, host: str, *backends: str) -> Iterator[Nginx]:
    """Run nginx, as whatever user runs the tests, until the block ends."""
    program = nginx_program()
    certificate, key = make_certificate(folder, host)
    http_port, https_port = servers.free_ports(2)
    options = [f"--host={host}", f"--certificate={certificate}", f"--key={key}"]
    options += [f"--http-port={http_port}", f"--https-port={https_port}"]
    options += [f"--standalone={folder}", *(f"--backend={backend}" for backend in backends)]
    config = folder / "nginx.conf"
    printed = subprocess.run([TECKEN, "nginx-config", *options], check=True, capture_output=True)
    config.write_bytes(printed.stdout)
    command = [program, "-e", "stderr", "-c", str(config)]
    nginx = Server("nginx", https_port, folder, command, servers.accepts)
    nginx.start()
    try:
        yield Nginx(host, http_port, https_port, certificate)
    finally:
        nginx.stop()
