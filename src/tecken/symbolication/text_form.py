# SPDX-License-Identifier: MPL-2.0

"""What ``POST /symbolicate/text`` is sent: a text, or a form with ``text`` and ``modules``.

Forms are read from the whole body, which has its own limit: Django takes no more than 2.5 MB of one. Bytes
that are no UTF-8 come through as they are.
"""

from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tecken.core.crash_texts.encodings import decode, encoding_of
from tecken.core.errors import InvalidRequestError

_MAX_FIELDS = 20
_FIELDS = ("text", "modules")


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A text, and the modules that are given beside it."""

    text: str
    modules: str = ""
    encoding: str = "utf-8"


def read_text_request(content_type: str, body: bytes) -> TextRequest:
    """Read a body. Raises InvalidRequestError for a form that cannot be read, or has no text."""
    message = Message()
    message["Content-Type"] = content_type or "text/plain"
    kind = message.get_content_type()
    if kind == "multipart/form-data":
        return _of_fields(_parts(message.get_boundary() or "", body))
    if kind == "application/x-www-form-urlencoded" and _is_urlencoded(body):
        return _of_fields(_pairs(body))
    return TextRequest(decode(body), encoding=encoding_of(body))


def _is_urlencoded(body: bytes) -> bool:
    """Say whether a body is a form: curl says so of any text that it is given."""
    starts = body.startswith((b"text=", b"modules=")) or b"&text=" in body
    return starts and b"\n" not in body.strip() and b" " not in body.strip()


def _of_fields(fields: dict[str, bytes]) -> TextRequest:
    if "text" not in fields:
        raise InvalidRequestError("The form has no field text")
    text = fields["text"]
    return TextRequest(decode(text), decode(fields.get("modules", b"")), encoding_of(text))


def _pairs(body: bytes) -> dict[str, bytes]:
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),  # each byte is a character, and so is each that is encoded
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise InvalidRequestError(f"The form has more than {_MAX_FIELDS} fields") from error
    return {name: value.encode("latin-1") for name, value in pairs}


def _parts(boundary: str, body: bytes) -> dict[str, bytes]:
    fields: dict[str, bytearray] = {}
    value: bytearray | None = None
    try:
        with PushMultipartParser(boundary, max_segment_count=_MAX_FIELDS) as parser:
            for event in (*parser.parse(body), *parser.parse(b"")):
                if isinstance(event, MultipartSegment):
                    value = fields.setdefault(event.name, bytearray())
                    value.clear()
                elif event is not None and value is not None:
                    value += event
    except (MultipartError, UnicodeError) as error:
        raise InvalidRequestError("The multipart form cannot be read") from error
    return {name: bytes(fields[name]) for name in _FIELDS if name in fields}
