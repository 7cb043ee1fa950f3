# SPDX-License-Identifier: MPL-2.0

"""Who may do what: every URL, asked by every kind of person, and what each is answered.

`docs/permissions.md` has this as a page; ``TECKEN_WRITE_PAGES=1 pytest tests/api/test_permissions_page.py``
writes it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from string import Formatter
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.support.minidumps import DumpModule, DumpThread, write_minidump
from tests.upload.examples import BINARY_NAME, DEBUG_ID, NAME, TEXT, zipped

from tecken.accounts.models import User
from tecken.accounts.signin_links import make_link
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import create_token
from tecken.api.document import document
from tecken.upload.models import FileUpload, ResumableUpload, Upload
from tecken.web.sources import upload_source

OWNER = "owner@example.com"


@dataclass(frozen=True)
class Kind:
    """A kind of person, or of token. ``token`` are the permissions of one that is sent."""

    name: str
    says: str
    groups: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    fields: Mapping[str, bool] = field(default_factory=dict)
    token: tuple[str, ...] | None = None
    has_session: bool = False
    token_has_expired: bool = False


KINDS = (
    Kind("nobody", "neither session nor token"),
    Kind("signed in", "a session of somebody without any permission", has_session=True),
    Kind("uploader", "a session of one in *Uploaders*", ("Uploaders",), has_session=True),
    Kind(
        "try uploader",
        "a session of one who has `upload_try_symbols` alone",
        permissions=("upload_try_symbols",),
        has_session=True,
    ),
    Kind(
        "auditor", "a session of one in *Upload Auditors*", ("Upload Auditors",), has_session=True
    ),
    Kind("superuser", "a session of a superuser", fields={"is_superuser": True}, has_session=True),
    Kind(
        "inactive",
        "a session of a superuser who was switched off",
        fields={"is_superuser": True, "is_active": False},
        has_session=True,
    ),
    Kind(
        "blocked",
        "a session of an uploader, at the first request after being blocked in Auth0",
        ("Uploaders",),
        has_session=True,
    ),
    Kind(
        "T none",
        "a token without permissions, of a superuser",
        fields={"is_superuser": True},
        token=(),
    ),
    Kind("T upload", "a token with `upload_symbols`", ("Uploaders",), token=("upload_symbols",)),
    Kind(
        "T try", "a token with `upload_try_symbols`", ("Uploaders",), token=("upload_try_symbols",)
    ),
    Kind(
        "T view",
        "a token with `view_all_uploads`",
        ("Upload Auditors",),
        token=("view_all_uploads",),
    ),
    Kind(
        "T lost",
        "a token with `upload_symbols`, whose owner is in no group any more",
        token=("upload_symbols",),
    ),
    Kind(
        "T expired",
        "a token with `upload_symbols` that has expired",
        ("Uploaders",),
        token=("upload_symbols",),
        token_has_expired=True,
    ),
    Kind(
        "T inactive",
        "a token of one who was switched off",
        ("Uploaders",),
        fields={"is_active": False},
        token=("upload_symbols",),
    ),
    Kind(
        "T blocked",
        "a token of one who is blocked in Auth0",
        ("Uploaders",),
        token=("upload_symbols",),
    ),
)
BLOCKED = "blocked@example.com"
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass
class World:
    """Somebody else's things, and those of the person who asks."""

    other: User
    person: User
    kind: Kind
    stranger: Client  # of nobody, to look things up

    def upload(self, user: User) -> Upload:
        return Upload.objects.create(
            user=user, filename="symbols.zip", size=1, bucket_name="symbols", try_symbols=False
        )

    def file(self, user: User) -> FileUpload:
        """A file whose object is not there, so that none goes with it which others ask for."""
        return FileUpload.objects.create(
            upload=self.upload(user),
            bucket_name="symbols",
            key=f"v1/{BINARY_NAME}",
            update=False,
            compressed=True,
            original_size=1,
            debug_file="xul.pdb",
            debug_id=DEBUG_ID,
        )

    def resumable(self, user: User) -> ResumableUpload:
        """One that was begun with the permissions of whoever asks."""
        try_symbols = "try" in self.kind.name
        return ResumableUpload.objects.create(
            id="5f" * 16,
            user=user,
            filename="symbols.zip",
            size=10,
            source=upload_source(try_symbols=try_symbols).name,
            try_symbols=try_symbols,
            expires_at=timezone.now() + timedelta(1),
        )

    def deleted_keys(self) -> dict[str, object]:
        """A key of both."""
        for user in (self.person, self.other):
            self.file(user)
        return {"keys": [f"v1/{BINARY_NAME}"], "reason": "wrong"}

    def token(self, user: User) -> Token:
        return create_token(user, [], days=1, by="a test").token


@dataclass(frozen=True, eq=False)
class Call:
    """A request to a path of the document.

    ``ids`` make the things that the path names; ``body`` and ``query`` are what makes the request one
    that could be done.
    """

    method: str
    path: str
    note: str = ""
    ids: Mapping[str, Callable[[World], object]] = field(default_factory=dict)
    query: Callable[[World], str] = lambda _world: ""
    body: Callable[[World], Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, client: Client, world: World, headers: Mapping[str, str]) -> int:
        named = {name for _, name, _, _ in Formatter().parse(self.path) if name}
        path = self.path.format_map({name: self.ids[name](world) for name in named})
        url = path + self.query(world)
        options: dict[str, Any] = {"headers": {**headers, **self.headers}}
        body = self.body(world) if self.body else None
        if isinstance(body, bytes):
            options |= {"data": body, "content_type": "application/offset+octet-stream"}
        elif isinstance(body, str):
            options |= {"data": body, "content_type": "application/json"}
        elif body is not None:
            options["data"] = body
        response = getattr(client, self.method.lower())(url, **options)
        if response.streaming:  # it has a file open until it is read
            b"".join(response.streaming_content)
        return int(response.status_code)


def _is_of(who: str, thing: str) -> Callable[[World], object]:
    return lambda world: getattr(world, thing)(getattr(world, who)).pk


def store_a_file(key: str) -> None:
    """Upload a file, for whom a token belongs to, so that there is one to ask for."""
    response = Client().post("/upload/", _archive(), headers={"Auth-Token": key})
    assert response.status_code == 201


def _archive(_world: World | None = None) -> dict[str, object]:
    return {"symbols.zip": SimpleUploadedFile("symbols.zip", zipped({NAME: TEXT}))}


def _link(world: World) -> str:
    return make_link(world.other, by="a test")


def _uploading_permission(_world: World) -> dict[str, object]:
    return {"permissions": [Permission.objects.get(codename="upload_symbols").pk], "expires": 1}


_JOB = json.dumps({"memoryMap": [["xul.pdb", DEBUG_ID]], "stacks": [[[0, 4096]]], "version": 4})
_DUMP = write_minidump(
    [DumpModule("hello", DEBUG_ID, 0x400000, 0x10000)], [DumpThread(0x401000, bytes(64))]
)
_CHUNK = b"a chunk"
_CHUNK_NAME = hashlib.sha1(_CHUNK, usedforsecurity=False).hexdigest()
_SYMBOL = {
    "organization": lambda _: "any",
    "project": lambda _: "any",
    "debug_file": lambda _: "xul.pdb",
    "debug_id": lambda _: DEBUG_ID,
    "symbol_file": lambda _: "xul.sym",
    "file": lambda _: "xul.pdb",
    "some_id": lambda _: DEBUG_ID,
    "source": lambda world: world.stranger.get(f"/{NAME}")["Location"].split("/")[2],
    "object_key": lambda _: f"v1/{NAME}",
    "build_id": lambda _: "c6be8361",
    "section": lambda _: ".text",
    "source_path": lambda _: "src/main.c",
    "start": lambda _: DEBUG_ID[:2].lower(),
    "rest": lambda _: DEBUG_ID[2:].lower(),
    "role": lambda _: "breakpad",
}
_QUERIES = {
    "/api/find/": lambda _: f"?key={NAME}",
    "/api/lookup/": lambda _: f"?q={NAME}",
    "/api/modules/": lambda _: "?debug_file=xul.pdb",
    "/api/source-lines/": lambda _: f"?debug_id={DEBUG_ID}",
    "/api/near/": lambda _: f"?debug_file=xul.pdb&debug_id={DEBUG_ID}",
    "/__benchmarking__/caching-vs-boto/": lambda _: f"?symbol_path={NAME}&iterations=1",
}
_BODIES: Mapping[tuple[str, str], Callable[[World], Any]] = {
    ("POST", "/upload/"): _archive,
    ("PATCH", "/upload/resumable/{resumable_id}"): lambda _: b"x",
    ("POST", "/api/0/organizations/{organization}/chunk-upload/"): lambda _: {
        "file": SimpleUploadedFile(_CHUNK_NAME, _CHUNK)
    },
    ("POST", "/api/0/projects/{organization}/{project}/files/difs/assemble/"): lambda _: "{}",
    ("POST", "/upload/check"): lambda _: json.dumps({"files": []}),
    ("POST", "/"): lambda _: _JOB,
    ("POST", "/symbolicate/v4"): lambda _: _JOB,
    ("POST", "/symbolicate/v5"): lambda _: _JOB,
    ("POST", "/symbolicate/text"): lambda _: "no frame",
    ("POST", "/symbolicate/minidump"): lambda _: _DUMP,
    ("POST", "/api/tokens/"): _uploading_permission,
    ("POST", "/api/tokens/token/{token_id}/extend"): lambda _: {"days": 1},
    ("POST", "/api/uploads/created/backfilled/"): lambda _: {"days": 1},
    ("POST", "/api/_users/user/{user_id}"): lambda _: {"is_active": True},
    ("POST", "/api/uploads/delete"): lambda world: world.deleted_keys(),
    ("POST", "/api/tasks/retry"): lambda _: {"failed": True},
    ("POST", "/api/tasks/drop"): lambda _: {"failed": True},
    ("POST", "/signin-link/"): lambda world: {"key": _link(world)},
}
_THINGS = {
    "upload_id": "upload",
    "file_id": "file",
    "token_id": "token",
    "resumable_id": "resumable",
}
_OF_TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "10",
    "Upload-Metadata": "filename YS56aXA=",
    "Upload-Offset": "0",
}


def calls() -> Iterator[Call]:
    """Yield a call of each operation of the document; two where it matters whose a thing is."""
    for path, operations in document()["paths"].items():
        for name in ("get", "head", "post", "put", "patch", "delete"):
            if name in operations:
                yield from _calls(name.upper(), path)


def _calls(method: str, path: str) -> Iterator[Call]:
    body = _BODIES.get((method, path))
    query = _QUERIES.get(path, lambda _: "")
    headers = _OF_TUS if path.startswith("/upload/resumable/") else {}
    if (method, path) == ("GET", "/signin-link/"):
        query = lambda world: f"?key={_link(world)}"  # noqa: E731 - beside the others
    thing = next((name for name in _THINGS if f"{{{name}}}" in path), None)
    if thing is None:
        ids = {**_SYMBOL, "user_id": lambda world: world.other.pk}
        yield Call(method, path, "", ids, query, body, headers)
        return
    for who, note in (("person", "one's own"), ("other", "another's")):
        ids = {thing: _is_of(who, _THINGS[thing])}
        yield Call(method, path, note, ids, query, body, headers)


@dataclass(frozen=True)
class Asker:
    """Somebody of a kind, who asks everything."""

    world: World
    client: Client
    headers: Mapping[str, str]

    @classmethod
    def of(cls, kind: Kind, stranger: Client) -> "Asker":
        """Make the person, and the session or the token that is sent."""
        name = BLOCKED if "blocked" in kind.name else f"{kind.name.replace(' ', '-')}@example.com"
        person, _ = User.objects.get_or_create(email=name, defaults=kind.fields)
        person.user_permissions.set(Permission.objects.filter(codename__in=kind.permissions))
        person.groups.set(Group.objects.filter(name__in=kind.groups))
        if name != BLOCKED:  # or Auth0 would be asked with every request, as nothing is left behind
            User.objects.filter(pk=person.pk).update(provider_checked_at=timezone.now())
            person.refresh_from_db()
        other, _ = User.objects.get_or_create_by_email(OWNER)
        client, headers = Client(), {}
        client.handler = stranger.handler  # to load the middleware takes longer than a request
        if kind.has_session:
            client.force_login(person)
        if kind.token is not None:
            permissions = list(Permission.objects.filter(codename__in=kind.token))
            new = create_token(person, permissions, days=1, by="a test")
            if kind.token_has_expired:
                past = timezone.now() - timedelta(1)
                Token.objects.filter(pk=new.token.pk).update(expires_at=past)
            headers["Auth-Token"] = new.key
        return cls(World(other, person, kind, stranger), client, headers)

    def status(self, call: Call) -> int:
        """Return what this person is answered. The call leaves nothing behind."""
        cache.clear()  # of how often somebody did this or that, and who was blocked
        cookies = self.client.cookies.copy()
        with transaction.atomic():
            found = call.send(self.client, self.world, self.headers)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return found


Table = Mapping[Call, Sequence[int]]

_HEAD = """# Who may do what

<!-- Written by `TECKEN_WRITE_PAGES=1 pytest tests/api/test_permissions_page.py`, which compares it otherwise. -->

The status with which each kind of person is answered, on every URL, for a request that is otherwise right. Sessions send
their CSRF token: without it every request that changes something is answered 403, except for symbolication and
`/__task_tester__`, which do not look at sessions; and below `/api/0/`, which takes tokens alone (401 without one). The pages of the web app are 200 for everybody but a token that is
refused (403): what they show comes from `/api/`.

A URL that is not served to some is served by others in the same way: 404 means that a thing is not there, or, of `tokens`, of DELETE
and of uploads that can go on, not one's own. 403 has a sentence that says why.

This is a public server. On a [private one](private-server.md) nobody reads symbols without being known: all that is 200 or 302 for
*nobody* below, but for pages, signing in and what is for machines, is 403 then (404 where debuggers ask), and the same as here for everybody else, who may also
make and extend tokens of their own.

"""


def page(table: Table) -> str:
    """Return the page that shows a table."""
    lines = [_HEAD.rstrip(), "", "| | |", "| --- | --- |"]
    lines += [f"| {kind.name} | {kind.says} |" for kind in KINDS]
    tags = document()["tags"]
    for tag in tags:
        rows = [(call, found) for call, found in table.items() if _tag(call) == tag["name"]]
        if not rows:
            continue
        names = " | ".join(kind.name for kind in KINDS)
        lines += ["", f"## {tag['description']}", "", f"| | {names} |"]
        lines.append("| --- " * (len(KINDS) + 1) + "|")
        lines += [f"| {_label(call)} | {' | '.join(map(str, found))} |" for call, found in rows]
    return "\n".join(lines) + "\n"


def _tag(call: Call) -> str:
    return str(document()["paths"][call.path][call.method.lower()]["tags"][0])


def _label(call: Call) -> str:
    return f"{call.method} `{call.path}`" + (f", {call.note}" if call.note else "")
