# SPDX-License-Identifier: MPL-2.0

"""The variables themselves, and the machine."""

import difflib
import shutil
import socket
from collections.abc import Iterator
from io import BytesIO

from django.conf import settings
from django.core import checks

from tecken.commands.check.findings import Finding, error, ok, warning
from tecken.core.errors import ProgramError, ProgramNotRunError
from tecken.core.external_programs.running import ProgramLimits, find_program, run_program
from tecken.settings import SECRET_KEY
from tecken.settings.environment import env

_OURS = ("DJANGO_", "TECKEN_", "REDIS_", "GUNICORN_")
# What others than the settings read.
_READ_ELSEWHERE = {"DJANGO_SETTINGS_MODULE", "TECKEN_URL", "TECKEN_TOKEN"}
# Django's own wish for the length of a key; tecken makes keys of 64 characters.
_KEY_LENGTH = 50
_KEY_CHARACTERS = 5
# What stands in .env-dist, and stood in compose.yaml.
_EXAMPLE_KEYS = ("a long random text", "change me", "changeme", "django-insecure", "secret")
_OF_MICROSOFT = (
    "nothing can be had from Microsoft without it; install it and set"
    " where it is, or switch DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT off"
)
_OF_MINIDUMPS = "no minidump can be read without it; set where it is, or nothing"
_GIB = 1024**3
_MOST_SAID_BYTES = 1024**2
_LEAST_FREE_BYTES = _GIB // 4
# What Django says of a deployment that does not apply: frames are forbidden by our own policy, other
# names below the host are not ours to answer for, and the key is told with its variable.
_NOT_APPLICABLE = {"security.W002", "security.W005", "security.W009", "security.W021"}


def check_installation() -> Iterator[Finding]:
    """Look at the secret key, host names, data folder, statsd, programs, and names that nobody reads."""
    yield from _misspelt()
    if settings.SECURE_SSL_REDIRECT:  # which it is wherever other people are let in
        yield from _secret_key()
        yield from _hosts()
    yield from _data_dir()
    if settings.STATSD_HOST:
        yield _statsd()
    if settings.ENABLE_DOWNLOAD_FROM_MICROSOFT:
        yield _program("DJANGO_CABEXTRACT_PATH", settings.CABEXTRACT_PATH, _OF_MICROSOFT)
        yield _program("DJANGO_DUMP_SYMS_PATH", settings.DUMP_SYMS_PATH, _OF_MICROSOFT)
    if settings.MINIDUMP_STACKWALK_PATH:
        yield _program(
            "DJANGO_MINIDUMP_STACKWALK_PATH", settings.MINIDUMP_STACKWALK_PATH, _OF_MINIDUMPS
        )


def check_django() -> Iterator[Finding]:
    """Run Django's own checks, those of deployments where the server is one."""
    for message in checks.run_checks(include_deployment_checks=settings.SECURE_SSL_REDIRECT):
        if message.id not in _NOT_APPLICABLE:
            kind = error if message.level >= checks.ERROR else warning
            yield kind("Django", f"{message.msg} ({message.id})")


def _misspelt() -> Iterator[Finding]:
    names = {_own_part(name): name for name in sorted(env.names)}
    for name in env.unread(_OURS):
        if name not in _READ_ELSEWHERE:
            near = difflib.get_close_matches(_own_part(name), names, 1)
            hint = f"; is it {names[near[0]]}?" if near else ""
            yield warning(name, f"is set, and nothing reads it{hint}")


def _own_part(name: str) -> str:
    """Return a name without the prefix of most, by which any two of them would look alike."""
    return name.removeprefix("DJANGO_").removeprefix("TECKEN_")


def _secret_key() -> Iterator[Finding]:
    name, key = "DJANGO_SECRET_KEY", SECRET_KEY
    advice = "set a random text, such as `openssl rand -base64 48` prints"
    if not key:
        return  # it is required, which has been said; Django's settings would raise
    if key.lower().startswith(_EXAMPLE_KEYS):
        yield error(name, f"is that of an example, which everyone knows; {advice}")
    elif len(key) < _KEY_LENGTH:
        text = f"has {len(key)} characters, and sessions could be forged; {advice}"
        yield error(name, text)
    elif len(set(key)) < _KEY_CHARACTERS:
        yield error(name, f"has only {len(set(key))} different characters; {advice}")
    else:
        yield ok(name, f"has {len(key)} characters")


def _hosts() -> Iterator[Finding]:
    name, hosts = "DJANGO_ALLOWED_HOSTS", settings.ALLOWED_HOSTS
    for host in hosts:
        if "/" in host or (":" in host and not host.startswith("[")):
            text = f"has {host!r}; set host names alone, without scheme, port or path"
            yield error(name, text)
    if "*" in hosts:
        text = "has '*', so links could be made to lead elsewhere; set the names of this server"
        yield warning(name, text)
    if all(host.strip("[]") in {".localhost", "localhost", "127.0.0.1", "::1"} for host in hosts):
        text = "lets in nobody but this machine; set the names that people use for this server"
        yield warning(name, text)
    else:
        yield ok(name, ", ".join(hosts))


def _data_dir() -> Iterator[Finding]:
    name, folder = "TECKEN_DATA_DIR", settings.DATA_DIR
    if not folder.is_dir():
        return  # it could not be made, which has been said
    free = shutil.disk_usage(folder).free
    wanted = 2 * settings.UPLOAD_MAX_ARCHIVE_BYTES
    if free < _LEAST_FREE_BYTES:
        yield error(name, f"is {folder}, whose disk is full: {_gib(free)} are free")
    elif free < wanted:
        text = (
            f"is {folder}, where {_gib(free)} are free; an archive of"
            f" DJANGO_UPLOAD_MAX_ARCHIVE_BYTES needs {_gib(wanted)}: make room, or set it lower"
        )
        yield warning(name, text)
    else:
        yield ok(name, f"{folder}, with {_gib(free)} free")


def _statsd() -> Finding:
    name, host, port = "DJANGO_STATSD_HOST", settings.STATSD_HOST, settings.STATSD_PORT
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as failure:
        return error(name, f"{host!r} leads nowhere: {failure}; set a host, or nothing")
    return ok(name, f"{host}:{port}, which nobody can ask whether it listens")


def _program(name: str, program: str, without: str) -> Finding:
    """Start a program: a file may be there and be made for another machine."""
    limits = ProgramLimits(seconds=10, output_bytes=_MOST_SAID_BYTES)
    try:
        run_program([program, "--version"], BytesIO(), limits)
    except ProgramNotRunError as failure:
        return error(name, f"{failure}, and {without}")
    except ProgramError:
        pass  # it does not know the option
    return ok(name, f"{find_program(program)}, which can be started")


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB"
