# SPDX-License-Identifier: MPL-2.0

"""The S3 clients of this process: one for each server and pair of time-outs.

Clients keep connections open and may be used by several threads, but not by two processes: after a
fork the child starts without any.
"""

import os
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import md5
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from tecken.core.storage.s3_options import S3Access, TimeOuts

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSRequest
    from mypy_boto3_s3 import S3Client

# Threads of the server, those that look for modules, and those of both pools.
_MAX_CONNECTIONS = 160
_FETCHING_THREADS = 32
_SENDING_THREADS = 32
_GOOGLE_HOST = "storage.googleapis.com"


def client(access: S3Access, time_outs: TimeOuts) -> "S3Client":
    """Return this process's client for the server of a bucket, with these time-outs."""
    key = (access.region, access.endpoint_url, access.public, access.options, time_outs)
    process = _process
    with process.lock:
        if key not in process.clients:
            process.clients[key] = _make_client(access, time_outs)
        return process.clients[key]


def _make_client(access: S3Access, time_outs: TimeOuts) -> "S3Client":
    options = access.options
    config = Config(
        signature_version=UNSIGNED if access.public else "s3v4",
        connect_timeout=time_outs.connect_seconds,
        read_timeout=time_outs.read_seconds,
        max_pool_connections=_MAX_CONNECTIONS,
        retries={"total_max_attempts": 1},  # ours know more: see s3_errors
        request_checksum_calculation="when_required",  # not every server knows the others
        response_checksum_validation="when_required",
        # A path names the bucket for any server; at Amazon's it belongs in the host's name, and
        # "auto" would leave the region out of URLs.
        s3={"addressing_style": "path" if access.endpoint_url else "virtual"},
    )
    made = _session().client(
        "s3",
        region_name=access.region,
        endpoint_url=access.endpoint_url,
        aws_access_key_id=None if access.public else options.access_key_id,
        aws_secret_access_key=None if access.public else options.secret_access_key,
        aws_session_token=None if access.public else options.session_token,
        config=config,
    )
    made.meta.events.register("before-sign.s3.DeleteObjects", _add_md5)
    if is_google(access.endpoint_url):
        for operation in ("GetObject", "HeadObject"):
            # After it is signed: what stands between may change this header.
            made.meta.events.register(f"before-send.s3.{operation}", _take_as_stored)
    return made


def credentials_of(access: S3Access) -> "ReadOnlyCredentials | None":
    """Return what requests to a bucket are signed with now; roles have others from time to time."""
    options = access.options
    if options.access_key_id is not None:
        secret, token = options.secret_access_key or "", options.session_token
        return ReadOnlyCredentials(options.access_key_id, secret, token)
    found = _session().get_credentials()
    return None if found is None else found.get_frozen_credentials()


def is_google(endpoint_url: str | None) -> bool:
    """Say whether a server is Google Cloud Storage."""
    host = urlsplit(endpoint_url or "").hostname or ""
    return host == _GOOGLE_HOST or host.endswith(f".{_GOOGLE_HOST}")


def _add_md5(request: "AWSRequest", **_details: object) -> None:
    """Send the MD5 of what is to be deleted: older servers know no other checksum, and need one."""
    body = request.data if isinstance(request.data, bytes) else b""
    if body:
        digest = md5(body, usedforsecurity=False).digest()
        request.headers["Content-MD5"] = b64encode(digest).decode()


def _take_as_stored(request: "AWSPreparedRequest", **_details: object) -> None:
    """Let Google send an object of gzip with its own bytes: who takes no gzip gets it inflated.

    Sizes and ranges would be those of nobody then.
    Source: https://cloud.google.com/storage/docs/transcoding
    """
    request.headers["Accept-Encoding"] = "gzip"


@cache
def _session() -> boto3.Session:
    """Return what has read the description of S3, the slow part; it holds no connection."""
    return boto3.Session()


def fetching_pool() -> ThreadPoolExecutor:
    """Return the threads of this process that fetch ranges; they wait for nothing but S3."""
    return _process.fetching


def sending_pool() -> ThreadPoolExecutor:
    """Return the threads of this process that send parts; they wait for nothing but S3.

    They are others than those that fetch, since a thread has the priority of the one that started
    it, and uploads have a low one.
    """
    return _process.sending


class _Process:
    """What belongs to one process. A pool starts no thread before it has work."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clients: dict[object, S3Client] = {}
        self.fetching = ThreadPoolExecutor(_FETCHING_THREADS, "s3-fetch")
        self.sending = ThreadPoolExecutor(_SENDING_THREADS, "s3-send")


_process = _Process()


def _start_afresh() -> None:
    global _process
    _process = _Process()


os.register_at_fork(after_in_child=_start_afresh)
