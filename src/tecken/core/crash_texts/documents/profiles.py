# SPDX-License-Identifier: MPL-2.0

"""Profiles: of the Firefox Profiler, of samply, and Gecko's own.

Layout: the Firefox Profiler's processed profile format, the snapshots of mstange/samply, Gecko's profile format. A
frame is a row of a ``frameTable``: in a processed profile its ``address`` is relative to the library, in Gecko's the
location is an address in the process.

Returns: processed profiles as printed (whoever processed them has subtracted). Gecko's: callers -1; a row that is
the top of a stack is exact.
"""

from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.model import Frame, Module, Returns, Thread
from tecken.core.crash_texts.values import array, item, mapping, mappings, number, text


def _read_processed(profile: dict[str, object], document: Document) -> None:
    libraries = _libraries(profile, document)
    shared = mapping(profile.get("shared"))
    for thread in mappings(profile.get("threads")):
        tables = {**shared, **thread}
        rows = array(mapping(tables.get("frameTable")).get("address"))
        frames = (_processed_frame(row, tables, libraries) for row in range(len(rows)))
        document.add(Thread(text(thread.get("name"))), [*filter(None, frames)])


def _processed_frame(
    row: int, tables: dict[str, object], libraries: list[Module | None]
) -> Frame | None:
    frames, functions = mapping(tables.get("frameTable")), mapping(tables.get("funcTable"))
    function = item(frames.get("func"), row)
    if item(functions.get("isJS"), function) is True:
        return None
    name = text(item(tables.get("stringArray"), item(functions.get("name"), function)))
    address = number(item(frames.get("address"), row))
    resource = item(functions.get("resource"), function)
    library = item(
        array(libraries), item(mapping(tables.get("resourceTable")).get("lib"), resource)
    )
    is_address = name is not None and name.startswith("0x")
    if not isinstance(library, Module) or address is None:
        return Frame(address=number(name), function=None) if is_address else None
    return Frame(
        module_name=library.name,
        offset=address,
        function=None if is_address else name,
        located=item(frames.get("line"), row) is not None,
    )


def _read_gecko(profile: dict[str, object], document: Document) -> None:
    _libraries(profile, document)
    for thread in mappings(profile.get("threads")):
        frames = mapping(thread.get("frameTable"))
        location = number(mapping(frames.get("schema")).get("location"))
        tops = _tops(thread)
        found = []
        for row, values in enumerate(array(frames.get("data"))):
            name = text(item(thread.get("stringTable"), item(values, location)))
            if name and name.startswith("0x") and (address := number(name)) is not None:
                found.append((row, Frame(address=address)))
        document.add(Thread(text(thread.get("name"))), [frame for _, frame in found], Returns.ALL)
        for row, frame in found:
            frame.adjust = int(row not in tops)
    for process in mappings(profile.get("processes")):
        _read_gecko(process, document)


def _tops(thread: dict[str, object]) -> set[object]:
    """Return the rows of frames that are the top of a stack that was sampled."""
    samples, stacks = mapping(thread.get("samples")), mapping(thread.get("stackTable"))
    stack = mapping(samples.get("schema")).get("stack")
    frame = mapping(stacks.get("schema")).get("frame")
    return {
        item(item(stacks.get("data"), item(sample, stack)), frame)
        for sample in array(samples.get("data"))
    }


def _libraries(profile: dict[str, object], document: Document) -> list[Module | None]:
    return [_library(library, document) for library in mappings(profile.get("libs"))]


def _library(library: dict[str, object], document: Document) -> Module | None:
    name = text(library.get("path")) or text(library.get("name"))
    if name is None:
        return None
    start, offset = number(library.get("start")), number(library.get("offset")) or 0
    return document.images.add(
        Module(
            name,
            text(library.get("debugName")) or name,
            text(library.get("breakpadId")),
            text(library.get("name")),
            text(library.get("codeId")),
            None if start is None else max(0, start - offset),
            number(library.get("end")),
        )
    )


def _is_processed(profile: dict[str, object]) -> bool:
    return "libs" in profile and "preprocessedProfileVersion" in mapping(profile.get("meta"))


def _is_samply(profile: dict[str, object]) -> bool:
    importer = text(mapping(profile.get("meta")).get("importedFrom")) or ""
    return _is_processed(profile) and importer.lower().startswith("samply")


SAMPLY = Format(
    format="samply",
    matches=_is_samply,
    read=_read_processed,
    example='{"meta": {"importedFrom": "samply 0.13.1", "preprocessedProfileVersion": 49}, "libs": […], "threads": […]}',
)
FIREFOX_PROFILE = Format(
    format="firefox-profile",
    matches=_is_processed,
    read=_read_processed,
    example='{"meta": {"preprocessedProfileVersion": 49}, "libs": […], "threads": [{"frameTable": {"address": […]}}]}',
)
GECKO_PROFILE = Format(
    format="gecko-profile",
    matches=lambda profile: "libs" in profile and "threads" in profile and "meta" in profile,
    read=_read_gecko,
    returns=Returns.CALLERS,
    example='{"meta": {"version": 31}, "libs": […], "threads": [{"frameTable": {"schema": {…}, "data": […]}}]}',
)
