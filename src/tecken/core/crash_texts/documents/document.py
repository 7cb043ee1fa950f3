# SPDX-License-Identifier: MPL-2.0

"""What a JSON document of a crash is read into."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tecken.core.crash_texts.images import Images
from tecken.core.crash_texts.model import Frame, Returns, Thread


@dataclass
class Document:
    """The document's title, modules and threads."""

    images: Images = field(default_factory=Images)
    threads: list[Thread] = field(default_factory=list)
    title: str | None = None
    max_frames: int = 500_000
    count: int = 0

    def add(self, thread: Thread, frames: list[Frame], returns: Returns = Returns.NONE) -> None:
        """Add a thread with its frames, innermost first, as long as there may be more."""
        self.count += len(frames)
        if self.count <= self.max_frames + len(frames):
            for number, frame in enumerate(frames):
                frame.adjust = int(
                    returns is Returns.ALL or (number > 0 and returns is Returns.CALLERS)
                )
            thread.frames = frames
            self.threads.append(thread)


@dataclass(frozen=True)
class Format:
    """A format: ``matches`` knows its documents by their shape."""

    format: str
    matches: Callable[[dict[str, object]], bool]
    read: Callable[[dict[str, object], Document], None]
    example: str
    returns: Returns = Returns.NONE
