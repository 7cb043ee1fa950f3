# SPDX-License-Identifier: MPL-2.0

"""Which module a frame is in, and where in it: by the name the text has, or by the address."""

from collections.abc import Callable
from dataclasses import dataclass

from tecken.core.crash_texts import ids
from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.model import CrashText, Frame, Module

_PAGE = 0x1000
_BUILD_ID_DIGITS = 32  # or more; a timestamp and a size have 9 to 16


@dataclass(frozen=True, slots=True)
class Guessed:
    """The module that a name is taken for."""

    debug_file: str
    debug_id: str


# Returns the module that is most likely meant by the name of a file.
Guess = Callable[[str], Guessed | None]
# Returns the module that has this code file and code id.
ByCodeId = Callable[[str, str], Guessed | None]


def resolve(
    crash: CrashText, images: Images, guess: Guess | None, by_code_id: ByCodeId | None = None
) -> None:
    """Give each frame its module and its offset there; list the modules in the order of their use."""
    frames = crash.frames
    _learn_bases(frames, images)
    modules: dict[tuple[str, str | None], Module] = {}
    nameless: dict[str, Module] = {}
    for frame in frames:
        module = _module_of(frame, images, nameless)
        if module is None:
            continue
        frame.module = modules.setdefault((module.debug_file, module.debug_id), module)
    crash.modules = list(modules.values())
    for module in crash.modules:
        if module.debug_id is None and module.code_id is not None:
            _identify(module, module.code_id, by_code_id)
    if guess is not None:
        _guess(crash.modules, guess)


def _learn_bases(frames: list[Frame], images: Images) -> None:
    """Learn where a module lies from a frame that has both an address and an offset, and its id."""
    for frame in frames:
        if frame.debug_id and frame.module_name and ids.is_file(frame.module_name):
            name = frame.module_name
            images.add(Module(name, ids.base_name(name), frame.debug_id, code_id=frame.code_id))
        if frame.address is None or frame.offset is None or not ids.is_file(frame.module_name):
            continue
        base = frame.address - frame.offset
        name = frame.module_name or ""
        if base >= 0 and base % _PAGE == 0:
            known = images.named(name) or images.add(Module(name, ids.base_name(name)))
            if known.base is None:
                images.moved(known, base)


def _module_of(frame: Frame, images: Images, nameless: dict[str, Module]) -> Module | None:
    name = frame.module_name
    module: Module | None = None
    if name is not None and ids.is_file(name):
        module = images.named(name)
        if module is None:
            module = nameless.setdefault(
                name, Module(name, _debug_file_of(name), code_file=_code_file(name))
            )
    elif name is None and frame.address is not None:
        module = images.at(frame.address)
    if module is None:
        frame.offset = None
        return None
    if frame.offset is None and frame.address is not None and module.base is not None:
        offset = frame.address - module.base
        if offset >= 0:
            frame.offset = offset
    return _with_own_id(frame, module)


def _with_own_id(frame: Frame, module: Module) -> Module:
    """Take the id that stands in the frame's line; it is the one of this file, whatever else has its name."""
    if frame.debug_id is None:
        return module
    return Module(
        module.name, module.debug_file, frame.debug_id, module.code_file, frame.code_id, module.base
    )


def _debug_file_of(name: str) -> str:
    base_name = ids.base_name(name)
    stem, _, extension = base_name.rpartition(".")
    return f"{stem}.pdb" if extension.lower() in ("dll", "exe", "sys", "drv", "ocx") else base_name


def _code_file(name: str) -> str | None:
    return ids.base_name(name) if _debug_file_of(name) != ids.base_name(name) else None


def _identify(module: Module, code_id: str, by_code_id: ByCodeId | None) -> None:
    """Find the debug id by the code id: a build id or a UUID by rule, that of Windows by asking."""
    if len(code_id) >= _BUILD_ID_DIGITS:
        module.debug_id = ids.of_any(code_id)
    elif by_code_id and (found := by_code_id(module.code_file or module.name, code_id)):
        module.debug_file, module.debug_id = found.debug_file, found.debug_id


def _guess(modules: list[Module], guess: Guess) -> None:
    for module in modules:
        if module.debug_id is None and (
            found := guess(ids.base_name(module.code_file or module.name))
        ):
            module.debug_file, module.debug_id = found.debug_file, found.debug_id
            module.assumed = True
