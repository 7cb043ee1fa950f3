# SPDX-License-Identifier: MPL-2.0

"""Firefox's stacks before processing: the crash ping, the raw crash, and ``StackTraces`` alone.

Layout: Firefox's crash ping document (``stackTraces``); in a raw crash ``StackTraces`` is a text that is JSON. A
frame has an address, ``ip``, and the ``module_index``.

Returns: as printed. Whether ``ip`` of callers is one back is not the same in all versions.
"""

import json

from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.documents.minidump_json import add_module
from tecken.core.crash_texts.model import Frame, Module, Thread
from tecken.core.crash_texts.values import array, item, mapping, mappings, number, text


def _read(traces: dict[str, object], document: Document) -> None:
    info = mapping(traces.get("crash_info"))
    document.title = text(info.get("type"))
    modules = [add_module(module, document) for module in mappings(traces.get("modules"))]
    crashed = number(info.get("crashing_thread"))
    for index, thread in enumerate(mappings(traces.get("threads"))):
        frames = [_frame(frame, modules) for frame in mappings(thread.get("frames"))]
        document.add(Thread(text(thread.get("name")), index == crashed), frames)


def _frame(frame: dict[str, object], modules: list[Module | None]) -> Frame:
    module = item(array(modules), frame.get("module_index"))
    name = module.name if isinstance(module, Module) else None
    return Frame(module_name=name, address=number(frame.get("ip")))


def _traces(value: object) -> dict[str, object]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return mapping(value)


CRASH_PING = Format(
    format="crash-ping",
    matches=lambda ping: bool(mapping(mapping(ping.get("payload")).get("stackTraces"))),
    read=lambda ping, document: _read(
        mapping(mapping(ping.get("payload")).get("stackTraces")), document
    ),
    example='{"type": "crash", "payload": {"stackTraces": {…}}}',
)
RAW_CRASH = Format(
    format="firefox-raw-crash",
    matches=lambda crash: bool(_traces(crash.get("StackTraces"))),
    read=lambda crash, document: _read(_traces(crash.get("StackTraces")), document),
    example='{"ProductName": "Firefox", "StackTraces": "{…}"}',
)
STACK_TRACES = Format(
    format="firefox-stack-traces",
    matches=lambda traces: all(name in traces for name in ("status", "modules", "threads")),
    read=_read,
    example='{"status": "OK", "modules": […], "threads": [{"frames": [{"ip": "0x7f60b4fc7b3a", "module_index": 2}]}]}',
)
