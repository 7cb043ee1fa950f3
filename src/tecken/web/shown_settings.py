# SPDX-License-Identifier: MPL-2.0
"""The effective settings as they may be shown: without credentials.

A URL may have them before its host and in its query, and people forget to encode what is in them.
So wherever a secret might go on, the rest is masked, too.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from tecken.core.upstreams.urls import PARAMETERS as UPSTREAM_PARAMETERS
from tecken.env import Reading
from tecken.web.path_tokens import masked as without_tokens

_MASK = "********"
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|CREDENTIALS|_TOKEN$|DSN$")
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_NEXT_URL = re.compile(rf",(?={_SCHEME.pattern})", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@?]+@[^\s@?]+")
# Of buckets, of PostgreSQL's client library and of Redis clients. All others may be secrets.
_SHOWN_PARAMETERS = frozenset(
    {"access", "prefix"}
    | UPSTREAM_PARAMETERS
    | {"host", "port", "user", "dbname", "application_name", "connect_timeout", "options"}
    | {"sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "target_session_attrs"}
    | {"db", "protocol", "max_connections", "socket_timeout", "socket_connect_timeout"}
    | {"ssl_ca_certs", "ssl_cert_reqs", "health_check_interval"}
)


def shown_settings(readings: Mapping[str, Reading]) -> Iterator[Reading]:
    """Yield every variable that was read, by name."""
    for reading in sorted(readings.values(), key=lambda reading: reading.name):
        yield Reading(reading.name, masked(reading.name, reading.text), reading.origin)


def masked(name: str, text: str) -> str:
    """Return a value without what nobody should read over a shoulder."""
    if text and _SECRET_NAME.search(name):
        return _MASK
    return _masked_dictionary(text) if text.startswith("{") else _masked_urls(text)


def _masked_dictionary(text: str) -> str:
    """Mask each value; names, which may be email addresses, are shown."""
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, dict) and all(
            isinstance(value, str | int) for value in found.values()
        ):
            shown = {
                str(name): _masked_urls(value) if isinstance(value, str) else value
                for name, value in found.items()
            }
            return json.dumps(shown, ensure_ascii=False)
    return _MASK


def _masked_urls(text: str) -> str:
    """Mask a URL, or several with commas in between. A text without URLs stays as it is."""
    before, at, address = text.rpartition("@")
    if not at or _MAIL.fullmatch(text):
        return _without_queries(text)
    scheme = _SCHEME.match(text)
    shown = f"{scheme[0] if scheme else ''}{_MASK}"
    if re.search(r"[?#]", before):  # what stands behind the @ may belong to a secret in a query
        return shown
    return f"{shown}@{_without_queries(address)}"


def _without_queries(text: str) -> str:
    """Mask what queries have. A comma may part two URLs, or belong to the secret before it."""
    urls = _NEXT_URL.split(text)
    shown: list[str] = []
    for url in urls:
        if shown and _MASK in shown[-1]:
            return ",".join([*shown, _MASK])
        shown.append(_without_query(url))
    return ",".join(shown)


def _without_query(url: str) -> str:
    rest, mark, _ = url.partition("#")
    address, question, query = rest.partition("?")
    if address.lstrip().startswith("http"):
        address = without_tokens(address)
    shown = "&".join(map(_shown_parameter, query.split("&")))
    return address + question + shown + (f"#{_MASK}" if mark else "")


def _shown_parameter(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    is_shown = unquote(name) in _SHOWN_PARAMETERS and not re.search(r"[?#@]", value)
    return parameter if is_shown or not parameter else _MASK
