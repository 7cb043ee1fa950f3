# SPDX-License-Identifier: MPL-2.0

"""The files that containers are made of, as far as they can be judged without an engine to run them."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from redis import Redis
from tests.support import servers
from tests.support.settings_runs import run_settings
from tests.support.started_server import TECKEN, StartedServer

import tecken.settings
from tecken.commands.nginx_config import command as nginx_config
from tecken.web.worker_sign import leave_sign

REPOSITORY = Path(__file__).parents[1]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def last_of(instruction: str) -> str:
    """Return the arguments of the last such instruction of the Dockerfile."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{instruction} +(.*)", joined, re.MULTILINE)[-1]


def filled_in(service: str) -> dict[str, str]:
    """Return the variables of a service, with secrets as the file says how to make them."""

    def fill(match: "re.Match[str]") -> str:
        made = base64.b64encode(os.urandom(48)).decode() if "base64" in match[3] else "ab" * 24
        return match[3] if match[2] == "-" else made

    return {
        key: re.sub(r"\$\{(\w+):([-?])([^}]*)\}", fill, value)
        for key, value in SERVICES[service]["environment"].items()
    }


def test_the_image_runs_tecken_in_production_as_an_ordinary_user() -> None:
    assert json.loads(last_of("ENTRYPOINT")) == ["tecken"]
    assert json.loads(last_of("CMD"))[0] == "serve"
    assert "DJANGO_CONFIGURATION=Prod " in last_of("ENV")
    assert last_of("USER") == "tecken"


def test_the_health_check_of_the_image_is_a_program_that_runs(tmp_path: Path) -> None:
    health = json.loads(re.findall(r"^HEALTHCHECK .*CMD (\[.*\])", DOCKERFILE, re.MULTILINE)[0])
    assert health[0] == TECKEN.name
    [port] = servers.free_ports(1)
    environment = {**os.environ, "PORT": str(port), "TECKEN_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [TECKEN, *health[1:]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Connection refused" in done.stderr
    leave_sign(tmp_path)  # as a worker does
    assert subprocess.run([TECKEN, *health[1:]], env=environment, check=False).returncode == 0


def test_what_the_image_is_made_of_is_sent_to_the_builder() -> None:
    sent = (REPOSITORY / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (REPOSITORY / name).exists()
        assert f"!{name.partition('/')[0]}" in sent


def test_every_image_has_a_version() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if ":" not in image] == []
    others = [service["image"] for service in SERVICES.values() if service["image"] != "tecken"]
    assert [image for image in others if not re.search(r":\d+\.\d+", image)] == []


def test_every_service_is_started_again_but_what_is_done_once() -> None:
    restarts = {name: service["restart"] for name, service in SERVICES.items()}
    assert restarts.pop("certificate") == "no"
    assert set(restarts.values()) == {"unless-stopped"}


def test_compose_asks_for_every_secret_and_has_none() -> None:
    text = (REPOSITORY / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?set it to", text))
    assert asked == {"DJANGO_SECRET_KEY", "DATABASE_PASSWORD", "AWS_SECRET_ACCESS_KEY"}
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:\?.*\}", value)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_settings_of_compose_can_be_used(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = filled_in(name)
    assert environment.keys() <= tecken.settings.env.names
    monkeypatch.chdir(tmp_path)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    settings = run_settings(monkeypatch)
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


def test_the_s3_server_has_the_credentials_of_the_product() -> None:
    server, product = SERVICES["s3"]["environment"], SERVICES["web"]["environment"]
    assert server["AWS_ACCESS_KEY_ID"] == product["AWS_ACCESS_KEY_ID"]
    assert server["AWS_SECRET_ACCESS_KEY"] == "${AWS_SECRET_ACCESS_KEY:?}"


def test_the_secrets_are_such_that_the_check_takes_them(tmp_path: Path) -> None:
    done = StartedServer(tmp_path, filled_in("web")).command("check")
    said = {line.split()[1].rstrip(":"): line.split()[0] for line in done.stdout.splitlines()}
    assert said["DJANGO_SECRET_KEY"] == "ok", done.stdout
    # What is at names that only exist among containers.
    away = {"DATABASE_URL", "REDIS_URL", "REDIS_STORE_URL", "DJANGO_SYMBOL_URLS"}
    assert {name for name, level in said.items() if level == "error"} <= away


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
    assert (
        CliRunner().invoke(nginx_config, options).stdout
        == (REPOSITORY / "docker/nginx.conf").read_text()
    )
