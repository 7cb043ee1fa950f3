# SPDX-License-Identifier: MPL-2.0

"""``/metadata?key=file|glob&value=…`` of debuginfod: which builds have a file of some name.

Under which path a file was installed is not known, so that only the last part of a path or pattern is compared. The
answer says whether it is complete. Source: elfutils' debuginfod-find(1), "metadata".
"""

import fnmatch
import re
from functools import partial

from django.http import HttpRequest, HttpResponse

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.download.modules import asking
from tecken.upload.selectors import NamedFiles, elf_files_from, elf_files_named
from tecken.web.responses import json_response

_MAX_VALUE = 500  # characters; a name has 255 bytes at most
_WILD = ("*", "?", "[")
_breaker = CircuitBreaker()


def metadata_answer(request: HttpRequest, *, with_try: bool) -> HttpResponse:
    """Answer with what is known; of another key nothing is. Raises OperationalError."""
    value = request.GET.get("value", "")[:_MAX_VALUE]
    name = value.rpartition("/")[2]
    match request.GET.get("key"):
        case "file" if name and "\0" not in name:
            files = asking(partial(elf_files_named, name, with_try=with_try), _breaker)
        case "glob" if _literal(name) and "\0" not in name:
            question = partial(elf_files_from, _literal(name), with_try=with_try)
            files = asking(question, _breaker)
        case _:
            files = NamedFiles([], is_complete=False)
    fits = re.compile(fnmatch.translate(name)).match
    results = [
        {"type": role, "buildid": build_id, "file": file_name}
        for file_name, build_id, role in files.found
        if file_name == name or fits(file_name)
    ]
    return json_response({"results": results, "complete": files.is_complete})


def _literal(pattern: str) -> str:
    """Return what all names begin with that a pattern fits; without that, all rows would have to be read."""
    ends = [at for wild in _WILD if (at := pattern.find(wild)) >= 0]
    return pattern[: min(ends, default=len(pattern))]
