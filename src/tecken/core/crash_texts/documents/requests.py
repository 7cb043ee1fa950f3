# SPDX-License-Identifier: MPL-2.0

"""Requests of the symbolication API itself, v4 and v5: a memory map, and stacks of module index and offset.

Returns: as printed; whoever made the request has subtracted.
"""

from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.model import Frame, Module, Thread
from tecken.core.crash_texts.values import array, item, mappings, number, text


def _read_job(job: dict[str, object], document: Document) -> None:
    names: list[object] = []
    for module in array(job.get("memoryMap")):
        debug_file, debug_id = text(item(module, 0)), text(item(module, 1))
        names.append(debug_file)
        if debug_file is not None:
            document.images.add(
                Module(debug_file, debug_file, debug_id, code_id=text(item(module, 2)))
            )
    for stack in array(job.get("stacks")):
        frames = [_frame(frame, names) for frame in array(stack)]
        document.add(Thread(), frames)


def _frame(frame: object, names: list[object]) -> Frame:
    name, offset = text(item(names, item(frame, 0))), number(item(frame, 1))
    if name is None:
        return Frame(address=offset)
    return Frame(module_name=name, offset=offset)


def _read_jobs(request: dict[str, object], document: Document) -> None:
    for job in mappings(request.get("jobs")):
        _read_job(job, document)


V5 = Format(
    format="symbolicate-v5",
    matches=lambda request: "jobs" in request or ("memoryMap" in request and "stacks" in request),
    read=lambda request, document: (
        _read_jobs(request, document) if "jobs" in request else _read_job(request, document)
    ),
    example='{"jobs": [{"memoryMap": [["xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2"]], "stacks": [[[0, 11723767]]]}]}',
)
V4 = Format(
    format="symbolicate-v4",
    matches=lambda request: request.get("version") == 4 and "memoryMap" in request,
    read=_read_job,
    example='{"version": 4, "memoryMap": [["xul.pdb", "44E4EC8C2F41492B9369D6B9A059577C2"]], "stacks": [[[0, 11723767]]]}',
)
