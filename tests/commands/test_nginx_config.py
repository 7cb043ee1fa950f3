# SPDX-License-Identifier: MPL-2.0

import subprocess
from pathlib import Path

import pytest
from tests.support.nginx import make_certificate, nginx_program
from tests.support.started_server import TECKEN


def nginx_config(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([TECKEN, "nginx-config", *options], capture_output=True, text=True)


def test_nginx_takes_it(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "prod.tecken.test")
    backends = ["--backend=127.0.0.1:8001", "--backend=127.0.0.1:8002"]
    printed = nginx_config(
        "--host=prod.tecken.test",
        f"--certificate={certificate}",
        f"--key={key}",
        f"--standalone={tmp_path}",
        *backends,
    ).stdout
    config = tmp_path / "nginx.conf"
    config.write_text(printed)
    command = [nginx_program(), "-t", "-e", "stderr", "-c", config]
    tested = subprocess.run(command, capture_output=True, text=True)
    assert "test is successful" in tested.stderr, tested.stderr
    assert "[warn]" not in tested.stderr


def test_without_a_folder_it_is_a_file_for_sites_enabled() -> None:
    printed = nginx_config("--host=prod.tecken.test").stdout
    assert printed.startswith("upstream tecken {")
    assert "listen 127.0.0.1:443 ssl;" in printed
    assert "return 301 https://$host$request_uri;" in printed


def test_its_log_has_no_token_of_a_path() -> None:
    printed = nginx_config("--host=prod.tecken.test").stdout
    assert printed.count("access_log /var/log/nginx/access.log tecken;") == 2
    assert "$tecken_uri" in printed
    assert "$request " not in printed


def test_ports_of_one_s_own_are_in_the_redirect() -> None:
    printed = nginx_config("--host=localhost", "--https-port=8443").stdout
    assert "return 301 https://$host:8443$request_uri;" in printed


@pytest.mark.parametrize("host", ["a;b", "a b", "a{", "", "$host"])
def test_what_nginx_would_read_as_something_else_is_refused(host: str) -> None:
    done = nginx_config(f"--host={host}")
    assert done.returncode == 2
    assert "cannot stand in an nginx configuration" in done.stderr
