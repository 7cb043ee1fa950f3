# SPDX-License-Identifier: MPL-2.0

import re
import socket
from pathlib import Path

import markus
import pytest
from markus.testing import MetricsMock
from tests.support.started_server import wait_until

from tecken.core.errors import ObjectNotFoundError, StorageUnavailableError
from tecken.core.storage.base import Content
from tecken.core.storage.filesystem import FolderBucket
from tecken.web import metrics
from tecken.web.measured_bucket import measure
from tecken.web.metric_sinks import NotedKeys, noted_counts, start_metrics
from tecken.web.metrics import METRICS

REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted((REPOSITORY / "src" / "tecken").rglob("*.py"))
KNOW_MARKUS = {"metrics.py", "metric_sinks.py"}


def test_the_documents_list_every_metric() -> None:
    text = (REPOSITORY / "docs" / "monitoring.md").read_text(encoding="utf-8")
    row = r"^\| `(tecken_[^`]+)` \| (`[^`]+`|-) \| (counter|timer|gauge) \| (\S+) \| (.+) \|$"
    rows = re.findall(row, text, re.MULTILINE)
    assert rows == [
        (
            f"{m.name}{{{', '.join(m.labels)}}}" if m.labels else m.name,
            f"`{m.key}`" if m.to_statsd else "-",
            type(m).__name__.lower(),
            m.unit,
            m.meaning,
        )
        for m in METRICS
    ]


def test_no_key_is_listed_twice() -> None:
    keys = [re.sub(r"\{.*?\}", "{}", metric.key) for metric in METRICS]
    assert len(set(keys)) == len(keys)
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)


def test_a_name_follows_from_its_key() -> None:
    assert metrics.UPLOAD_BYTES.name == "tecken_upload_bytes_total"
    assert metrics.STORAGE.name == "tecken_storage_requests_seconds"
    assert metrics.STORAGE.labels == ("kind", "source")
    assert metrics.RESPONSES.labels == ("status", "kind", "code")
    assert metrics.DISK_FREE.name == "tecken_disk_free_bytes"


def test_only_prometheus_is_told_of_what_happens_too_often() -> None:
    with MetricsMock() as seen:
        metrics.SENT_BYTES.add(3)
        metrics.UPLOADS_RUNNING.add(0)
        assert not seen.get_records()


def test_nothing_is_sent_but_what_is_listed() -> None:
    knowing = {path.name for path in SOURCES if re.search(r"\bmarkus\b", path.read_text())}
    assert knowing == KNOW_MARKUS


def test_every_listed_metric_is_sent_by_some_code() -> None:
    users = [path for path in SOURCES if path.name not in KNOW_MARKUS]
    used = set(re.findall(r"\b[A-Z][A-Z_]+\b", "\n".join(path.read_text() for path in users)))
    names = {name for name, metric in vars(metrics).items() if metric in METRICS}
    assert len(names) == len(METRICS)
    assert names <= used, names - used


@pytest.fixture
def bucket(tmp_path: Path) -> FolderBucket:
    (tmp_path / "symbols").mkdir()
    return FolderBucket(tmp_path / "symbols")


def test_calls_of_a_bucket_are_measured(bucket: FolderBucket) -> None:
    measured = measure(bucket, "symbols-1")
    with MetricsMock() as seen:
        with measured.create("v1/a", Content()) as writer:
            writer.write(b"text")
        assert measured.head("v1/a").size == 4
    assert seen.has_record("timing", "storage.requests.create.symbols-1")
    assert seen.has_record("timing", "storage.requests.head.symbols-1")
    assert measured.name == "symbols"


def test_a_bucket_that_cannot_be_asked_is_an_error_and_a_missing_object_is_none(
    bucket: FolderBucket,
) -> None:
    measured = measure(bucket, "symbols-1")
    with MetricsMock() as seen:
        with pytest.raises(ObjectNotFoundError):
            measured.head("v1/a")
        assert not seen.has_record("incr")
        bucket.folder.rmdir()
        with pytest.raises(StorageUnavailableError):
            measured.head("v1/a")
    seen.assert_incr_once("storage.errors.head.symbols-1")


# The client of statsd has no way to close its socket.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_metrics_arrive_at_a_statsd_server() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        try:
            start_metrics("127.0.0.1", server.getsockname()[1], "symbols.", None)
            metrics.UPLOAD_BYTES.add(7)
            assert server.recv(512) == b"symbols.upload.bytes:7|c"
            metrics.RESPONSES.note(0.25, status="2xx", kind="page", code="200")
            assert server.recv(512) == b"symbols.http.2xx:250.000000|ms"
            metrics.STORAGE.note(0.25, kind="head", source="s-1")
            assert server.recv(512) == b"symbols.storage.requests.head.s-1:250.000000|ms"
        finally:
            start_metrics("", 0, "", None)


def test_a_host_without_an_address_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    start_metrics("no-such-host.invalid", 8125, "", None)
    assert "DJANGO_STATSD_HOST no-such-host.invalid" in caplog.text
    metrics.UPLOAD_BYTES.add(1)


def test_keys_are_noted_by_all_who_see_them(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    try:
        for seen in (2, 4):
            start_metrics("", 0, "", path)
            metrics.UPLOAD_BYTES.add(7)
            metrics.UPLOAD_BYTES.add(7)
            expected = {"upload.bytes": seen}
            wait_until(lambda: noted_counts(path) == expected, "both are noted")  # noqa: B023
    finally:
        start_metrics("", 0, "", None)


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    sink = NotedKeys({"path": tmp_path / "gone" / "metrics.json"})
    markus.configure([])
    sink.emit(markus.main.MetricsRecord("incr", "a.b", 1, []))
    sink.write()
    assert noted_counts(tmp_path / "gone" / "metrics.json") == {}
