# SPDX-License-Identifier: MPL-2.0

"""Requests of symbolication in random order, and the check of their answers."""

import posixpath
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from benchmarks.known_modules import Json, KnownModule

Location = tuple[int, int]  # module, as a position in the list of all modules, and offset
_SHARE_OF_FIRST = 0.9  # of all frames: the module that is measured; the others are beside it
_STACK_FRAMES = 60  # at most


@dataclass(frozen=True)
class Request:
    """A v5 request, and the location that each of its frames asks for."""

    body: bytes
    locations: list[list[Location]]


@dataclass
class Workload:
    """Draws locations in ``modules``, of which the first one gets nearly all.

    Functions that are asked for are those of ``seen``, a part of each module's; the others are kept
    for ``unseen``.
    """

    modules: Sequence[KnownModule]
    functions_seen: int
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    _asked: set[Location] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._seen, self._unseen = [], []
        for module in self.modules:
            functions = self.rng.sample(module.functions, len(module.functions))
            self._seen.append(functions[: self.functions_seen])
            self._unseen.append(functions[self.functions_seen :])

    def new(self, count: int) -> list[Location]:
        """Draw addresses that were not drawn before, in functions that are asked for."""
        locations: list[Location] = []
        while len(locations) < count:
            number = self._module()
            function = self.rng.choice(self._seen[number])
            location = number, function.address + self.rng.randrange(function.size)
            if location not in self._asked:
                self._asked.add(location)
                locations.append(location)
        return locations

    def unseen(self, count: int) -> list[Location]:
        """Draw an address in each of so many functions of the first module, never asked for."""
        functions = [self._unseen[0].pop() for _ in range(count)]
        return [(0, f.address + self.rng.randrange(f.size)) for f in functions]

    def request(self, locations: Sequence[Location]) -> Request:
        """Ask for the locations, with frames, stacks and modules in an order of their own."""
        modules = self.rng.sample(range(len(self.modules)), len(self.modules))
        index = {module: position for position, module in enumerate(modules)}
        left = self.rng.sample(locations, len(locations))
        stacks: list[list[Location]] = []
        while left:
            length = self.rng.randint(1, _STACK_FRAMES)
            stacks.append(left[:length])
            del left[:length]
        job = {
            "memoryMap": [self.modules[module].module for module in modules],
            "stacks": [[(index[module], offset) for module, offset in stack] for stack in stacks],
        }
        return Request(msgspec.json.encode({"jobs": [job]}), stacks)

    def _module(self) -> int:
        if self.rng.random() < _SHARE_OF_FIRST or len(self.modules) == 1:
            return 0
        return self.rng.randrange(1, len(self.modules))

    def check(self, request: Request, answer: bytes) -> None:
        """Compare all frames of an answer with the slow reader's."""
        for (module, offset), frame in _frames(request, answer):
            assert frame == self.modules[module].frame(frame["frame"], offset), frame

    def check_plain(self, request: Request, plain: bytes, answer: bytes) -> None:
        """Compare the baseline's answer with one of ours."""
        pairs = zip(_frames(request, plain), _frames(request, answer), strict=True)
        for (_, theirs), (_, ours) in pairs:
            if "file" not in theirs and "inlines" in ours:
                # Without a line record ``symbolic`` gives the function alone.
                ours = {name: ours[name] for name in theirs}
            assert _resolved(theirs) == _resolved(ours), (theirs, ours)


def _frames(request: Request, answer: bytes) -> Iterable[tuple[Location, dict[str, Any]]]:
    [result] = msgspec.json.decode(answer)["results"]
    assert False not in result["found_modules"].values(), result["found_modules"]
    for locations, frames in zip(request.locations, result["stacks"], strict=True):
        for number, (location, frame) in enumerate(zip(locations, frames, strict=True)):
            assert frame["frame"] == number
            yield location, frame


def _resolved(frame: Mapping[str, Any]) -> Json:
    """Return what both answer: ``symbolic`` resolves paths, and tells no sizes."""
    known = {name: value for name, value in frame.items() if name != "function_size"}
    for location in (known, *known.get("inlines", ())):
        if "file" in location and location["file"][1:2] != ":":
            location["file"] = posixpath.normpath(location["file"])
    return known
