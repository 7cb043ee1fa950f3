# SPDX-License-Identifier: MPL-2.0

"""Apple's ``.ips`` reports of macOS 12 and iOS 15 and later: a line of JSON, and a document below it.

Layout: Apple's "Interpreting the JSON format of a crash report"; the fixtures of inket/MacSymbolicator. A frame has
``imageOffset`` and the ``imageIndex`` of one of ``usedImages``; an image of base 0 is no module.

Returns: callers -1.
"""

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.documents.document import Document, Format
from tecken.core.crash_texts.model import Frame, Module, Returns, Thread
from tecken.core.crash_texts.values import array, item, mapping, mappings, number, text


def _read(report: dict[str, object], document: Document) -> None:
    exception = mapping(report.get("exception"))
    kind, signal = text(exception.get("type")), text(exception.get("signal"))
    document.title = f"{kind} ({signal})" if kind and signal else kind or signal
    images = [_image(image, document) for image in mappings(report.get("usedImages"))]
    crashed = number(report.get("faultingThread"))
    for index, thread in enumerate(mappings(report.get("threads"))):
        frames = [_frame(frame, images) for frame in mappings(thread.get("frames"))]
        is_crashed = thread.get("triggered") is True or index == crashed
        document.add(Thread(text(thread.get("name")), is_crashed), frames, Returns.CALLERS)
    thrown = [_frame(frame, images) for frame in mappings(report.get("lastExceptionBacktrace"))]
    if thrown:
        document.add(Thread("Last Exception Backtrace"), thrown, Returns.ALL)


def _image(image: dict[str, object], document: Document) -> Module | None:
    base, path = number(image.get("base")), text(image.get("path"))
    name = text(image.get("name")) or (ids.base_name(path) if path else None)
    if not base or name is None:
        return None
    size = number(image.get("size"))
    module = Module(
        path or name,
        name,
        ids.of_uuid(text(image.get("uuid")) or ""),
        code_file=path,
        base=base,
        end=base + size if size else None,
    )
    return document.images.add(module)


def _frame(frame: dict[str, object], images: list[Module | None]) -> Frame:
    offset = number(frame.get("imageOffset"))
    module = item(array(images), frame.get("imageIndex"))
    function = text(frame.get("symbol"))
    located = text(frame.get("sourceFile")) is not None
    if not isinstance(module, Module):
        return Frame(address=offset, function=function, located=located)
    return Frame(module_name=module.name, offset=offset, function=function, located=located)


APPLE_IPS = Format(
    format="apple-ips",
    matches=lambda report: "usedImages" in report and "threads" in report,
    read=_read,
    returns=Returns.CALLERS,
    example='{"usedImages": […], "threads": [{"frames": [{"imageOffset": 874776, "imageIndex": 2}]}]}',
)
