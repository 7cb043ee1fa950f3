# SPDX-License-Identifier: MPL-2.0

"""A client that sends files in chunks, as sentry-cli does."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tecken.jobs.models import Task
from tecken.upload.chunked import services
from tecken.upload.chunked.assembling import assemble_batch

CHUNKS = "/api/0/organizations/any/chunk-upload/"
ASSEMBLE = "/api/0/projects/any/thing/files/difs/assemble/"
BOUNDARY = "-----x"


def sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def form(parts: Sequence[tuple[str, str, bytes]]) -> bytes:
    """A form of parts: each its name, its file name and its bytes."""
    head = '--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n'
    body = b"".join((head % (BOUNDARY, *names)).encode() + data + b"\r\n" for *names, data in parts)
    return body + f"--{BOUNDARY}--\r\n".encode()


class Cli:
    """What sentry-cli does, request by request. ``chunk_bytes`` is the size of its chunks."""

    def __init__(self, client: Client, token: str, chunk_bytes: int = 1000) -> None:
        self.client = client
        self.token = token
        self.chunk_bytes = chunk_bytes

    def ask(self, method: str, url: str, data: bytes = b"", **headers: str) -> HttpResponse:
        kind = headers.pop("kind", "application/json")
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.generic(method, url, data, kind, headers={**sent, **headers})

    def post_form(self, body: bytes) -> HttpResponse:
        return self.ask("POST", CHUNKS, body, kind=f"multipart/form-data; boundary={BOUNDARY}")

    def send(self, *chunks: bytes) -> HttpResponse:
        return self.post_form(form([("file_gzip", sha1(c), gzip.compress(c)) for c in chunks]))

    def cut(self, data: bytes) -> list[bytes]:
        return [data[at : at + self.chunk_bytes] for at in range(0, len(data), self.chunk_bytes)]

    def wanted(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
        return {
            sha1(data): {"name": name, "debug_id": None, "chunks": list(map(sha1, self.cut(data)))}
            for name, data in files.items()
        }

    def assemble(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
        """What is told of files, by their names."""
        answer = self.ask("POST", ASSEMBLE, json.dumps(self.wanted(files)).encode())
        assert answer.status_code == 200, answer.content
        told = answer.json()
        return {name: told[sha1(data)] for name, data in files.items()}

    def states(self, files: Mapping[str, bytes]) -> list[str]:
        return [told["state"] for told in self.assemble(files).values()]

    def upload(self, files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
        """Send what is missing, let it be assembled, and return what is told then."""
        missing = {
            chunk for told in self.assemble(files).values() for chunk in told["missingChunks"]
        }
        for chunk in (chunk for data in files.values() for chunk in self.cut(data)):
            if sha1(chunk) in missing:
                assert self.send(chunk).status_code == 200
        self.assemble(files)
        run_tasks()
        return self.assemble(files)


def run_tasks() -> None:
    for task in Task.objects.filter(name=services.TASK, state=Task.State.WAITING):
        assemble_batch(**task.arguments)
        task.delete()


def chunks_in(bucket: Path) -> list[Path]:
    return [path for path in (bucket / "v1/.parts").rglob("*") if path.is_file()]
