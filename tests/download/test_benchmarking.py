# SPDX-License-Identifier: MPL-2.0

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tecken.accounts.models import User
from tecken.download import benchmarking

pytestmark = pytest.mark.both_forms

URL = "/__benchmarking__/caching-vs-boto/"
KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.BENCHMARKING_ENABLED = True
    return folder


def test_it_is_for_nobody_by_default(client: Client) -> None:
    answer = client.get(URL, {"symbol_path": KEY})
    assert (answer.status_code, answer.content) == (403, b"benchmarking disabled\n")


@pytest.mark.django_db
def test_superusers_may_always(client: Client, bucket: Path, settings: Settings) -> None:
    settings.BENCHMARKING_ENABLED = False
    user = User.objects.create(email="a@example.com")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert client.get(URL, {"symbol_path": KEY}).status_code == 403
    User.objects.update(is_superuser=True)
    assert client.get(URL, {"symbol_path": KEY}).status_code == 200


def test_each_is_asked_so_often(client: Client, bucket: Path) -> None:
    answer = client.get(URL, {"symbol_path": KEY, "iterations": "7"}).json()
    assert answer["found_in_s3"] is False
    assert answer["measure"] == ["storage", "default", "store"]
    for result in answer["results"].values():
        assert set(result) == {"calls", "sum", "mean", "median"}
        assert result["calls"] == 7
        assert 0 < result["median"] <= result["sum"]
        assert result["mean"] == pytest.approx(result["sum"] / 7)


def test_a_file_that_is_there_is_found(client: Client, bucket: Path) -> None:
    (bucket / "v1" / KEY).parent.mkdir(parents=True)
    (bucket / "v1" / KEY).write_bytes(b"MODULE")
    answer = client.get(URL, {"symbol_path": KEY, "measure": "store,storage"}).json()
    assert answer["found_in_s3"] is True
    assert list(answer["results"]) == answer["measure"] == ["store", "storage"]


def test_a_run_that_takes_long_ends(
    client: Client, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ten seconds are the real bound; how long storage takes is not what is tested.
    monkeypatch.setattr(benchmarking, "MAX_SECONDS", 1e-9)
    answer = client.get(URL, {"symbol_path": KEY, "measure": "storage", "iterations": "1000"})
    assert answer.json()["results"]["storage"]["calls"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "symbol_path"),
        ({"symbol_path": "a/b"}, "symbol_path"),
        ({"symbol_path": KEY, "iterations": "0"}, "iterations"),
        ({"symbol_path": KEY, "iterations": "1001"}, "iterations"),
        ({"symbol_path": KEY, "iterations": "9" * 5000}, "iterations"),
        ({"symbol_path": KEY, "iterations": "٣"}, "iterations"),
        ({"symbol_path": KEY, "measure": "boats"}, "measure"),
    ],
)
def test_a_wrong_question_is_answered_by_field(
    client: Client, bucket: Path, query: dict[str, str], field: str
) -> None:
    answer = client.get(URL, query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
