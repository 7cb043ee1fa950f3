# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The files that containers are made of, as far as they can be judged without an engine to run them."""

import json
import os
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis
from tests.support import servers
from tests.support.started_server import TECKEN

import tecken.settings

REPOSITORY = Path(__file__).parents[1]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def last_of(instruction: str) -> str:
    """Return the arguments of the last such instruction of the Dockerfile."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{instruction} +(.*)", joined, re.MULTILINE)[-1]


def test_the_image_runs_tecken_in_production_as_an_ordinary_user() -> None:
    assert json.loads(last_of("ENTRYPOINT")) == ["tecken"]
    assert json.loads(last_of("CMD"))[0] == "serve"
    assert "DJANGO_CONFIGURATION=Prod " in last_of("ENV")
    assert last_of("USER") == "tecken"


def test_the_health_check_of_the_image_is_a_program_that_runs() -> None:
    health = (
        last_of("HEALTHCHECK").partition("CMD")[2]
        or re.findall(r"^ +CMD (\[.*\])", DOCKERFILE, re.MULTILINE)[0]
    )
    python, option, code = json.loads(health)
    [port] = servers.free_ports(1)
    command = [TECKEN.with_name(python), option, code]
    environment = {**os.environ, "PORT": str(port)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "Connection refused" in done.stderr.splitlines()[-1]


def test_what_the_image_is_made_of_is_sent_to_the_builder() -> None:
    sent = (REPOSITORY / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (REPOSITORY / name).exists()
        assert f"!{name.partition('/')[0]}" in sent


def test_every_image_has_a_version() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += [service["image"] for service in SERVICES.values() if service["image"] != "tecken"]
    assert [image for image in images if ":" not in image] == []


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_settings_of_compose_can_be_used(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = {
        key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for key, value in SERVICES[name]["environment"].items()
    }
    assert environment.keys() <= tecken.settings.env.names
    monkeypatch.chdir(tmp_path)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    settings = runpy.run_path(tecken.settings.__file__)
    assert settings["SETTING_PROBLEMS"] == []
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["CREATE_BUCKETS"] is True


def test_no_worker_is_told_to_drop_tasks() -> None:
    assert SERVICES["worker"]["command"] == ["worker"]
    assert "--purge" not in DOCKERFILE


def test_services_and_volumes_that_are_named_exist() -> None:
    for service in SERVICES.values():
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (REPOSITORY / source).is_file()
            else:
                assert source in COMPOSE["volumes"]


def test_the_keys_of_the_s3_server_are_those_of_the_product() -> None:
    [identity] = json.loads((REPOSITORY / "docker/s3.json").read_text())["identities"]
    environment = SERVICES["web"]["environment"]
    assert identity["credentials"] == [
        {
            "accessKey": environment["AWS_ACCESS_KEY_ID"],
            "secretKey": environment["AWS_SECRET_ACCESS_KEY"],
        }
    ]


def test_redis_takes_the_configuration_of_the_store() -> None:
    options = [
        part
        for line in (REPOSITORY / "docker/redis-store.conf").read_text().splitlines()
        if line and not line.startswith("#")
        for part in (f"--{line.partition(' ')[0]}", line.partition(" ")[2].strip('"'))
    ]
    with servers.redis(*options) as server, Redis(port=server.port, protocol=2) as redis:
        memory = redis.info("memory")
        samples = redis.config_get("maxmemory-samples")
    assert (memory["maxmemory"], memory["maxmemory_policy"]) == (500 * 1024**2, "allkeys-lru")
    assert samples == {"maxmemory-samples": "5"}


def test_the_configuration_of_nginx_is_the_one_that_the_command_prints() -> None:
    options = ["--host=localhost", "--listen=0.0.0.0", "--backend=web:8000"]
    options += ["--http-port=8080", "--https-port=8443"]
    options += ["--certificate=/certificates/tecken.crt", "--key=/certificates/tecken.key"]
    printed = subprocess.run(
        [TECKEN, "nginx-config", *options], capture_output=True, text=True, check=True
    ).stdout
    assert printed == (REPOSITORY / "docker/nginx.conf").read_text()
