# SPDX-License-Identifier: MPL-2.0

"""The crash texts of the real data, and how an answer is compared with what is expected of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tecken.core.crash_texts.ids import base_name


@dataclass(frozen=True)
class Expected:
    """A text, and the answer that is expected; what a text cannot tell is not compared.

    The expected answers were drawn with the modules at hand: they have ids, offsets and names of modules
    without symbols even where neither the text nor its request says them.
    """

    text: bytes
    answer: dict[str, Any]

    @property
    def modules(self) -> str:
        """The form field."""
        return str(self.answer["request"]["modules"] or "")

    def differences(self, answer: dict[str, Any], outermost_first: bool = False) -> list[str]:
        """Name what of an answer is otherwise than expected."""
        expected = self.answer
        found = [
            f"{name}: {answer[name]} instead of {expected[name]}"
            for name in ("format", "frames", "named")
            if answer[name] != expected[name]
        ]
        if (expected["title"] is None) != (answer["title"] is None) or (
            expected["title"] not in (answer["title"] or "") if expected["title"] else False
        ):
            found.append(f"title: {answer['title']} instead of {expected['title']}")
        unread = [line["line"] for line in answer["unread"]]
        if unread != expected["damaged_lines"]:
            found.append(f"unread: {unread} instead of {expected['damaged_lines']}")
        return found + self._modules(answer) + self._threads(answer, outermost_first)

    def _modules(self, answer: dict[str, Any]) -> list[str]:
        """Compare the modules that have symbols."""
        wanted, given = (
            {(module["debug_file"], module["debug_id"], module["assumed"]) for module in modules}
            for modules in (
                [module for module in self.answer["modules"] if module["found"]],
                [module for module in answer["modules"] if module["found"]],
            )
        )
        return [] if wanted == given else [f"modules: {given} instead of {wanted}"]

    def _threads(self, answer: dict[str, Any], outermost_first: bool) -> list[str]:
        found = []
        wanted_threads, threads = self.answer["threads"], answer["threads"]
        for wanted, thread in zip(wanted_threads, threads, strict=False):
            if (wanted["name"], wanted["crashed"]) != (thread["name"], thread["crashed"]):
                found.append(f"thread {thread['name']} instead of {wanted['name']}, or its crash")
            frames = thread["frames"][:: -1 if outermost_first else 1]
            if len(frames) != len(wanted["frames"]):
                found.append(f"{len(frames)} frames instead of {len(wanted['frames'])}")
            for wanted_frame, frame in zip(wanted["frames"], frames, strict=False):
                found += _compare(wanted_frame, frame)
        if len(threads) != len(wanted_threads):
            found.append(f"{len(threads)} threads instead of {len(wanted_threads)}")
        return found


def _compare(wanted: dict[str, Any], frame: dict[str, Any]) -> list[str]:
    names = ["line", "function", "line_number", "found"]
    if wanted["found"]:
        names += ["module", "module_offset"]
    elif wanted["address"] and wanted["address"] != "0x0":
        names += ["module", "address"]
    found = [
        f"line {wanted['line']}: {name} {frame[name]} instead of {wanted[name]}"
        for name in names
        if frame[name] != wanted[name]
    ]
    calls = [
        [call["function"], base_name(call["file"] or ""), call["line_number"]]
        for call in frame["inlines"]
    ]
    wanted_calls = [
        [function, *source]
        for function, source in zip(
            wanted.get("inline_functions", []), wanted.get("inline_places", []), strict=True
        )
    ]
    if calls != wanted_calls:
        found.append(f"line {wanted['line']}: {calls} instead of {wanted_calls}")
    if wanted["file"] != (frame["file"] and base_name(frame["file"])):
        found.append(f"line {wanted['line']}: {frame['file']} instead of {wanted['file']}")
    return found


def names(folder: Path) -> list[str]:
    """Return the names of the texts in a folder."""
    return sorted(path.stem for path in (folder / "expected").glob("*.json"))
