# SPDX-License-Identifier: MPL-2.0

"""Lines that say which modules a process had, where they lay, and their ids.

``info proc mappings`` of gdb, ``/proc/PID/maps``, perf's mmap lines, ``image list`` of lldb, Apple's Binary Images,
systemd's modules, WinDbg's ``lm``, and the modules of minidump-stackwalk. Of several mappings of a file the
lowest start less its file offset is the base.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.lines import Line
from tecken.core.crash_texts.model import Module


@dataclass(frozen=True)
class Table:
    """The lines of one table: ``hint`` and ``also`` are in each of them."""

    hint: str
    form: re.Pattern[str]
    add: Callable[[re.Match[str], Images], object]
    also: str = ""

    def read(self, line: Line, images: Images) -> bool:
        """Take in a line that has the hint if it is of this table; say whether it was."""
        match = self.form.match(line.body)
        if match:
            self.add(match, images)
        return match is not None


def read_module(line: Line, images: Images) -> bool:
    """Take in a line if it is of such a table; say whether it was."""
    return any(
        table.hint in line.body and table.also in line.body and table.read(line, images)
        for table in TABLES
    )


def _mapping(match: re.Match[str], images: Images) -> None:
    path = match["path"]
    if not ids.is_file(path):
        return
    start = int(match["start"].replace("'", ""), 16)
    found = match.groupdict()
    size = found.get("size")
    end = start + int(size, 16) if size else int(match["end"].replace("'", ""), 16)
    module = Module(
        path, ids.base_name(path), base=max(0, start - int(match["offset"], 16)), end=end
    )
    if build_id := found.get("build_id"):
        module.debug_id, module.code_id = ids.of_build_id(build_id), build_id
    images.add(module)


def _lldb_image(match: re.Match[str], images: Images) -> None:
    path, uuid = match["path"], match["id"]
    if not ids.is_file(path):
        return
    is_elf = len(uuid.replace("-", "")) != 32 or ids.is_elf_name(path)
    debug_id = ids.of_build_id(uuid) if is_elf else ids.of_uuid(uuid)
    base = int(match["base"], 16) if match["base"] else None
    images.add(
        Module(
            path, ids.base_name(path), debug_id, code_id=uuid.replace("-", "").lower(), base=base
        )
    )


def _apple_image(match: re.Match[str], images: Images) -> None:
    name = match["name"]
    base, end = int(match["start"], 16), int(match["end"], 16) + 1
    file_name = ids.base_name(match["path"]) if match["path"] else name
    images.add(
        Module(
            name, file_name, ids.of_uuid(match["id"]), code_file=match["path"], base=base, end=end
        )
    )


def _systemd_module(match: re.Match[str], images: Images) -> None:
    build_id = match["id"]
    name = match["name"]
    images.add(Module(name, ids.base_name(name), ids.of_build_id(build_id), code_id=build_id))


def _windbg_module(match: re.Match[str], images: Images) -> None:
    name, path = match["name"], match["path"] or ""
    parts = ["", "", *path.split("\\")]
    debug_id, debug_file = parts[-2:]
    base, end = (int(match[group].replace("`", ""), 16) for group in ("start", "end"))
    module = Module(name, f"{name}.pdb", base=base, end=end)
    if debug_file.lower().endswith(".pdb"):
        module.debug_file = debug_file
        module.debug_id = ids.of_any(debug_id) if len(debug_id) > 32 else None
    images.last = images.add(module)


def _windbg_detail(match: re.Match[str], images: Images) -> None:
    """Take in what ``lmv`` says of the module above: of its timestamp and size the code id is made."""
    module = images.last
    if module is None:
        return
    if match["path"]:
        module.code_file = ids.base_name(match["path"])
    elif match["timestamp"]:
        module.code_id = match["timestamp"].upper()
    elif module.code_id and len(module.code_id) == _TIMESTAMP_DIGITS:
        module.code_id += f"{int(match['size'], 16):x}"


def _minidump_module(match: re.Match[str], images: Images) -> None:
    name = match["name"]
    base, end = int(match["start"], 16), int(match["end"], 16) + 1
    debug_file, debug_id = match["debug_file"] or name, match["id"] and match["id"].upper()
    images.add(Module(name, debug_file, debug_id, code_file=name, base=base, end=end))


def _pipe_module(match: re.Match[str], images: Images) -> None:
    _, name, _version, debug_file, debug_id, start, end, *_ = match.string.split("|")
    base, last = int(start, 16), int(end, 16)
    images.add(
        Module(name, debug_file or name, debug_id or None, code_file=name, base=base, end=last + 1)
    )


_ADDRESS = r"[0-9a-f]{1,16}"
_TIMESTAMP_DIGITS = 8
_DETAIL = re.compile(
    r"    (?:Image path: +(?P<path>\S.*)|Timestamp: .*\((?P<timestamp>[0-9A-Fa-f]{8})\)"
    r"|ImageSize: +(?P<size>[0-9A-Fa-f]{1,8}))$"
)
TABLES = (
    Table(
        "  /",
        re.compile(
            rf"\s*0x(?P<start>{_ADDRESS})\s+0x(?P<end>{_ADDRESS})\s+0x{_ADDRESS}\s+0x(?P<offset>{_ADDRESS})"
            r"\s+(?:[r-][w-][x-][ps-]\s+)?(?P<path>/.*?)$"
        ),
        _mapping,
    ),
    Table(
        "p ",
        re.compile(
            rf"(?P<start>{_ADDRESS})-(?P<end>{_ADDRESS}) [r-][w-][x-][ps] (?P<offset>{_ADDRESS}) [0-9a-f:]+ \d+\s+"
            r"(?P<path>/.*?)(?: \(deleted\))?$"
        ),
        _mapping,
    ),
    Table(
        "PERF_RECORD_MMAP",
        re.compile(
            rf".*PERF_RECORD_MMAP2? \S+: \[0x(?P<start>{_ADDRESS})\(0x(?P<size>{_ADDRESS})\) @ (?:0x)?(?P<offset>{_ADDRESS})"
            r"(?: <(?P<build_id>[0-9a-f]+)>)?[^\]]*\]: \S+ (?P<path>/.*?)$"
        ),
        _mapping,
    ),
    Table(
        "] ",
        re.compile(
            r"\[ *\d+\] (?P<id>[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}(?:-[0-9A-F]{8})?)"
            rf"(?: 0x(?P<base>{_ADDRESS}))? (?P<path>\S.*?)\s*(?: \(0x{_ADDRESS}\))?$"
        ),
        _lldb_image,
        also="-",
    ),
    Table(
        " <",
        re.compile(
            rf"\s*0x(?P<start>{_ADDRESS}) -\s+0x(?P<end>{_ADDRESS}) +\+?(?P<name>\S.*?)(?: \([^()]*\)| arm\w+| x86_64\w*| i386)*"
            r" +<(?P<id>[0-9A-Fa-f-]{32,36})>(?: (?P<path>.*?))?$"
        ),
        _apple_image,
    ),
    Table(
        "build-id",
        re.compile(
            r"\s*(?:Found module|Module) (?P<name>\S+)(?: from .*?)?(?:,| with) build-id[=:] ?(?P<id>[0-9a-f]{8,128})$"
        ),
        _systemd_module,
    ),
    Table(
        "`",
        re.compile(
            r"(?P<start>[0-9a-f]{8}`[0-9a-f]{8}) (?P<end>[0-9a-f]{8}`[0-9a-f]{8}) +(?P<name>\S+)(?: .*?\((?:[^()]*)\))?"
            r"(?: +(?P<path>\S.*?))?$"
        ),
        _windbg_module,
    ),
    *(
        Table(f"    {word}: ", _DETAIL, _windbg_detail)
        for word in ("Image path", "Timestamp", "ImageSize")
    ),
    Table(
        " - 0x",
        re.compile(
            rf"0x(?P<start>{_ADDRESS}) - 0x(?P<end>{_ADDRESS})  (?P<name>\S.*?)  \S.*?"
            r"(?:\(WARNING: (?:No|Corrupt) symbols, (?P<debug_file>[^,]*), (?P<id>[0-9A-Fa-f]{33,40})\))?$"
        ),
        _minidump_module,
    ),
    Table(
        "Module|",
        re.compile(r"Module\|(?:[^|]*\|){4}0x[0-9a-f]{1,16}\|0x[0-9a-f]{1,16}\|"),
        _pipe_module,
    ),
)
