# SPDX-License-Identifier: MPL-2.0

import shutil
import subprocess
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from tecken.web import gauges, metrics
from tecken.web.checks import AtOnce
from tecken.web.gauges import Sample, read_for_scrapes
from tecken.web.metric_values import TALLIES
from tecken.web.metrics import METRICS

ELSEWHERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    TALLIES.share(0)
    monkeypatch.setattr(gauges, "_for_scrapes", dict(gauges._for_scrapes))


def samples(client: Client) -> dict[str, float]:
    """What a scrape says, by name and labels as they are written."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


# --- who may read it ---


@pytest.mark.django_db
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_this_machine_is_answered(client: Client, peer: str) -> None:
    answer = client.get("/metrics", REMOTE_ADDR=peer)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "sent",
    [
        {"REMOTE_ADDR": ELSEWHERE},
        {"REMOTE_ADDR": "::2"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": ""},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"REMOTE_ADDR": ELSEWHERE, "HTTP_AUTHORIZATION": "Bearer "},
    ],
    ids=str,
)
def test_without_a_token_nobody_else_is(client: Client, sent: dict[str, str]) -> None:
    answer = client.get("/metrics", **sent)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["path"]) == (404, "/metrics")


@pytest.mark.django_db
def test_with_a_token_whoever_has_it_is_answered(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a secret é"
    sent = "Bearer a secret é".encode().decode("latin-1")
    for header in (sent, sent.replace("Bearer", "bearer")):
        answer = client.get(
            "/metrics",
            REMOTE_ADDR=ELSEWHERE,
            HTTP_X_FORWARDED_FOR=ELSEWHERE,
            HTTP_AUTHORIZATION=header,
        )
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic right", "right", "Bearer \xe9"]
)
def test_with_a_token_nobody_is_answered_without_it(
    client: Client, settings: Settings, header: str | None
) -> None:
    settings.METRICS_TOKEN = "right"
    sent = {} if header is None else {"HTTP_AUTHORIZATION": header}
    answer = client.get("/metrics", **sent)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "DJANGO_METRICS_TOKEN" in answer.json()["error"]


def test_only_reading_is_allowed(client: Client) -> None:
    answer = client.post("/metrics")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


# --- what it says ---


@pytest.mark.django_db
def test_what_was_counted_is_said(client: Client) -> None:
    metrics.UPLOAD_BYTES.add(7)
    metrics.UPLOADS_RUNNING.add(2)
    metrics.UPLOADS_RUNNING.add(-1)
    metrics.TIERS.add(3, tier="memory", outcome="hit")
    for seconds in (0.0005, 0.0006, 4, 1000):
        metrics.STORAGE.note(seconds, kind="head", source="s-1")
    found = samples(client)
    assert found["tecken_upload_bytes_total"] == 7
    assert found["tecken_upload_running"] == 1
    assert found["tecken_tiers_total outcome=hit tier=memory"] == 3
    times = "tecken_storage_requests_seconds"
    for bound, count in (("0.0005", 1), ("0.001", 2), ("2.5", 2), ("5.0", 3), ("+Inf", 4)):
        assert found[f"{times}_bucket kind=head le={bound} source=s-1"] == count
    assert found[f"{times}_count kind=head source=s-1"] == 4
    assert found[f"{times}_sum kind=head source=s-1"] == pytest.approx(1004.0011)


@pytest.mark.django_db
def test_what_has_not_happened_is_said_to_be_0(client: Client) -> None:
    found = samples(client)
    assert found["tecken_upload_refused_total"] == 0
    assert found["tecken_download_found_seconds_count"] == 0
    assert found["tecken_tasks state=failed"] == 0


@pytest.mark.django_db
def test_requests_are_counted_by_kind_and_status(client: Client) -> None:
    client.get("/__lbheartbeat__")
    client.get("/symbolicate/v5")
    found = samples(client)
    assert found["tecken_http_seconds_count code=200 kind=heartbeat status=2xx"] == 1
    assert found["tecken_http_seconds_count code=405 kind=symbolicate_v5 status=4xx"] == 1


@pytest.mark.django_db
def test_every_metric_is_described_and_no_other(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    described = [line.split()[2] for line in text.splitlines() if line.startswith("# HELP")]
    assert described == [metric.name for metric in METRICS]


@pytest.mark.django_db
def test_the_text_is_what_prometheus_expects(client: Client) -> None:
    """Its own tool judges, where it is installed; the parser of the library does in any case."""
    assert samples(client)
    if promtool := shutil.which("promtool"):
        text = client.get("/metrics").content
        command = [promtool, "check", "metrics"]
        done = subprocess.run(command, input=text, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")


# --- what is looked up for a scrape ---


@pytest.mark.django_db
def test_a_database_that_is_away_is_left_out_and_said(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Iterator[Sample]:
        yield Sample(metrics.TASKS, ("waiting",), 1.0)
        raise OperationalError("it is away")

    read_for_scrapes("tasks", fail)
    found = samples(client)
    assert found["tecken_metrics_unread reading=tasks"] == 1
    assert found["tecken_metrics_unread reading=disk"] == 0
    assert not any(name.startswith("tecken_tasks ") for name in found)
    assert found["tecken_disk_free_bytes folder=data"] > 0
    assert "Metrics of tasks are left out: it is away" in caplog.text


@pytest.mark.django_db
def test_what_hangs_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def hang() -> Iterator[Sample]:
        go.wait(60)
        yield Sample(metrics.TASKS, ("waiting",), 1.0)

    monkeypatch.setattr(gauges, "_runner", AtOnce(0.1))
    read_for_scrapes("tasks", hang)
    try:
        found = samples(client)
    finally:
        go.set()
    assert found["tecken_metrics_unread reading=tasks"] == 1
    assert found["tecken_upload_bytes_total"] == 0
