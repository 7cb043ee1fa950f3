# SPDX-License-Identifier: MPL-2.0

""".NET's crash report (``DOTNET_EnableCrashReport``).

Layout: dotnet/runtime crashreportwriter.cpp: ``payload.threads[].stack_frames[]`` with ``native_module`` and
``native_offset``; frames of managed code have a method's name and stay as they are.

Returns: as printed. Whether the offset is that of the call is not certain.
"""

from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.model import Frame, Thread
from tecken.core.crash_texts.values import mapping, mappings, number, text


def _read(report: dict[str, object], document: Document) -> None:
    payload = mapping(report.get("payload"))
    for thread in mappings(payload.get("threads")):
        document.title = document.title or text(thread.get("managed_exception_type"))
        frames = [_frame(frame) for frame in mappings(thread.get("stack_frames"))]
        document.add(Thread(None, thread.get("crashed") in ("true", True)), frames)


def _frame(frame: dict[str, object]) -> Frame:
    module = text(frame.get("native_module"))
    function = text(frame.get("method_name")) or text(frame.get("unmanaged_name"))
    if module is None:
        return Frame(address=number(frame.get("native_address")), function=function)
    return Frame(module_name=module, offset=number(frame.get("native_offset")), function=function)


DOTNET = Format(
    format="dotnet-crashreport",
    matches=lambda report: any(
        "stack_frames" in thread
        for thread in mappings(mapping(report.get("payload")).get("threads"))
    ),
    read=_read,
    example='{"payload": {"threads": [{"stack_frames": [{"native_module": "libc.so.6", "native_offset": "0x148abb"}]}]}}',
)
