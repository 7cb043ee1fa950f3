# SPDX-License-Identifier: MPL-2.0

"""Archives and tokens for the tests of uploads."""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client

from tecken.accounts.models import User
from tecken.accounts.tokens.services import create_token

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
NAME = f"xul.pdb/{DEBUG_ID}/xul.sym"
TEXT = (
    f"MODULE windows x86_64 {DEBUG_ID} xul.pdb\n"
    "INFO CODE_ID 5cf2591c6859000 xul.dll\n"
    "INFO GENERATOR mozilla/dump_syms 2.3.4\n"
    "FILE 0 main.cc\n"
    "FUNC 1000 10 0 main\n"
    "1000 10 12 0\n"
).encode()
BINARY_NAME = f"xul.pdb/{DEBUG_ID}/xul.pd_"

Members = Mapping[str, bytes]
Post = Callable[..., HttpResponse]


def zipped(members: Members) -> bytes:
    """Make a zip of members, as any tool does, but the same whenever it is made."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def objects(bucket: Path) -> dict[str, bytes]:
    """Return what is in a bucket's folder, without the indexes and aliases."""
    return {key: data for key, data in _all(bucket).items() if not _is_alias(key)}


def aliases(bucket: Path) -> dict[str, str]:
    """Return what each alias in a bucket's folder points at."""
    return {key: data.decode() for key, data in _all(bucket).items() if _is_alias(key)}


def _all(bucket: Path) -> dict[str, bytes]:
    paths = [path for path in bucket.rglob("*") if path.is_file()]
    found = {str(path.relative_to(bucket)): path.read_bytes() for path in paths}
    return {key: data for key, data in found.items() if "/.index/" not in key and key[0] != "."}


def _is_alias(key: str) -> bool:
    return "/.native/" in key and (key.endswith(".alias") or "/names/" in key)


def make_token(*codenames: str, email: str) -> str:
    """Make a token with permissions that its owner has too; return its key."""
    user, _ = User.objects.get_or_create_by_email(email)
    permissions = list(Permission.objects.filter(codename__in=codenames))
    user.user_permissions.add(*permissions)
    return create_token(user, permissions, days=1, by=user).key


def send(post: Post, token: str, members: Members, **form: str) -> dict:
    """Upload members; return what is told of the upload."""
    response = post(members, token, **form)
    assert response.status_code == 201, response.content
    return response.json()["upload"]


def take_back(client: Client, upload: dict, token: str) -> None:
    path = f"/api/uploads/upload/{upload['id']}"
    assert client.delete(path, headers={"Auth-Token": token}).status_code == 200


def symbolicated(client: Client, name: str, debug_id: str) -> dict:
    """Return what v5 says of an address in ``outer`` of a module."""
    body = {"memoryMap": [[name, debug_id]], "stacks": [[[0, 0x10D]]]}
    response = client.post("/symbolicate/v5", body, content_type="application/json")
    assert response.status_code == 200
    return response.json()["results"][0]
