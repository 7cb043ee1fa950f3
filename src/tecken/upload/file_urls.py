# SPDX-License-Identifier: MPL-2.0

"""Where this server hands an uploaded file out: its own URL, and those of debuggers' dialects."""

from typing import NamedTuple
from urllib.parse import quote

from tecken.core.dialects.file_urls import FileOfModule, urls_of
from tecken.core.native.kinds import Kind
from tecken.upload.models import FileUpload

BREAKPAD = "breakpad"  # the layout of symbol files, which is no dialect


class FileUrl(NamedTuple):
    """The path of a URL, and whose URLs these are: ``debuginfod``, ``symsrv``, … or ``breakpad``.

    Where it ends in ``/…`` there is one for each source file.
    """

    dialect: str
    path: str


def url_path(file: FileUpload) -> str:
    """Return the path of a file's own URL."""
    key = file.symbol_key
    if file.is_original:
        module, some_id = file.debug_file, file.debug_id or file.code_id
        if file.kind == Kind.PE and file.code_file and file.code_id:
            module, some_id = file.code_file, file.code_id
        key = f"{module}/{some_id}/{file.file_name}"
    return f"{_prefix(file)}/{quote(key)}"


def file_urls(file: FileUpload) -> list[FileUrl]:
    """Return the URLs under which clients ask for a file; without ids there are none."""
    kind = file.kind or (Kind.BREAKPAD if file.symbol_key.lower().endswith(".sym") else "")
    names = (file.debug_file, file.debug_id, file.code_file, file.code_id)
    urls = urls_of(FileOfModule(kind, file.role, *names, tuple(file.features)))
    found = [FileUrl(url.dialect.value, f"{_prefix(file)}{url.path}") for url in urls]
    return [FileUrl(BREAKPAD, url_path(file)), *found] if kind == Kind.BREAKPAD else found


def _prefix(file: FileUpload) -> str:
    return "/try" if file.upload is not None and file.upload.try_symbols else ""
