# SPDX-License-Identifier: MPL-2.0

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture(autouse=True)
def one_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["symbols.example.com"]


def test_a_host_that_is_not_listed_is_refused(client: Client) -> None:
    answer = client.get("/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym", HTTP_HOST="10.0.0.7")
    assert answer.status_code == 400
    assert "10.0.0.7" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/__lbheartbeat__", "/__version__", "/metrics"])
def test_a_health_check_may_use_the_address_of_a_machine(client: Client, path: str) -> None:
    assert client.get(path, HTTP_HOST="10.0.0.7:8000").status_code == 200
