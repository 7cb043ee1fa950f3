# SPDX-License-Identifier: MPL-2.0

"""Symbols that are to be derived while storage is away for longer than a task waits."""

import json
import time

import boto3
import pytest
from botocore.config import Config
from django.test import Client
from pytest_django.fixtures import Settings
from tests.support import servers
from tests.support.native_files import DEBUG_ID, PROGRAM_FULL
from tests.upload.examples import Post

from tecken.core.storage.s3_options import S3Options, TimeOuts
from tecken.jobs import execution, services
from tecken.jobs.models import Task
from tecken.jobs.operating import retry
from tecken.symbolication import services as symbolication
from tecken.symbolication import underived
from tecken.upload.deriving.uploads import TASK
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db


def run_attempt(task: Task) -> None:
    claimed = services.claim(task.pk)
    assert claimed is not None
    execution.run(claimed)


def module_error(client: Client) -> dict[str, str]:
    symbolication.supplier.cache_clear()
    job = {"memoryMap": [["crash", DEBUG_ID]], "stacks": [[[0, 0x10D]]]}
    response = client.post("/symbolicate/v5", json.dumps(job), content_type="application/json")
    [result] = response.json()["results"]
    return result.get("module_errors", {}).get(f"crash/{DEBUG_ID}", [{}])[0]


def test_it_fails_with_a_reason_and_is_derived_when_storage_is_back(
    post: Post,
    uploader: str,
    client: Client,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(underived, "_none_until", 0.0)
    # The transaction of this test would end with its connection.
    monkeypatch.setattr(execution, "close_old_connections", lambda: None)
    with servers.s3() as s3:
        secrets = {
            "aws_access_key_id": s3.access_key,
            "aws_secret_access_key": s3.secret_key,
            "region_name": "us-east-1",
        }
        boto3.client("s3", endpoint_url=s3.endpoint, config=Config(), **secrets).create_bucket(
            Bucket="symbols"
        )
        patience = TimeOuts(2, 2)
        settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key, lookup=patience, put=patience)
        settings.SYMBOL_URLS = (f"{s3.endpoint}/symbols",)
        settings.UPLOAD_DEFAULT_URL = settings.SYMBOL_URLS[0]
        settings.UPLOAD_DERIVE_MAX_BYTES = 0
        assert post({"crash": PROGRAM_FULL}, uploader).status_code == 201
        assert module_error(client)["name"] == "pending"
        s3.server.stop()
        task = Task.objects.get(name=TASK)
        for _ in range(5):
            assert FileUpload.objects.get().derivation == "pending"
            Task.objects.update(run_after=task.created_at)
            run_attempt(task)
        task.refresh_from_db()
        assert task.state == "failed"
        row = FileUpload.objects.get()
        assert (row.derivation, "given up" in row.problem) == ("failed", True)
        s3.server.start()
        told = module_error(client)
        assert (told["name"], "given up" in told["message"]) == ("malformed", True)
        assert retry([task.pk]).rows
        for _ in range(20):  # for a moment nobody asks a server that did not answer
            time.sleep(0.5)
            Task.objects.update(run_after=task.created_at)
            run_attempt(task)
            task.refresh_from_db()
            if task.state == "failed":  # the server takes longer than all attempts
                assert retry([task.pk]).rows
            if FileUpload.objects.filter(derived=False, derivation="done"):
                break
        assert FileUpload.objects.get(derived=False).derivation == "done"
        assert module_error(client) == {}
