# SPDX-License-Identifier: MPL-2.0

"""Uploads that go to S3: rows, retries, and nothing lost."""

import gzip
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mypy_boto3_s3 import S3Client
from pytest_django.fixtures import Settings
from tests.support.native_files import BUILD_ID, PROGRAM_FULL
from tests.support.proxy import Fault, HttpProxy, Request
from tests.upload.examples import BINARY_NAME, NAME, TEXT, Post

from tecken.upload.deleted_objects import remove_deleted_objects
from tecken.upload.models import FileUpload, Upload


def test_files_are_stored_with_their_metadata(
    post: Post, uploader: str, proxied_s3_bucket: str, s3_client: S3Client
) -> None:
    answer = post({NAME: TEXT, BINARY_NAME: b"\0binary"}, uploader)
    assert answer.status_code == 201
    assert answer.json()["upload"]["bucket"] == proxied_s3_bucket
    stored = s3_client.get_object(Bucket=proxied_s3_bucket, Key=f"v1/{NAME}")
    assert gzip.decompress(stored["Body"].read()) == TEXT
    assert (stored["ContentType"], stored["ContentEncoding"]) == ("text/plain", "gzip")
    assert stored["Metadata"]["original_size"] == str(len(TEXT))
    index = f"v1/.index/{NAME}/{stored['Metadata']['object_id']}"
    assert s3_client.head_object(Bucket=proxied_s3_bucket, Key=index)["ContentLength"]
    assert post({NAME: TEXT}, uploader).json()["upload"]["skipped_keys"] == [NAME]


def test_the_row_says_which_server(
    post: Post, uploader: str, proxied_s3_bucket: str, s3_proxy: HttpProxy
) -> None:
    post({NAME: TEXT}, uploader)
    upload = Upload.objects.get()
    assert (upload.bucket_name, upload.bucket_region) == (proxied_s3_bucket, "")
    assert upload.bucket_endpoint_url == s3_proxy.url


def test_passing_trouble_is_not_seen(
    post: Post, uploader: str, proxied_s3_bucket: str, s3_proxy: HttpProxy
) -> None:
    s3_proxy.add(Fault(status=503, times=2))
    assert post({NAME: TEXT}, uploader).status_code == 201


def test_trouble_in_the_middle_keeps_what_was_finished(
    post: Post, uploader: str, proxied_s3_bucket: str, s3_proxy: HttpProxy
) -> None:
    def stores_symbols(request: Request) -> bool:
        return request.method == "PUT" and request.path.endswith("/xul.sym")

    s3_proxy.add(Fault(status=503, when=stores_symbols))
    answer = post({BINARY_NAME: b"\0binary", NAME: TEXT}, uploader)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    rows = {row.key: row.completed_at is not None for row in FileUpload.objects.all()}
    assert rows == {f"v1/{BINARY_NAME}": True, f"v1/{NAME}": False}
    s3_proxy.clear()
    upload = post({BINARY_NAME: b"\0binary", NAME: TEXT}, uploader).json()["upload"]
    assert [file["key"] for file in upload["files"]] == [f"v1/{NAME}"]
    assert upload["skipped_keys"] == [BINARY_NAME]


@pytest.mark.parametrize("count", [20, 60])
def test_what_was_taken_back_is_removed_by_few_requests_and_queries(
    post: Post,
    uploader: str,
    proxied_s3_bucket: str,
    s3_client: S3Client,
    s3_proxy: HttpProxy,
    count: int,
) -> None:
    members = {f"a{n}.so/AB/a{n}.sym": b"MODULE Linux x86_64 AB a%d.so\n" % n for n in range(count)}
    assert post(members, uploader).status_code == 201
    FileUpload.objects.update(deleted_at=timezone.now(), removal="pending")
    s3_proxy.requests.clear()
    with CaptureQueriesContext(connection) as queries:
        assert remove_deleted_objects() == count
    methods = Counter(request.method for request in s3_proxy.requests)
    assert methods["HEAD"] <= count + 1  # perhaps one for the bucket
    assert {name: methods[name] for name in methods if name != "HEAD"} == {"POST": 1}
    assert len(queries) < 25
    assert s3_client.list_objects_v2(Bucket=proxied_s3_bucket)["KeyCount"] == 0
    assert set(FileUpload.objects.values_list("removal", flat=True)) == {"removed"}


def test_aliases_of_originals_are_asked_for_once(
    post: Post,
    uploader: str,
    proxied_s3_bucket: str,
    s3_proxy: HttpProxy,
    client: Client,
    settings: Settings,
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    answer = post({"crash/AB12/crash": PROGRAM_FULL}, uploader).json()["upload"]
    s3_proxy.requests.clear()
    for _ in range(3):
        response = client.get(f"/buildid/{BUILD_ID}/executable")
        assert "/v1/crash/AB12/crash?" in response["Location"]
    # The key itself, the alias, its text, and what that says.
    assert [request.method for request in s3_proxy.requests] == ["HEAD", "HEAD", "GET", "HEAD"]
    path = f"/api/uploads/upload/{answer['id']}"
    assert client.delete(path, headers={"Auth-Token": uploader}).status_code == 200
    assert client.get(f"/buildid/{BUILD_ID}/executable").status_code == 404
