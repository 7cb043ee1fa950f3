# SPDX-License-Identifier: MPL-2.0
"""Requests that make no sense, to each operation of the interface: none is answered with 500.

The two databases refuse different things: PostgreSQL, NUL characters and lone surrogates in texts;
both, numbers beyond 64 bits.
"""

import itertools
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import create_token
from tecken.api.document import document

NUMBERS = ("0", "-1", str(2**31), str(2**63), "9" * 400, "9" * 5_000)
TEXTS = (
    *("%00", "a%00b", "%ED%A0%80", "%ff%fe", "%F0%9F%98%80", "%", "", "%2C%2C", "!", "%3C%3D" + "9" * 30),
    *("%3E%3D%D9%A1", "NaN", "9999-12-31T23:59:59.999999%2B00:00", "0000-00-00", "'%22;--", "%5C"),
    *("a" * 5_000, "%2E%2E/%2E%2E", "http://[", "//[::1"),
)  # fmt: skip
QUERIES = ("=", "&&&", "a[]=1&a[]=2", "%00=1", "%ff=%ff", "page", ";", "=".join("a" * 100))
VALUES = (
    *(None, True, 0, -1, 2**31, 2**63, 2**64, 10**400, -(10**30), 1.5, 1e308, "", " ", "\0", "a\0b"),
    *("1", "true", "\ud800", "\U0001f600", "a" * 100_000, [], [[]], [None], [0], [-1], [2**63], [2**64]),
    *([10**400], ["1"], ["\0"], [1.5], [True], list(range(5_000)), {}, {"a": 1}),
)  # fmt: skip
BODIES = (
    *(b"\xff", b'{"notes": "\xff"}', b'{"\xff": 1}', b'{"notes": "\xed\xa0\x80"}', b"\xef\xbb\xbf{}"),
    *(b"", b"{", b"[]", b"1", b"null", b'"a"', b"NaN", b"{}{}", b"[" * 100_000, b'{"a":' * 100_000),
    *(b'{"days": 1e999}', b'{"days": NaN}', b'{"days": ' + b"9" * 5_000 + b"}", b"\0", b"\xff\xfe{\0}\0"),
    *(b"days=%00", b"days=%ff", b"notes=%ED%A0%80", b"&=&=", b"permissions=%FF&permissions=9" * 100),
    *(b"--b\r\n", b'--b\r\nContent-Disposition: form-data; name="notes"\r\n\r\n\xff\r\n--b--\r\n'),
    *(b'--b\r\nContent-Disposition: form-data; name="notes"\r\n\r\na\0\r\n--b--\r\n', b"--b--\r\n"),
    b'--b\r\nContent-Disposition: form-data; name="days"; filename="a"\r\n\r\na\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="days"\r\nContent-Transfer-Encoding: base64\r\n\r\na\r\n--b--\r\n',
)  # fmt: skip
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TYPES = (JSON, FORM, "multipart/form-data; boundary=b")
ODD_TYPES = (
    *(f"{JSON}; charset=utf-42", f"{JSON}; charset=utf-16", f"{FORM}; charset=nonsense", "text/plain", "", "\0"),
    *("multipart/form-data", "multipart/form-data; boundary=\xff", "multipart/form-data; boundary=" + "b" * 300),
)  # fmt: skip

OPERATIONS = [
    (method, path, [found["name"] for found in operation.get("parameters", []) if found["in"] == "query"])
    for path, item in document()["paths"].items()
    for method, operation in item.items()
    if path.startswith("/api/") and method in {"get", "post", "put", "patch", "delete"}
]  # fmt: skip
WRITES = [(method, path) for method, path, _ in OPERATIONS if method != "get"]


@pytest.fixture
def client(db: None) -> Client:
    """A superuser's, which shows what it is answered also where a view fails."""
    root = User.objects.create(email="root@example.com", is_superuser=True)
    new = create_token(root, [], days=1, notes="", by=root)
    Token.objects.filter(pk=new.token.pk).update(id=root.pk)  # what a path asks for
    client = Client(raise_request_exception=False)
    client.force_login(root)
    return client


@pytest.fixture
def known(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The same client, whose session and permissions are looked up once, and not for each of thousands of requests.

    Whatever a request made of that user, the next ones are a superuser's, too.
    """
    root = User.objects.get()
    monkeypatch.setattr("tecken.accounts.middleware.get_user", lambda _request: root)
    return client


def alike(path: str, method: str, names: list[str]) -> list[list[str]]:
    """Return names of parameters, together where the document says the same of them."""
    groups: dict[str, list[str]] = {}
    for found in document()["paths"][path][method].get("parameters", []):
        if found["name"] in names:
            says = json.dumps({key: value for key, value in found.items() if key != "name"})
            groups.setdefault(says, []).append(found["name"])
    return list(groups.values())


def paths(path: str, values: tuple[str, ...]) -> Iterator[str]:
    """Each value in place of what varies in a path; the path itself, where nothing does."""
    if "{" not in path:
        return iter([path])
    return (re.sub(r"\{[^}]*\}", value, path) for value in values)


def fails(client: Client, method: str, url: str, body: bytes = b"", kind: str = "") -> str | None:
    """Ask, and return what was asked if the answer is that of a fault."""
    path, _, query = url.partition("?")
    asked = {"data": body, "content_type": kind, "QUERY_STRING": query}
    answer = client.generic(method.upper(), path, **asked)
    if answer.status_code < 500:
        return None
    return (
        f"{method} {url[:200]} {kind} {body[:80]!r}: {answer.status_code} {answer.content[:200]!r}"
    )


@pytest.mark.parametrize(("method", "path", "parameters"), OPERATIONS)
def test_odd_paths_and_queries(
    known: Client, method: str, path: str, parameters: list[str]
) -> None:
    urls = list(paths(path, (*NUMBERS, *TEXTS)))
    [plain] = itertools.islice(paths(path, ("1",)), 1)
    for names in alike(path, method, parameters):
        values = (NUMBERS[-1], *TEXTS)
        urls += [f"{plain}?{'&'.join(f'{name}={value}' for name in names)}" for value in values]
    urls += [f"{plain}?{query}" for query in QUERIES]
    assert [found for url in urls if (found := fails(known, method, url))] == []


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_odd_bodies(known: Client, method: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of each body that can be read thirty days would be counted.
    monkeypatch.setattr("tecken.api.routers.created.count_days", lambda days: days)
    [url] = itertools.islice(paths(path, (str(User.objects.get().pk),)), 1)
    asked = (*itertools.product(BODIES, TYPES), *itertools.product(BODIES[:4], ODD_TYPES))
    assert [found for asks in asked if (found := fails(known, method, url, *asks))] == []


RIGHT = {"notes": "a", "expires": 7, "days": 7, "permissions": [], "groups": []}
FIELDS = {
    "/api/tokens/": ("notes", "expires", "permissions"),
    "/api/tokens/token/{token_id}/extend": ("days",),
    "/api/_users/user/{user_id}": ("groups", "is_active", "is_superuser"),
}


@pytest.mark.parametrize(
    ("path", "field"), [(path, field) for path, fields in FIELDS.items() for field in fields]
)
def test_odd_fields(known: Client, path: str, field: str) -> None:
    [url] = itertools.islice(paths(path, (str(User.objects.get().pk),)), 1)
    asked = [(json.dumps({**RIGHT, field: value}).encode(), JSON) for value in VALUES]
    texts = [str(value) for value in VALUES if not isinstance(value, (list, dict))]
    asked += [(f"{field}={quote(text, errors='surrogatepass')}".encode(), FORM) for text in texts]
    assert [found for asks in asked if (found := fails(known, "post", url, *asks))] == []


@pytest.mark.parametrize(
    "name", ["Auth-Token", "X-CSRFToken", "Cookie", "Accept", "X-Forwarded-For"]
)
def test_odd_headers(client: Client, name: str) -> None:
    values = (
        "\0",
        "\xff",
        "a\0-b",
        "-",
        "-" * 5_000,
        "sessionid=\0; csrftoken=\xff",
        'sessionid="\\377"',
    )
    asked = [client.post("/api/tokens/", {"notes": "a"}, headers={name: value}) for value in values]
    assert [answer.status_code for answer in asked if answer.status_code >= 500] == []
