# SPDX-License-Identifier: MPL-2.0

"""Typed readers of the environment: bad text is noted in one line that names the variable.

A ``.env`` in the working folder gives values that the environment does not have.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tecken.core.upstreams.urls import has_secret_parameter, is_upstream

_Value = TypeVar("_Value")

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})
_HOST_LABEL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")  # RFC 1123, 2.1


class SettingError(Exception):
    """A variable has a value that cannot be used; the message is one line that names it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = reason

    @property
    def problems(self) -> Sequence["SettingError"]:
        """Each variable that cannot be used: this one."""
        return (self,)


class SeveralSettingsError(SettingError):
    """Several variables have values that cannot be used; the message has a line for each."""

    def __init__(self, problems: Sequence[SettingError]) -> None:
        super().__init__(problems[0].name, problems[0].reason)
        self._problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self._problems))

    @property
    def problems(self) -> Sequence[SettingError]:
        """Each variable that cannot be used."""
        return self._problems


def raise_problems(problems: Iterable[SettingError]) -> None:
    """Raise all of them as one error; nothing, when there is none."""
    found = tuple(problems)
    if len(found) == 1:
        raise found[0]
    if found:
        raise SeveralSettingsError(found)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a setting is made of: a variable's text, and ``environment``, ``.env`` or ``default``."""

    name: str
    text: str
    origin: str


class Environment:
    """Reads variables by name.

    Where two spellings are accepted, the first that is set wins. ``names`` are all that were asked
    for, ``readings`` what was found. A value that cannot be used is noted in ``problems`` and its default is returned, so that
    all of them are known in the end: whoever made this must look at them before anything starts.
    """

    def __init__(
        self, values: Mapping[str, str], fallback: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._origins = {"environment": values, ".env": fallback}
        self.names: set[str] = set()
        self.readings: dict[str, Reading] = {}
        self.problems: list[SettingError] = []

    def attempt(self, make: Callable[[], _Value], otherwise: _Value) -> _Value:
        """Return what ``make`` does; when it refuses a variable, note that and return the other."""
        try:
            return make()
        except SettingError as error:
            self.problems.extend(error.problems)
            return otherwise

    def text(self, *names: str, default: str | None = None) -> str:
        """Return the value as it is; without a default the variable is required."""
        name, value = self._find(names, default)
        if default is None and not value:
            self.refuse(name, "is required and not set" if value is None else "is empty")
        return value if value is not None else default or ""

    def is_set(self, name: str) -> bool:
        """Say whether a variable that was read has a value that is not the default."""
        reading = self.readings[name]
        return reading.origin != "default" and reading.text != ""

    def together(self, *names: str) -> tuple[str, ...]:
        """Return values of which none is of use without the others: all of them, or all ""."""
        values = tuple(self.text(name, default="") for name in names)
        if any(values) and not all(values):
            given = next(name for name, value in zip(names, values, strict=True) if value)
            for name, value in zip(names, values, strict=True):
                if not value:
                    self.refuse(name, f"is required and not set, since {given} is set")
            return ("",) * len(names)
        return values

    def web_url(self, name: str, default: str = "") -> str:
        """Return the URL of a web server, "" when it is missing or wrong."""
        url = self.text(name, default=default) or default
        if url:
            self.attempt(lambda: check_web_url(name, url), otherwise=None)
        return url

    def host_label(self, name: str, default: str) -> str:
        """Return a value that can be a part of a host name: ``us-east-1``."""
        value = self.text(name, default="") or default
        if _HOST_LABEL.fullmatch(value):
            return value
        self.refuse(name, f"is {value!r}; it may have letters, digits and - within")
        return default

    def choice(self, name: str, choices: frozenset[str], default: str) -> str:
        """Return one of ``choices``."""
        value = self.text(name, default=default)
        if value in choices:
            return value
        self.refuse(name, f"is {value!r}; it must be one of {', '.join(sorted(choices))}")
        return default

    def url(self, name: str, default: str | None = None) -> str:
        """Return the URL of a bucket, "" when it is missing or wrong; a blank one is not set."""
        url = self.text(name, default=default) or default
        return self._checked(name, url) if url else ""

    def urls(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the URLs of buckets, one at least; those that are wrong are left out."""
        urls = self.items(name, default=default)
        if not urls:
            self.refuse(name, "is required and not set")
        return tuple(filter(None, (self._checked(name, url, ",".join(urls)) for url in urls)))

    def integer(
        self, *names: str, default: int, minimum: int = 0, maximum: int | None = None
    ) -> int:
        """Return a decimal number, from ``minimum`` to ``maximum``; ``_`` may part the digits."""
        name, value = self._find(names, default)
        if value is None:
            return default
        try:
            number = int(value)
        except ValueError:
            self.refuse(name, f"is {value!r}, which is not a whole number")
            return default
        if number < minimum:
            self.refuse(name, f"is {number}; it must be {minimum} or more")
            return default
        if maximum is not None and number > maximum:
            self.refuse(name, f"is {number}; it must be {maximum} or less")
            return default
        return number

    def boolean(self, *names: str, default: bool) -> bool:
        """Return a truth value, written True or False, yes or no, on or off, 1 or 0."""
        name, value = self._find(names, default)
        if value is None:
            return default
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        self.refuse(name, f"is {value!r}, which is neither True nor False")
        return default

    def items(self, *names: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a comma-separated list; spaces around items and empty items do not count."""
        _, value = self._find(names, default)
        if value is None:
            return default
        return tuple(item.strip() for item in value.split(",") if item.strip())

    def networks(
        self, name: str, default: tuple[str, ...]
    ) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return addresses and networks of them (``10.0.0.7, 10.1.0.0/16``) as networks."""
        found = []
        for item in self.items(name, default=default):
            try:
                found.append(ip_network(item, strict=False))
            except ValueError:
                self.refuse(name, f"has {item!r}, which is no address or network")
        return tuple(found)

    def mapping(self, *names: str, default: Mapping[str, str]) -> dict[str, str]:
        """Return a dictionary of strings, written as a Python literal or as JSON."""
        name, value = self._find(names, default)
        if value is None:
            return dict(default)
        for parsed in _dictionaries(value):
            if all(isinstance(item, str) for pair in parsed.items() for item in pair):
                return parsed
        # The value is not shown: a URL in it may have a password.
        self.refuse(name, """is not a dictionary of strings, like {"name": "value"}""")
        return dict(default)

    def integer_mapping(self, *names: str) -> dict[str, int]:
        """Return a dictionary of names and decimal numbers, 0 or more."""
        name, value = self._find(names, {})
        for parsed in _dictionaries(value or "{}"):
            if all(map(_is_name_and_number, parsed.items())):
                return parsed
        self.refuse(name, """is not a dictionary of names and whole numbers, like {"name": 30}""")
        return {}

    def url_mapping(self, *names: str) -> dict[str, str]:
        """Return a dictionary of names and URLs of buckets; those that are wrong are left out."""
        variable, _ = self._find(names, {})
        urls = self.mapping(*names, default={}).items()
        checked = {name: self._checked(variable, url) for name, url in urls}
        return {name: url for name, url in checked.items() if url}

    def unread(self, prefixes: tuple[str, ...]) -> list[str]:
        """Return the variables that are set, begin in such a way, and were not asked for."""
        names = {name for values in self._origins.values() for name in values}
        return sorted(name for name in names - self.names if name.startswith(prefixes))

    def refuse(self, name: str, reason: str) -> None:
        """Note that a variable cannot be used."""
        self.problems.append(SettingError(name, reason))

    def _checked(self, name: str, url: str, given: str = "") -> str:
        return self.attempt(lambda: check_url(name, url, given), otherwise="")

    def _find(self, names: tuple[str, ...], default: object) -> tuple[str, str | None]:
        self.names.update(names)
        for name in names:
            for origin, values in self._origins.items():
                if name in values:
                    value = values[name].strip()
                    self.readings[names[0]] = Reading(name, value, origin)
                    return name, value
        self.readings[names[0]] = Reading(names[0], _as_text(default), "default")
        return names[0], None


def _dictionaries(text: str) -> Iterator[dict[Any, Any]]:
    """Yield what a text is as a Python literal, and as JSON, where that is a dictionary."""
    for parse in (ast.literal_eval, json.loads):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            parsed = parse(text)
            if isinstance(parsed, dict):
                yield parsed


def _is_name_and_number(pair: tuple[object, object]) -> bool:
    name, number = pair
    return isinstance(name, str) and type(number) is int and number >= 0


def _as_text(default: object) -> str:
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, dict):
        return json.dumps(default)
    return "" if default is None else str(default)


def check_url(name: str, url: str, given: str = "") -> str:
    """Return the URL of a bucket if it has a scheme, and what that scheme needs.

    It is shown in logs, so it may not have a password. Nor do messages show what may be a part of one
    or of a query: it may have a comma, so ``given`` has all URLs of a list.
    """
    form = "a bucket is file:///folder/bucket or https://host/bucket/prefix"
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError, with text that may be a part of a password
    except ValueError:
        raise SettingError(name, f"is not a URL; {form}") from None
    taken = "S3 takes AWS_ACCESS_KEY_ID, other servers DJANGO_UPSTREAM_CREDENTIALS_<NAME>"
    if "@" in parts.netloc:
        raise SettingError(name, f"has a user name or password in a URL; {taken}")
    if parts.scheme != "file" and has_secret_parameter(url):
        raise SettingError(name, f"has what looks like a secret in the query of a URL; {taken}")
    if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
        return url
    has_path = parts.path.strip("/") or is_upstream(url)
    if parts.scheme in {"http", "https"} and parts.hostname and has_path:
        return url
    shown = "what is no such URL" if re.search("[@?#]", given or url) else repr(url)
    raise SettingError(name, f"has {shown}; {form}")


def check_web_url(name: str, url: str) -> None:
    """Refuse what is not the URL of a web server. Messages do not show it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingError(name, "is not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise SettingError(name, "must be https://host/path, without user name and password")


def check_contact_url(name: str, url: str) -> None:
    """Refuse what is neither the URL of a web page nor ``mailto:`` and an address; "" is allowed."""
    if url and not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", url):
        check_web_url(name, url)


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a ``.env`` file, ``{}`` when there is none.

    Lines are ``NAME=value``, perhaps after ``export``, perhaps with quotes around the value; empty
    lines and lines that begin with ``#`` are skipped.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(str(path), f"cannot be read: {error}") from None
    values = {}
    for number, line in enumerate(lines, start=1):
        line = line.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingError(f"{path} line {number}", "is not of the form NAME=value")
        values[name.strip()] = _unquote(value.strip())
    return values


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
