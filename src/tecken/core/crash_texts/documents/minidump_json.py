# SPDX-License-Identifier: MPL-2.0

"""rust-minidump's JSON, alone or as ``json_dump`` in Socorro's processed crashes.

Layout: rust-minidump's json-schema.md and snapshots: a frame has ``module`` and ``module_offset``, or ``offset``
alone, which is an address. The crashing thread stands there twice and counts once.

Returns: as printed (rust-minidump has subtracted).
"""

from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.model import Frame, Module, Thread
from tecken.core.crash_texts.values import mapping, mappings, number, text


def _read(dump: dict[str, object], document: Document) -> None:
    info = mapping(dump.get("crash_info"))
    document.title = text(info.get("type"))
    for module in mappings(dump.get("modules")):
        add_module(module, document)
    crashed = number(info.get("crashing_thread"))
    threads = list(mappings(dump.get("threads"))) or [mapping(dump.get("crashing_thread"))]
    for index, thread in enumerate(threads):
        frames = [_frame(frame) for frame in mappings(thread.get("frames"))]
        named = Thread(text(thread.get("thread_name")), index == crashed)
        document.add(named, frames)


def add_module(module: dict[str, object], document: Document) -> Module | None:
    """Note a module as a stackwalker prints it; None where it has no name."""
    debug_file, code_file = text(module.get("debug_file")), text(module.get("filename"))
    name = code_file or debug_file
    if name is None:
        return None
    return document.images.add(
        Module(
            name,
            debug_file or name,
            text(module.get("debug_id")),
            code_file,
            text(module.get("code_id")),
            number(module.get("base_addr")),
            number(module.get("end_addr")),
        )
    )


def _frame(frame: dict[str, object]) -> Frame:
    address = number(frame.get("offset"))
    found = Frame(
        module_name=text(frame.get("module")),
        offset=number(frame.get("module_offset")),
        function=text(frame.get("function")),
        located=text(frame.get("file")) is not None,
    )
    if found.module_name is None or found.offset is None:
        found.address, found.offset = address, None
    return found


def _read_socorro(crash: dict[str, object], document: Document) -> None:
    _read(mapping(crash.get("json_dump")), document)
    document.title = text(crash.get("reason")) or document.title


MINIDUMP_JSON = Format(
    format="minidump-json",
    matches=lambda dump: "crash_info" in dump and "modules" in dump and "thread_count" in dump,
    read=_read,
    example='{"crash_info": {…}, "threads": [{"frames": [{"module": "libc.so.6", "module_offset": "0x7b734"}]}]}',
)
SOCORRO = Format(
    format="socorro",
    matches=lambda crash: bool(mapping(crash.get("json_dump"))),
    read=_read_socorro,
    example='{"crash_id": "…", "json_dump": {…}}',
)
