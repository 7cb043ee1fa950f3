# SPDX-License-Identifier: MPL-2.0

"""Every kind of request that ``POST /upload/`` refuses, with the answer it gets.

`docs/refusals.md` has this as a page; ``TECKEN_WRITE_PAGES=1 pytest tests/upload/test_refusals.py``
writes it.
"""

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.support.scripted_server import Answer, ScriptedServer
from tests.upload import bad_archives
from tests.upload.bad_archives import GOOD
from tests.upload.examples import BINARY_NAME, NAME, TEXT, zipped

MULTIPART = "multipart/form-data; boundary=b"
# Stands in messages for the server that archives are fetched from.
WEB = "https://host"


@dataclass(frozen=True)
class Sender:
    """Sends what is to be refused, as somebody who may upload unless ``token`` is another's."""

    client: Client
    token: str | None
    web: ScriptedServer

    def form(self, **fields: object) -> HttpResponse:
        return self.client.post("/upload/", fields, headers=self._headers())

    def archive(self, data: bytes, name: str = "symbols.zip", **form: str) -> HttpResponse:
        return self.form(**form, file=SimpleUploadedFile(name, data))

    def members(self, members: Mapping[str, bytes]) -> HttpResponse:
        return self.archive(zipped(members))

    def body(self, body: bytes, content_type: str, method: str = "POST") -> HttpResponse:
        headers = self._headers()
        return self.client.generic(method, "/upload/", body, content_type, headers=headers)

    def fetched(self, answer: Answer, path: str = "/symbols.zip") -> HttpResponse:
        self.web.routes["/symbols.zip"] = answer
        return self.form(url=self.web.url + path)

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Auth-Token": self.token}


@dataclass(frozen=True)
class Refusal:
    """A request, who sends it, and its answer."""

    what: str
    status: int
    message: str
    send: Callable[[Sender], HttpResponse]
    settings: Mapping[str, object] = field(default_factory=dict)
    who: str = "uploader"


def archive(data: bytes, **form: str) -> Callable[[Sender], HttpResponse]:
    return lambda sender: sender.archive(data, **form)


def named(name: str) -> Callable[[Sender], HttpResponse]:
    return lambda sender: sender.archive(GOOD, name)


def member(name: str, data: bytes = TEXT) -> Callable[[Sender], HttpResponse]:
    return lambda sender: sender.members({name: data})


def two_members(sender: Sender) -> HttpResponse:
    return sender.members({NAME: TEXT, BINARY_NAME: TEXT})


def two_files(sender: Sender) -> HttpResponse:
    files = {name: SimpleUploadedFile(name, GOOD) for name in ("a.zip", "b.zip")}
    return sender.form(**files)


def url(text: str) -> Callable[[Sender], HttpResponse]:
    return lambda sender: sender.form(url=text)


def fetched(answer: Answer, path: str = "/symbols.zip") -> Callable[[Sender], HttpResponse]:
    return lambda sender: sender.fetched(answer, path)


def redirected(location: str) -> Callable[[Sender], HttpResponse]:
    return fetched(Answer(302, headers={"Location": location}))


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


def slow() -> Iterator[bytes]:
    time.sleep(1)  # beyond the time-out of the test
    yield b"x"


def dripping() -> Iterator[bytes]:
    while True:
        time.sleep(0.05)
        yield b"x"


def file_and_url(sender: Sender) -> HttpResponse:
    return sender.archive(GOOD, url=sender.web.url + "/symbols.zip")


RULES = {
    "ALLOW_UPLOAD_BY_ANY_DOMAIN": False,
    "ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS": ("localhost", "127.0.0.1", "2130706433", "::1"),
}
FULL_ID = "F" * 33
LONG = "x" * 256
REFUSALS: dict[str, list[Refusal]] = {
    "Requests": [
        Refusal(
            "no token",
            403,
            "This requires an Auth-Token to authenticate the request",
            lambda sender: sender.form(),
            who="nobody",
        ),
        Refusal("a token that is none", 403, "API Token not matched", archive(GOOD), who="wrong"),
        Refusal(
            "a token without a permission to upload",
            403,
            "Forbidden",
            archive(GOOD),
            who="stranger",
        ),
        Refusal("a token that may only look", 403, "Forbidden", archive(GOOD), who="auditor"),
        Refusal(
            "GET",
            405,
            "Method Not Allowed (GET): /upload/",
            lambda sender: sender.body(b"", "", "GET"),
        ),
        Refusal(
            "PUT",
            405,
            "Method Not Allowed (PUT): /upload/",
            lambda sender: sender.body(GOOD, "application/zip", "PUT"),
        ),
        Refusal(
            "an empty body",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(b"", ""),
        ),
        Refusal(
            "a form without fields",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(b"--b--\r\n", MULTIPART),
        ),
        Refusal(
            "a form that is no form",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(b"text", MULTIPART),
        ),
        Refusal(
            "a form without boundary",
            400,
            "Invalid boundary in multipart: None",
            lambda sender: sender.body(b"text", "multipart/form-data"),
        ),
        Refusal(
            "an archive in place of a form",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(GOOD, "application/zip"),
        ),
        Refusal(
            "JSON",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(b"{}", "application/json"),
        ),
        Refusal(
            "a form of other fields",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.body(b"a=b", "application/x-www-form-urlencoded"),
        ),
        Refusal(
            "a text where the file should be",
            400,
            "Must be multipart form data with at least one file",
            lambda sender: sender.form(file="text"),
        ),
        Refusal("two files", 400, "Must be multipart form data with only one file", two_files),
        Refusal(
            "a file and a URL", 400, "Must be multipart form data with only one file", file_and_url
        ),
        Refusal(
            "another archive",
            400,
            'Unrecognized archive file extension ".rar"',
            named("symbols.rar"),
        ),
        Refusal(
            "a compressed tar file",
            400,
            'Unrecognized archive file extension ".gz"',
            named("symbols.tar.gz"),
        ),
        Refusal(
            "a name without extension",
            400,
            'Unrecognized archive file extension ""',
            named("symbols"),
        ),
        Refusal(
            "a bucket that the uploader may not use",
            403,
            "No valid bucket",
            archive(GOOD, bucket_name="private"),
        ),
        Refusal(
            "a regular bucket, with a try token",
            403,
            "No valid bucket",
            archive(GOOD, bucket_name="private"),
            who="try_uploader",
        ),
    ],
    "Archives": [
        Refusal("no bytes", 400, "File is not a zip file", archive(b"")),
        Refusal("no zip", 400, "File is not a zip file", archive(b"text")),
        Refusal("a zip without members", 400, "File is not a zip file", archive(zipped({}))),
        Refusal("folders only", 400, "File is not a zip file", member("xul.pdb/", b"")),
        Refusal("an archive without its end", 400, "File is not a zip file", archive(GOOD[:-20])),
        Refusal(
            "an archive without its beginning", 400, "File is not a zip file", archive(GOOD[40:])
        ),
        Refusal(
            "one part of several",
            400,
            "File is not a zip file",
            archive(bad_archives.with_end_field(4, 1)),
        ),
        Refusal(
            "more entries than there are",
            400,
            "File is not a zip file",
            archive(bad_archives.with_end_field(10, 2)),
        ),
        Refusal(
            "more entries than there are, twice",
            400,
            "File is not a zip file",
            archive(bad_archives.with_entries(2)),
        ),
        Refusal(
            "a wrong checksum",
            400,
            f"'{NAME}' is damaged: wrong size or checksum",
            archive(bad_archives.with_field(14, 16, 1)),
        ),
        Refusal(
            "damaged content",
            400,
            f"'{NAME}' is damaged: Error -1 Invalid deflate block found",
            archive(bad_archives.with_damaged_content()),
        ),
        Refusal(
            "a member that is larger than it says",
            400,
            f"'{NAME}' is larger than it claims to be",
            archive(bad_archives.with_field(22, 24, 9)),
        ),
        Refusal(
            "a member that is smaller than it says",
            400,
            f"'{NAME}' is damaged: wrong size or checksum",
            archive(bad_archives.with_field(22, 24, 1000)),
        ),
        Refusal(
            "an encrypted member",
            400,
            f"'{NAME}' is encrypted",
            archive(bad_archives.with_field(6, 8, 1, size=2)),
        ),
        Refusal(
            "a symbolic link",
            400,
            f"'{NAME}' is a symbolic link",
            archive(bad_archives.symbolic_link()),
        ),
        Refusal(
            "a member compressed by bzip2",
            400,
            f"'{NAME}' is compressed by method 12; only deflate is supported",
            archive(bad_archives.by_method(zipfile.ZIP_BZIP2)),
        ),
        Refusal(
            "a member compressed by LZMA",
            400,
            f"'{NAME}' is compressed by method 14; only deflate is supported",
            archive(bad_archives.by_method(zipfile.ZIP_LZMA)),
        ),
        Refusal(
            "members that share bytes",
            400,
            f"'{NAME}2' overlaps another member of the archive",
            archive(bad_archives.overlapping()),
        ),
        Refusal(
            "a member that has another name in its own header",
            400,
            f"'{NAME}' is called '{NAME.replace('xul.sym', 'xxx.sym')}' in its own header",
            archive(bad_archives.called_otherwise_in_its_header()),
        ),
        Refusal(
            "other sizes in a member's own header",
            400,
            f"'{NAME}' has other sizes or another checksum in its own header",
            archive(GOOD[:22] + b"\1\0\0\0" + GOOD[26:]),
        ),
        Refusal(
            "a member that the directory does not have",
            400,
            f"The archive has 208 bytes before '{NAME}' that belong to no member",
            archive(bad_archives.with_hidden_member()),
        ),
        Refusal(
            "a program that unpacks itself",
            400,
            "The archive has 4 bytes that belong to no member, before it or after its directory",
            archive(b"MZ\0\0" + GOOD),
        ),
        Refusal(
            "two archives in one",
            400,
            "The archive has several ends, or a comment that looks like one",
            archive(GOOD + b"PK\5\6"),
        ),
        Refusal(
            "a name with NUL",
            400,
            r"'\x00ul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym' has a NUL in its name",
            archive(GOOD.replace(b"xul.pdb", b"\0ul.pdb")),
        ),
        Refusal(
            "a name of more than 1,024 bytes",
            400,
            "The archive has a name of more than 1024 bytes",
            member("a" * 1025),
        ),
        Refusal(
            "two members of one name and other sizes",
            400,
            f"The zipfile buffer contains two files both called {NAME} and they have difference sizes (4 != 3)",
            archive(bad_archives.twins(b"one", b"four")),
        ),
        Refusal(
            "two members of one name and other contents",
            400,
            f"The zipfile buffer contains two files both called {NAME} and they have different contents",
            archive(bad_archives.twins(b"one", b"two")),
        ),
        Refusal(
            "two members of one name and checksum and other contents",
            400,
            f"The zipfile buffer contains two files both called {NAME} and they have different contents",
            archive(bad_archives.twins(b"plumless", b"buckeroo")),
        ),
    ],
    "Names of members": [
        Refusal(
            "one part",
            400,
            "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else. (First unrecognized pattern was xul.sym)",
            member("xul.sym"),
        ),
        Refusal(
            "two parts",
            400,
            "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else. (First unrecognized pattern was xul.pdb/xul.sym)",
            member("xul.pdb/xul.sym"),
        ),
        Refusal(
            "four parts",
            400,
            f"Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else. (First unrecognized pattern was symbols/{NAME})",
            member(f"symbols/{NAME}"),
        ),
        Refusal(
            "an id that is not hexadecimal",
            400,
            "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else. (First unrecognized pattern was xul.pdb/HEX/xul.sym)",
            member("xul.pdb/HEX/xul.sym"),
        ),
        Refusal(
            "a list of symbols in a folder",
            400,
            "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt and nothing else. (First unrecognized pattern was a/target-symbols.txt)",
            member("a/target-symbols.txt"),
        ),
        Refusal(
            "an absolute path",
            400,
            f"The path '/{NAME}' leads out of the archive",
            member(f"/{NAME}"),
        ),
        Refusal(
            "a path that leads out",
            400,
            f"The path '../{NAME}' leads out of the archive",
            member(f"../{NAME}"),
        ),
        Refusal(
            "a path that leads out in the middle",
            400,
            "The path 'xul.pdb/../xul.sym' leads out of the archive",
            member("xul.pdb/../xul.sym"),
        ),
        Refusal(
            "an empty part",
            400,
            "'xul.pdb//xul.sym' can never be stored: '' is empty",
            member("xul.pdb//xul.sym"),
        ),
        Refusal(
            "a dot as a part",
            400,
            "'./ABC/xul.sym' can never be stored: '.' is not a file name",
            member("./ABC/xul.sym"),
        ),
        Refusal(
            "a percent sign",
            400,
            "Invalid character in filename 'xul.pdb/ABC/x%ul.sym'",
            member("xul.pdb/ABC/x%ul.sym"),
        ),
        Refusal(
            "a quote",
            400,
            "Invalid character in filename 'xul.pdb/ABC/x'ul.sym'",
            member("xul.pdb/ABC/x'ul.sym"),
        ),
        Refusal(
            "a backslash",
            400,
            "Invalid character in filename 'xul.pdb/ABC/x\\ul.sym'",
            member("xul.pdb/ABC/x\\ul.sym"),
        ),
        Refusal(
            "a control character",
            400,
            "Invalid character in filename 'xul.pdb/ABC/x\x07ul.sym'",
            member("xul.pdb/ABC/x\x07ul.sym"),
        ),
        Refusal(
            "a letter of Latin-1",
            400,
            "Invalid character in filename 'xul.pdb/ABC/xül.sym'",
            member("xul.pdb/ABC/xül.sym"),
        ),
        Refusal(
            "a reserved name",
            400,
            "'.index/ABC/xul.sym' can never be stored: '.index' is a reserved name",
            member(".index/ABC/xul.sym"),
        ),
        Refusal(
            "another reserved name",
            400,
            "'.meta/ABC/xul.sym' can never be stored: '.meta' is a reserved name",
            member(".meta/ABC/xul.sym"),
        ),
        Refusal(
            "a part of more than 255 bytes",
            400,
            f"'{LONG}/ABC/x.sym' can never be stored: '{LONG}' is longer than 255 bytes",
            member(f"{LONG}/ABC/x.sym"),
        ),
        Refusal(
            "a forbidden text in the name of a member",
            400,
            "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
            member("qcom/proprietary/xul.sym"),
        ),
    ],
    "Contents": [
        Refusal(
            "a forbidden text",
            400,
            "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
            member(NAME, TEXT + b"FILE 1 src/qcom/proprietary/a.cc\n"),
        ),
        Refusal(
            "a forbidden text in a binary",
            400,
            "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
            member(BINARY_NAME, b"\0" * 200_000 + b"qcom/proprietary"),
        ),
        Refusal(
            "a forbidden text in a member that is not stored",
            400,
            "Content of archive file contains the snippet 'qcom/proprietary' which is not allowed",
            member("a-symbols.txt", b"qcom/proprietary"),
        ),
        Refusal(
            "another module than the path says",
            400,
            "The MODULE line of xul.pdb/FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF/xul.sym has the debug id 44E4EC8C2F41492B9369D6B9A059577C2",
            member(f"xul.pdb/{FULL_ID}/xul.sym"),
        ),
    ],
    "Limits": [
        Refusal(
            "more members than allowed",
            413,
            "The archive has 2 members, and 1 are allowed",
            two_members,
            {"UPLOAD_MAX_MEMBERS": 1},
        ),
        Refusal(
            "a member with more bytes than allowed",
            413,
            f"'{NAME}' has 188 bytes, and 100 are allowed",
            two_members,
            {"UPLOAD_MAX_MEMBER_BYTES": 100},
        ),
        Refusal(
            "members with more bytes than allowed",
            413,
            "The files of the archive have 376 bytes, and 300 are allowed",
            two_members,
            {"UPLOAD_MAX_TOTAL_BYTES": 300},
        ),
        Refusal(
            "an archive with more bytes than allowed",
            413,
            "The archive is too large: at most 300 bytes are allowed",
            two_members,
            {"UPLOAD_MAX_ARCHIVE_BYTES": 300},
        ),
        Refusal(
            "a bomb",
            413,
            f"'{NAME}' is compressed more than 200 times",
            member(NAME, b"\0" * (17 << 20)),
        ),
        Refusal(
            "a bomb of many members",
            413,
            "The archive is compressed more than 200 times",
            lambda sender: sender.members({f"{NAME}{n}": b"\0" * (1 << 20) for n in range(17)}),
        ),
    ],
    "URLs": [
        Refusal(
            "no URL", 400, "'symbols.zip' is not a URL that can be fetched", url("symbols.zip")
        ),
        Refusal(
            "a file of the server",
            400,
            "'file:/etc/symbols.zip' is not a URL that can be fetched",
            url("file:///etc/symbols.zip"),
        ),
        Refusal(
            "FTP",
            400,
            "'ftp://host/symbols.zip' is not a URL that can be fetched",
            url("ftp://host/symbols.zip"),
        ),
        Refusal(
            "a host that is none",
            400,
            "'http://[::1/symbols.zip' is not a URL: Invalid port: ':1'",
            url("http://[::1/symbols.zip"),
        ),
        Refusal(
            "a port that is none",
            400,
            "'http://host:99999/symbols.zip' is not a URL: it has no port 99999",
            url("http://host:99999/symbols.zip"),
        ),
        Refusal(
            "a password",
            400,
            "A URL with a user name or password is not fetched",
            url("https://user:password@host/symbols.zip"),
        ),
        Refusal(
            "a URL of more than 8,192 characters",
            400,
            "The URL is longer than 8192 characters",
            url("https://host/" + "x" * 8192 + ".zip"),
        ),
        Refusal(
            "a URL of another file than a zip",
            400,
            'Unrecognized archive file extension ".rar"',
            url("https://host/symbols.rar"),
        ),
        Refusal("http", 400, "Insecure URL", url("http://localhost/symbols.zip"), RULES),
        Refusal(
            "a host that is not allowed",
            400,
            "Not an allowed domain ('evil.example') to download from.",
            url("https://evil.example/symbols.zip"),
            RULES,
        ),
        Refusal(
            "an allowed host as a part of another",
            400,
            "Not an allowed domain ('localhost.evil.example') to download from.",
            url("https://localhost.evil.example/symbols.zip"),
            RULES,
        ),
        Refusal(
            "a name of this machine",
            400,
            "'localhost' has the address 127.0.0.1, which is not a public one",
            url("https://localhost/symbols.zip"),
            RULES,
        ),
        Refusal(
            "a loopback address",
            400,
            "'127.0.0.1' has the address 127.0.0.1, which is not a public one",
            url("https://127.0.0.1/symbols.zip"),
            RULES,
        ),
        Refusal(
            "a loopback address as a number",
            400,
            "'2130706433' has the address 127.0.0.1, which is not a public one",
            url("https://2130706433/symbols.zip"),
            RULES,
        ),
        Refusal(
            "a loopback address of IPv6",
            400,
            "'::1' has the address ::1, which is not a public one",
            url("https://[::1]/symbols.zip"),
            RULES,
        ),
        Refusal(
            "a file that is not there",
            400,
            "https://host/symbols.zip can't be found (404)",
            fetched(Answer(404)),
        ),
        Refusal(
            "a file that is gone",
            400,
            "https://host/symbols.zip can't be found (410)",
            fetched(Answer(410)),
        ),
        Refusal(
            "a file that nobody may read",
            400,
            "https://host/symbols.zip can't be fetched (403)",
            fetched(Answer(403)),
        ),
        Refusal(
            "an answer without a file",
            400,
            "https://host/symbols.zip can't be fetched (204)",
            fetched(Answer(204)),
        ),
        Refusal(
            "a loop of redirects",
            400,
            "Too many redirects trying to open https://host/symbols.zip",
            redirected("/symbols.zip"),
        ),
        Refusal(
            "a redirect to a file of the server",
            400,
            "'file:/etc/symbols.zip' is not a URL that can be fetched",
            redirected("file:///etc/symbols.zip"),
        ),
        Refusal(
            "a redirect to what is no URL",
            400,
            "'http://[::1/symbols.zip' is not a URL: Invalid port: ':1'",
            redirected("http://[::1/symbols.zip"),
        ),
        Refusal(
            "an error of the other server",
            503,
            "https://host/symbols.zip cannot be fetched now: the server answered 500",
            fetched(Answer(500)),
        ),
        Refusal(
            "another server that is busy",
            503,
            "https://host/symbols.zip cannot be fetched now: the server answered 429",
            fetched(Answer(429)),
        ),
        Refusal(
            "a body that is shorter than its length",
            503,
            "https://host/symbols.zip cannot be fetched now: peer closed connection without sending complete message body (received 50 bytes, expected 352)",
            fetched(Answer(body=GOOD, cut_after=50)),
        ),
        Refusal(
            "a body without an end",
            413,
            "The archive is too large: at most 1000000 bytes are allowed",
            fetched(Answer(chunks=endless)),
            {"UPLOAD_MAX_ARCHIVE_BYTES": 1000000},
        ),
        Refusal(
            "a body that is no zip", 400, "File is not a zip file", fetched(Answer(body=b"text"))
        ),
        Refusal(
            "a page of errors with status 200",
            400,
            "File is not a zip file",
            fetched(Answer(body=b"<html>")),
        ),
        Refusal(
            "a server that does not answer in time",
            503,
            "https://host/symbols.zip cannot be fetched now: the server did not answer in time",
            fetched(Answer(chunks=slow)),
            {"UPLOAD_URL_READ_TIMEOUT": 0.3},
        ),
        Refusal(
            "a server that takes too long",
            503,
            "https://host/symbols.zip cannot be fetched now: it took too long",
            fetched(Answer(chunks=dripping)),
            {"UPLOAD_URL_TOTAL_TIMEOUT": 0.5},
        ),
    ],
}


def page() -> str:
    """Return the page of the documentation."""
    parts = [_INTRODUCTION]
    for title, refusals in REFUSALS.items():
        rows = [f"| {each.what} | {each.status} | {_cell(each.message)} |" for each in refusals]
        parts.append(
            "\n".join(
                [f"## {title}", "", "| sent | status | `error` |", "| --- | --- | --- |", *rows]
            )
        )
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = f"""# What uploads are refused for

Each answer is JSON, `{{"error": "…"}}`. Nothing is stored of what is refused. Limits and lists are those of the
[configuration](configuration.md); in the messages below some are smaller than their defaults. `{WEB}` stands for
the server that an archive is fetched from. 503 may pass: send the same again later."""


def _cell(message: str) -> str:
    shown = message if len(message) <= 200 else f"{message[:60]}…{message[-100:]}"
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in shown)
    return f"`` {shown} ``".replace("|", r"\|")
