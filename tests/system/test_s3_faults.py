# SPDX-License-Identifier: MPL-2.0

"""What clients see while S3 is down, slow, busy or wrongly named; nothing that was stored is lost."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from mypy_boto3_s3 import S3Client
from tests.support.native_files import BUILD_ID, PROGRAM_DEBUG
from tests.support.proxy import Fault, HttpProxy
from tests.support.servers import S3
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, large, write_zip

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"


@dataclass
class Installation:
    """A server whose only bucket is behind the proxy."""

    server: StartedServer
    proxy: HttpProxy
    bucket: str
    token: str
    archive: Path

    def upload(self) -> requests.Response:
        return self.server.upload(self.archive, self.token)

    def download(self) -> requests.Response:
        return requests.get(f"{self.server.url}/{KEY}", allow_redirects=False, timeout=60)

    def symbolicate(self) -> requests.Response:
        job = {"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]}
        return requests.post(f"{self.server.url}/symbolicate/v5", json=job, timeout=60)

    def function(self) -> object:
        answer = self.symbolicate()
        assert answer.status_code == 200, answer.text
        return answer.json()["results"][0]["stacks"][0][0].get("function")

    def function_in_time(self) -> object:
        """As ``function``, asked again while a worker process leaves the bucket alone for a moment."""
        wait_until(lambda: self.symbolicate().status_code != 503, "the bucket is asked again")
        return self.function()

    def heartbeat(self) -> requests.Response:
        return requests.get(f"{self.server.url}/__heartbeat__", timeout=60)


@pytest.fixture
def make_installation(
    s3: S3, s3_proxy: HttpProxy, tmp_path: Path
) -> Iterator[Callable[..., Installation]]:
    started: list[StartedServer] = []

    def make(bucket: str, **settings: str) -> Installation:
        server = StartedServer(
            tmp_path / "data",
            {
                "DJANGO_SYMBOL_URLS": f"{s3_proxy.url}/{bucket}",
                "DJANGO_CREATE_BUCKETS": "False",
                "DJANGO_S3_LOOKUP_READ_TIMEOUT": "1",
                "DJANGO_S3_PUT_READ_TIMEOUT": "1",
                "AWS_ACCESS_KEY_ID": s3.access_key,
                "AWS_SECRET_ACCESS_KEY": s3.secret_key,
                **settings,
            },
            workers=1,
        )
        started.append(server)
        server.begin()
        archive = write_zip(tmp_path / "symbols.zip", {KEY: hello()})
        token = server.token("upload_symbols")
        s3_proxy.clear()
        return Installation(server, s3_proxy, bucket, token, archive)

    yield make
    for server in started:
        server.stop(signal.SIGKILL)


@pytest.fixture
def installation(
    make_installation: Callable[..., Installation], make_bucket: Callable[..., str]
) -> Installation:
    return make_installation(make_bucket())


def assert_try_again(answer: requests.Response, reason: str) -> None:
    """503, with a reason, and a time after which to come again."""
    assert answer.status_code == 503, answer.text
    assert reason in answer.json()["error"]
    assert answer.headers["Retry-After"]


def down(proxy: HttpProxy) -> None:
    proxy.refuse()


def slow(proxy: HttpProxy) -> None:
    proxy.add(Fault(delay_seconds=10))


def broken(proxy: HttpProxy) -> None:
    proxy.add(Fault(status=503))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (down, "cannot be reached"),
        (slow, "did not answer in time"),
        (broken, "answered 503"),
    ],
)
def test_trouble_with_s3_is_said_and_ends_with_it(
    installation: Installation, fault: Callable[[HttpProxy], None], reason: str
) -> None:
    fault(installation.proxy)
    for ask in (installation.symbolicate, installation.download, installation.upload):
        assert_try_again(ask(), reason)
    assert installation.symbolicate().json()["module_errors"][f"hello.pdb/{HELLO_ID}"]
    assert installation.heartbeat().status_code == 500

    installation.proxy.clear()
    if fault is down:
        installation.proxy.listen()
    assert installation.function_in_time() is None
    wait_until(lambda: installation.upload().status_code == 201, "the bucket is written to again")
    assert installation.function_in_time() == "main"
    assert installation.download().status_code == 302
    assert installation.heartbeat().status_code == 200


def test_passing_trouble_is_not_seen(installation: Installation) -> None:
    for ask, expected in (
        (installation.upload, 201),
        (installation.symbolicate, 200),
        (installation.download, 302),
    ):
        installation.proxy.add(Fault(status=503, times=2))
        assert ask().status_code == expected
        installation.proxy.clear()
    assert installation.function() == "main"


def test_what_is_in_memory_is_answered_while_s3_is_down(installation: Installation) -> None:
    installation.upload()
    assert installation.function() == "main"
    installation.proxy.refuse()
    assert installation.function() == "main"


def test_an_upload_that_failed_in_the_middle_is_taken_again(installation: Installation) -> None:
    installation.proxy.add(Fault(status=500, when=lambda request: request.method == "PUT"))
    assert_try_again(installation.upload(), "answered 500")
    [(completed_at,)] = installation.server.rows("SELECT completed_at FROM upload_upload")
    assert completed_at is None
    assert installation.function() is None
    installation.proxy.clear()
    answer = installation.upload().json()
    assert [file["key"] for file in answer["upload"]["files"]] == [f"v1/{KEY}"]
    assert installation.function() == "main"


def test_a_corrupt_object_is_malformed_until_it_is_uploaded_again(
    installation: Installation, s3_client: S3Client
) -> None:
    installation.upload()
    place = {"Bucket": installation.bucket, "Key": f"v1/{KEY}"}
    stored = s3_client.get_object(**place)
    size = len(stored["Body"].read())
    s3_client.put_object(**place, Body=b"\1" * size, Metadata=stored["Metadata"])
    result = installation.symbolicate().json()["results"][0]
    assert result["found_modules"] == {f"hello.pdb/{HELLO_ID}": False}
    [error] = result["module_errors"][f"hello.pdb/{HELLO_ID}"]
    assert error["name"] == "malformed"
    installation.archive.unlink()
    write_zip(installation.archive, {KEY: hello().replace(" main\n", " again\n")})
    assert installation.upload().status_code == 201
    assert installation.function() == "again"


def test_a_bucket_that_does_not_exist_is_trouble_and_not_an_empty_one(
    make_installation: Callable[..., Installation],
) -> None:
    installation = make_installation("misspelled")
    for ask in (installation.symbolicate, installation.download, installation.upload):
        assert_try_again(ask(), "the bucket does not exist")
    assert installation.heartbeat().status_code == 500


def test_refused_credentials_are_trouble(
    make_installation: Callable[..., Installation], make_bucket: Callable[..., str]
) -> None:
    installation = make_installation(make_bucket(), AWS_SECRET_ACCESS_KEY="wrong")
    for ask in (installation.symbolicate, installation.download, installation.upload):
        assert_try_again(ask(), "refuses these credentials")


def test_an_upload_does_not_wait_for_debuggers_that_wait_for_a_slow_bucket(
    make_installation: Callable[..., Installation],
    make_bucket: Callable[..., str],
    s3_client: S3Client,
    tmp_path: Path,
) -> None:
    bucket = make_bucket()
    installation = make_installation(bucket, DJANGO_S3_LOOKUP_READ_TIMEOUT="60")
    key = f"v1/.native/{BUILD_ID[:2]}/{BUILD_ID[2:]}/debuginfo"
    s3_client.put_object(Bucket=bucket, Key=key, Body=PROGRAM_DEBUG)
    section = f"{installation.server.url}/buildid/{BUILD_ID}/section/.debug_info"
    raw = requests.get(section, timeout=60).content
    assert raw
    go_on = threading.Event()
    installation.proxy.add(
        Fault(until=go_on, when=lambda asked: asked.method == "GET" and "debuginfo" in asked.path)
    )

    def ask() -> tuple[int, bytes]:
        answer = requests.get(section, timeout=120)
        return answer.status_code, answer.content if answer.status_code == 200 else b""

    # More than is judged, stored and answered without a body that is written to a disk.
    archive = write_zip(tmp_path / "large.zip", dict(large(number) for number in range(4)))
    assert archive.stat().st_size > 256 * 1024
    with ThreadPoolExecutor(40) as debuggers:
        answers = [debuggers.submit(ask) for _ in range(40)]
        try:
            full = lambda: any(answer.done() for answer in answers)  # noqa: E731
            wait_until(full, "no more debuggers are let wait")
            assert installation.server.upload(archive, installation.token).status_code == 201
        finally:
            go_on.set()
        assert {answer.result() for answer in answers} == {(200, raw), (503, b"")}
