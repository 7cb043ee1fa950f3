# SPDX-License-Identifier: MPL-2.0

"""The manifests of Kubernetes: what kustomize makes of them, judged by the schemas of Kubernetes."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

import tecken.settings
from tecken.urls import urlpatterns

REPOSITORY = Path(__file__).parents[2]
MANIFESTS = REPOSITORY / "deploy" / "kubernetes"
VERSIONS = ["1.30", "1.37"]  # the oldest that has what they use, and the newest that is known
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()


@cache
def built() -> list[dict[str, Any]]:
    kustomize = shutil.which("kustomize")
    assert kustomize, "kustomize is needed. Debian: apt install kustomize"
    done = subprocess.run(
        [kustomize, "build", MANIFESTS], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return list(yaml.safe_load_all(done.stdout))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in built() if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    deployments = of_kind("Deployment")
    return {name: one["spec"]["template"]["spec"] for name, one in deployments.items()}


def settings_in(name: str) -> dict[str, str]:
    lines = (MANIFESTS / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_built_is_what_kubernetes_takes(version: str) -> None:
    assert len(built()) == 7
    for resource in built():
        kubernetes_validate.validate(resource, version, strict=True)


def test_the_schemas_know_what_is_wrong() -> None:
    [budget, _] = of_kind("PodDisruptionBudget").values()
    wrong = {**budget, "spec": {**budget["spec"], "maxUnavailabel": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_selectors_select_the_pods_of_their_deployment() -> None:
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for name, one in of_kind("Deployment").items()
    }
    for name, deployment in of_kind("Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    [service] = of_kind("Service").values()
    assert service["spec"]["selector"].items() <= labels["tecken-web"].items()
    [scaler] = of_kind("HorizontalPodAutoscaler").values()
    assert scaler["spec"]["scaleTargetRef"]["name"] in labels
    assert "replicas" not in of_kind("Deployment")["tecken-web"]["spec"]


@pytest.mark.parametrize("name", ["tecken-web", "tecken-worker"])
def test_a_pod_runs_the_image_as_its_user(name: str) -> None:
    pod = pods()[name]
    [container] = pod["containers"]
    [user] = re.findall(r"useradd --uid (\d+)", DOCKERFILE)
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert container["image"] == "registry.example.com/tecken:0.9.0"
    # All that is written is below it, and the folder itself is made by the product, with its mode.
    tmp = str(Path("/", "tmp"))
    [home] = re.findall(r"--home-dir (\S+)", DOCKERFILE)
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {home, tmp}
    assert f"TECKEN_DATA_DIR={home}/data" in DOCKERFILE
    assert pod["enableServiceLinks"] is False


def test_probes_ask_what_there_is_to_ask() -> None:
    [web] = pods()["tecken-web"]["containers"]
    paths = {f"/{pattern.pattern}" for pattern in urlpatterns}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert web[probe]["httpGet"]["path"] in paths
        assert web[probe]["httpGet"]["path"] != "/__heartbeat__"
    [worker] = pods()["tecken-worker"]["containers"]
    assert worker["livenessProbe"]["exec"]["command"] == ["tecken", "healthy"]


def test_every_setting_is_one_and_comes_from_one_place() -> None:
    settings, secrets = settings_in("settings.env"), settings_in("secrets.env-dist")
    names = {*settings, *secrets}
    assert names <= tecken.settings.env.names
    assert settings.keys().isdisjoint(secrets)
    assert not {name for name in settings if "SECRET" in name or "PASSWORD" in name}
    [settings_map] = of_kind("ConfigMap")
    for pod in pods().values():
        [source, secret] = pod["containers"][0]["envFrom"]
        assert source["configMapRef"]["name"] == settings_map
        assert secret["secretRef"]["name"] in (MANIFESTS / "secrets.env-dist").read_text()
