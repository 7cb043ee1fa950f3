# SPDX-License-Identifier: MPL-2.0

"""What only S3 buckets have: parts, signatures, and a network between us and them."""

import multiprocessing
import os
import time
from collections.abc import Callable

import pytest
import requests
from mypy_boto3_s3 import S3Client
from tests.core.storage.conftest import open_bucket
from tests.support.proxy import Fault, HttpProxy, Request
from tests.support.servers import S3

from tecken.core.errors import (
    NoRoomError,
    ObjectChangedError,
    ObjectNotFoundError,
    StorageUnavailableError,
)
from tecken.core.storage.base import Content
from tecken.core.storage.s3 import S3Bucket
from tecken.core.storage.s3_options import S3Access, S3Options, TimeOuts
from tecken.core.storage.s3_writer import PART_BYTES

KEY = "v1/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
TEXT = Content("text/plain", "gzip", {"original_size": "12", "object_id": "9f86d0"})
PLAIN = Content()
BODY = os.urandom(1000) * 300
PARTS = os.urandom(1000) * (2 * PART_BYTES // 1000 + 5)


@pytest.fixture
def public_bucket(s3: S3, make_bucket: Callable[..., str], s3_proxy: HttpProxy) -> S3Bucket:
    """One that has BODY under KEY; its requests are not signed, so the proxy may change them."""
    name = make_bucket(public=True)
    open_bucket(s3, name).put(KEY, BODY, TEXT)
    return open_bucket(s3, name, endpoint=s3_proxy.url, public=True)


def methods(proxy: HttpProxy) -> list[str]:
    return [request.method for request in proxy.requests]


def write_in_parts(bucket: S3Bucket, data: bytes) -> None:
    with bucket.create(KEY, TEXT) as writer:
        for start in range(0, len(data), 1_000_000):
            writer.write(data[start : start + 1_000_000])


def is_part(request: Request) -> bool:
    return "partNumber=" in request.path


def is_completion(request: Request) -> bool:
    return request.method == "POST" and "uploadId=" in request.path


def is_conditional(request: Request) -> bool:
    return request.method != "GET" and bool({"if-match", "if-none-match"} & request.headers.keys())


class TestWriting:
    def test_a_large_object_is_sent_in_parts(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        write_in_parts(behind_proxy, PARTS)
        assert sum(map(is_part, s3_proxy.requests)) == 3
        info = behind_proxy.head(KEY)
        assert (info.size, info.content) == (len(PARTS), TEXT)
        with behind_proxy.open(KEY) as reader:
            assert reader.read() == PARTS

    def test_a_small_object_is_one_request(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        with behind_proxy.create(KEY, TEXT) as writer:
            writer.write(b"small")
        assert methods(s3_proxy) == ["PUT"]

    def test_an_error_in_the_middle_leaves_no_parts(
        self, s3_bucket: S3Bucket, s3_client: S3Client
    ) -> None:
        def write_and_fail() -> None:
            with s3_bucket.create(KEY, TEXT) as writer:
                writer.write(PARTS)
                uploads = s3_client.list_multipart_uploads(Bucket=s3_bucket.name)
                assert len(uploads["Uploads"]) == 1
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=s3_bucket.name)

    def test_what_a_killed_writer_left_is_swept(
        self, s3_bucket: S3Bucket, s3_client: S3Client
    ) -> None:
        s3_client.create_multipart_upload(Bucket=s3_bucket.name, Key=KEY)
        assert s3_bucket.sweep_temporary("v1/", 60) == 0
        assert s3_bucket.sweep_temporary("v1/", -60) == 1
        assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=s3_bucket.name)

    def test_what_killed_writers_left_is_swept_page_by_page(
        self, s3_bucket: S3Bucket, s3_client: S3Client
    ) -> None:
        for number in range(7):
            s3_client.create_multipart_upload(Bucket=s3_bucket.name, Key=f"v1/{number // 2}")
        s3_bucket.page_size = 2
        assert s3_bucket.sweep_temporary("v1/", -60) == 7
        assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=s3_bucket.name)

    def test_uploads_of_others_are_left_alone(
        self, s3_bucket: S3Bucket, s3_client: S3Client
    ) -> None:
        for key in ("backup/large", "v10/large", "v1/ours", "zz/large"):
            s3_client.create_multipart_upload(Bucket=s3_bucket.name, Key=key)
        assert s3_bucket.sweep_temporary("v1/", -60) == 1
        left = s3_client.list_multipart_uploads(Bucket=s3_bucket.name)["Uploads"]
        assert {upload["Key"] for upload in left} == {"backup/large", "v10/large", "zz/large"}

    def test_an_upload_whose_parts_still_arrive_is_left_alone(
        self, s3_bucket: S3Bucket, s3_client: S3Client
    ) -> None:
        def begin(key: str) -> Callable[[int], None]:
            upload = s3_client.create_multipart_upload(Bucket=s3_bucket.name, Key=key)
            position = {"Bucket": s3_bucket.name, "Key": key, "UploadId": upload["UploadId"]}
            return lambda number: s3_client.upload_part(**position, PartNumber=number, Body=b"part")

        slow, dead = begin("v1/slow"), begin("v1/dead")
        for send_part in (slow, dead):
            send_part(1)
        time.sleep(2)  # the server knows seconds
        oldest = time.time()
        time.sleep(2)  # so that what follows is younger
        for number in (2, 3, 4):
            slow(number)
        s3_bucket.page_size = 2
        assert s3_bucket.sweep_temporary("v1/", time.time() - oldest) == 1
        [left] = s3_client.list_multipart_uploads(Bucket=s3_bucket.name)["Uploads"]
        assert left["Key"] == "v1/slow"
        assert s3_bucket.sweep_temporary("v1/", -60) == 1

    def test_parts_that_fail_are_sent_again(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(status=503, times=2, when=is_part))
        write_in_parts(behind_proxy, PARTS)
        assert behind_proxy.head(KEY).size == len(PARTS)

    def test_a_server_that_stays_broken_leaves_the_old_object(
        self, behind_proxy: S3Bucket, s3_bucket: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_bucket.put(KEY, b"old", PLAIN)
        s3_proxy.add(Fault(status=500, when=is_completion))
        with pytest.raises(StorageUnavailableError, match="answered 500"):
            write_in_parts(behind_proxy, PARTS)
        assert s3_bucket.head(KEY).size == 3

    def test_an_object_whose_completion_was_not_heard_of_is_there(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(cut_after=0, when=is_completion))
        write_in_parts(behind_proxy, PARTS)
        assert behind_proxy.head(KEY).size == len(PARTS)

    def test_parts_that_met_another_object_are_not_sent_again(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        with behind_proxy.create(KEY, TEXT) as writer:
            writer.write(PARTS)
            other = behind_proxy.put(KEY, b"other", PLAIN)
            for over in (None, "another"):
                with pytest.raises(ObjectChangedError):
                    writer.publish(over)
            writer.publish(other.etag)
        assert sum(map(is_part, s3_proxy.requests)) == 3
        with behind_proxy.open(KEY) as reader:
            assert reader.read() == PARTS

    @pytest.mark.parametrize("data", [b"small", PARTS])
    def test_an_object_that_meets_itself_was_published(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy, data: bytes
    ) -> None:
        other = behind_proxy.put(KEY, b"other", PLAIN)
        s3_proxy.add(Fault(lose_answer=True, times=1, when=is_conditional))
        with behind_proxy.create(KEY, TEXT) as writer:
            writer.write(data)
            writer.publish(other.etag)
        assert writer.info == behind_proxy.head(KEY)
        assert writer.info.size == len(data)
        assert sum(map(is_conditional, s3_proxy.requests)) == 2

    @pytest.mark.parametrize("data", [b"small", PARTS])
    def test_a_server_without_conditional_writes_replaces_what_it_has(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy, data: bytes
    ) -> None:
        s3_proxy.add(Fault(status=501, when=is_conditional))
        for _ in range(2):
            with behind_proxy.create(KEY, TEXT) as writer:
                writer.write(data)
                writer.publish(None)
            assert behind_proxy.head(KEY).size == len(data)
        assert sum(map(is_conditional, s3_proxy.requests)) == 1

    def test_a_full_server_has_no_room(self, behind_proxy: S3Bucket, s3_proxy: HttpProxy) -> None:
        s3_proxy.add(Fault(status=507))
        with pytest.raises(NoRoomError):
            behind_proxy.put(KEY, b"x", PLAIN)


class TestReading:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_busy_server_is_asked_again(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy, status: int
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.clear()
        s3_proxy.add(Fault(status=status, times=2))
        assert behind_proxy.head(KEY).size == len(BODY)
        assert methods(s3_proxy) == ["HEAD"] * 3

    def test_a_server_that_stays_busy_is_unavailable(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(status=503))
        with pytest.raises(StorageUnavailableError, match="answered 503"):
            behind_proxy.head(KEY)
        assert methods(s3_proxy) == ["HEAD"] * 3

    def test_a_server_that_hangs_is_asked_twice(
        self, impatient: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(delay_seconds=30))
        with pytest.raises(StorageUnavailableError, match="did not answer in time"):
            impatient.head(KEY)
        assert methods(s3_proxy) == ["HEAD"] * 2

    def test_a_server_that_is_down_is_unavailable(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.refuse()
        with pytest.raises(StorageUnavailableError, match="cannot be reached"):
            behind_proxy.head(KEY)

    def test_a_connection_that_was_cut_is_replaced(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.cut()
        assert behind_proxy.head(KEY).size == len(BODY)

    @pytest.mark.parametrize("chunk_bytes", [1_000, 70_000, -1])
    def test_a_body_that_is_cut_is_read_on(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy, chunk_bytes: int
    ) -> None:
        etag = behind_proxy.put(KEY, BODY, TEXT).etag
        s3_proxy.clear()
        s3_proxy.add(Fault(cut_after=100_000, times=2))
        with behind_proxy.open(KEY) as reader:
            assert b"".join(iter(lambda: reader.read(chunk_bytes), b"")) == BODY
        first, *others = s3_proxy.requests
        assert "range" not in first.headers
        assert [request.headers["if-match"] for request in others] == [f'"{etag}"'] * 2
        if chunk_bytes == 1_000:
            ranges = [request.headers["range"] for request in others]
            assert ranges == ["bytes=100000-299999", "bytes=200000-299999"]

    def test_a_range_that_is_cut_is_read_on(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.add(Fault(cut_after=50_000, times=1))
        with behind_proxy.open_range(KEY, 100_000, 250_000) as reader:
            assert b"".join(iter(lambda: reader.read(1_000), b"")) == BODY[100_000:250_000]

    def test_a_body_that_is_cut_again_and_again_is_no_object(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.clear()
        s3_proxy.add(Fault(cut_after=1000))
        with behind_proxy.open(KEY) as reader:
            assert reader.read(1000) == BODY[:1000]
            with pytest.raises(StorageUnavailableError):
                reader.read()
        assert len(s3_proxy.requests) < 10

    def test_a_body_that_is_cut_is_never_read_on_in_another_version(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.add(Fault(cut_after=1000, times=1))
        with behind_proxy.open(KEY) as reader:
            behind_proxy.put(KEY, BODY[::-1], TEXT)
            with pytest.raises(ObjectChangedError):
                reader.read()

    def test_ranges_that_are_cut_are_asked_for_again(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        behind_proxy.put(KEY, BODY, TEXT)
        s3_proxy.add(Fault(cut_after=10, times=2, when=lambda request: "range" in request.headers))
        parts = [(200_000, 200_100), (5, 105)]
        assert behind_proxy.read_ranges(KEY, parts) == [BODY[200_000:200_100], BODY[5:105]]

    def test_far_ranges_are_fetched_at_once_and_near_ones_together(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        etag = behind_proxy.put(KEY, BODY, TEXT).etag
        s3_proxy.clear()
        s3_proxy.add(Fault(delay_seconds=0.1))
        parts = [(start + extra, start + extra + 10) for start in (0, 290_000) for extra in (0, 99)]
        read = behind_proxy.read_ranges(KEY, parts, if_match=etag)
        assert read == [BODY[start:end] for start, end in parts]
        assert len(s3_proxy.requests) == s3_proxy.most_at_once() == 2

    def test_a_server_without_ranges_is_understood(
        self, public_bucket: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(drop_headers=("range",)))
        with public_bucket.open_range(KEY, 270_000, 270_050) as reader:
            assert reader.read(20) == BODY[270_000:270_020]
            assert reader.read() == BODY[270_020:270_050]
            assert reader.info.size == len(BODY)
        assert public_bucket.read_ranges(KEY, [(1, 4)]) == [BODY[1:4]]

    def test_a_server_without_if_match_cannot_pass_another_version(
        self, public_bucket: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(drop_headers=("if-match",)))
        with pytest.raises(ObjectChangedError):
            public_bucket.read_ranges(KEY, [(0, 10)], if_match="another")
        with pytest.raises(ObjectChangedError):
            public_bucket.open(KEY, if_match="another")

    def test_a_list_goes_on_after_a_page(self, s3_bucket: S3Bucket) -> None:
        keys = [f"v1/{number:04}" for number in range(25)]
        for key in keys:
            s3_bucket.put(key, b"", PLAIN)
        s3_bucket.page_size = 10
        assert [listed.key for listed in s3_bucket.list("v1/")] == keys


class TestAbsence:
    def test_a_missing_bucket_is_not_a_missing_object(self, s3: S3) -> None:
        bucket = open_bucket(s3, "no-such-bucket")
        for ask in (
            lambda: bucket.head(KEY),
            lambda: bucket.open(KEY),
            lambda: bucket.put(KEY, b"", PLAIN),
            bucket.check,
            lambda: list(bucket.list()),
        ):
            with pytest.raises(StorageUnavailableError, match="the bucket does not exist"):
                ask()

    def test_a_bucket_is_asked_for_once_after_misses(
        self, behind_proxy: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        for _ in range(3):
            with pytest.raises(ObjectNotFoundError):
                behind_proxy.head(KEY)
        paths = [request.path for request in s3_proxy.requests]
        name = behind_proxy.name
        assert paths == [f"/{name}/{KEY}", f"/{name}", f"/{name}/{KEY}", f"/{name}/{KEY}"]

    def test_wrong_credentials_are_trouble(self, s3: S3, s3_bucket: S3Bucket) -> None:
        stranger = open_bucket(s3, s3_bucket.name, access_key="nobody")
        for ask in (
            lambda: stranger.head(KEY),
            lambda: stranger.open(KEY),
            lambda: stranger.put(KEY, b"", PLAIN),
            stranger.check,
        ):
            with pytest.raises(StorageUnavailableError, match="refuses these credentials"):
                ask()

    def test_in_a_public_bucket_forbidden_means_not_there(
        self, public_bucket: S3Bucket, s3_proxy: HttpProxy
    ) -> None:
        s3_proxy.add(Fault(status=403))
        with pytest.raises(ObjectNotFoundError):
            public_bucket.head(KEY)
        with pytest.raises(ObjectNotFoundError):
            public_bucket.open(KEY)
        public_bucket.check()


class TestUrls:
    @pytest.mark.parametrize("name", ["xul.sym", "a b+c~d@e$f.sym", "Ωmega=?&.sym"])
    def test_a_signed_url_gives_the_stored_bytes(self, s3_bucket: S3Bucket, name: str) -> None:
        s3_bucket.put(f"v1/{name}", BODY, TEXT)
        url = s3_bucket.url_of(f"v1/{name}")
        answer = requests.get(url, timeout=10, stream=True)
        assert answer.raw.read() == BODY
        assert answer.headers["Content-Encoding"] == "gzip"
        assert requests.get(url.partition("?")[0], timeout=10).status_code == 403

    @pytest.mark.parametrize("name", ["xul.sym", "a b+c~d@e$f.sym", "Ωmega=?&.sym"])
    def test_a_public_url_is_plain(
        self, s3: S3, make_bucket: Callable[..., str], name: str
    ) -> None:
        bucket_name = make_bucket(public=True)
        open_bucket(s3, bucket_name).put(f"v1/{name}", b"text", PLAIN)
        bucket = open_bucket(s3, bucket_name, public=True)
        assert bucket.head(f"v1/{name}").size == 4
        url = bucket.url_of(f"v1/{name}")
        assert "?" not in url
        assert requests.get(url, timeout=10).content == b"text"

    def test_urls_of_amazon_name_the_region(self) -> None:
        options = S3Options("id", "secret")
        for public in (True, False):
            access = S3Access("symbols", "eu-west-1", None, public, options)
            url = S3Bucket(access).url_of(KEY)
            assert url.startswith("https://symbols.s3.eu-west-1.amazonaws.com/v1/xul.pdb/")
            assert ("X-Amz-Expires=3600" in url) == (not public)


class TestMaking:
    def test_a_bucket_is_made_once(self, s3: S3) -> None:
        bucket = open_bucket(s3, "made-by-us")
        bucket.make()
        bucket.make()
        bucket.put(KEY, b"", PLAIN)

    def test_a_public_bucket_is_never_made(self, s3: S3) -> None:
        bucket = open_bucket(s3, "public-nowhere", public=True)
        bucket.make()
        with pytest.raises(StorageUnavailableError):
            open_bucket(s3, "public-nowhere").check()

    def test_no_bucket_is_made_at_amazon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # The real thing is not ours to call: the network is closed, and asking it would fail.
        options = S3Options("id", "secret", lookup=TimeOuts(1, 1), put=TimeOuts(1, 1))
        S3Bucket(S3Access("symbols", "eu-west-1", None, public=False, options=options)).make()


def test_a_forked_process_has_connections_of_its_own(s3_bucket: S3Bucket) -> None:
    s3_bucket.put(KEY, BODY, TEXT)

    def read_often() -> None:
        for start in range(0, 1_000, 100):
            parts = [(start, start + 10), (start + 200_000, start + 200_010)]
            assert s3_bucket.read_ranges(KEY, parts) == [BODY[a:b] for a, b in parts]

    read_often()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=read_often) for _ in range(2)]
    for child in children:
        child.start()
    read_often()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]
