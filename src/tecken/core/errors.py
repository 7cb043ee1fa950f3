# SPDX-License-Identifier: MPL-2.0

"""Every error of the domain.

They carry values (a key, a source, a line number), never HTTP terms; ``tecken.web.errors`` maps
each to a status and a JSON body. "Not there" and "could not tell" are different errors::

    TeckenError
    ├── RefusedError                  what a client sent is wrong (the text says what)
    │   ├── InvalidNameError          a file name or id that can never be part of a symbol key
    │   ├── InvalidRequestError       a request of the wrong shape
    │   ├── InvalidFieldsError        a form or a query with fields that make no sense
    │   ├── ArchiveRefusedError       an upload whose content is not acceptable
    │   ├── LimitExceededError        more, or larger, than the limits allow
    │   ├── UnsupportedCodingError    a body that is compressed in a way that is not read
    │   ├── RequestTimeoutError       what was sent stalled, or came too slowly
    │   ├── ConflictError             somebody else, or an earlier request, was faster
    │   ├── GoneError                 what was there once, and comes back by no means
    │   └── NotPermittedError         known who asks, and that may not be done
    ├── SymbolFileError
    │   ├── MalformedSymbolFileError  no symbols can be read from it
    │   └── UnsupportedSymbolFileError  beyond what is supported
    ├── NativeFileError
    │   ├── MalformedNativeFileError  it is damaged, or names what is not in it
    │   └── UnsupportedNativeFileError  beyond what is read
    ├── BusyError                     as much of it is under way as may be
    ├── RemoteUnavailableError        a file could not be fetched from another server
    ├── WrongFileError                another server has sent what is not the file that was asked for
    ├── BackupError                   a backup that cannot be made, is not whole, or has no room
    ├── ProgramError                  a program of this machine did not do what it was run for
    │   ├── ProgramNotRunError        it is not installed, or cannot be started
    │   └── ProgramStoppedError       it went beyond a limit, or nobody wants its output any more
    └── StorageError
        ├── ObjectNotFoundError       the bucket says that the key is not there
        │   └── ObjectPendingError      not yet: it is being made of what there is
        ├── ObjectChangedError        the object is not the version that was asked for
        ├── StorageUnavailableError   the bucket could not be asked: nobody knows
        │   ├── NoConnectionError       there is no connection to its server
        │   ├── BeingFetchedError       another symbol server is still being asked for it
        │   ├── CrowdedError            as many ask it as may
        │   └── ModuleUnreachableError  so the symbols of a module could not be looked for
        └── NoRoomError               there is no room to write
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

Kind = TypeVar("Kind", bound="TeckenError")


class TeckenError(Exception):
    """Base of all errors of the domain; they can be pickled, whatever their arguments are.

    ``details`` is what a client is told besides the sentence, by the keys of the JSON answer.
    """

    def __reduce__(self) -> tuple[Callable[..., "TeckenError"], tuple[object, ...]]:
        return _unpickled, (type(self), self.args, self.__dict__)

    @property
    def details(self) -> Mapping[str, object]:
        """Nothing, unless a class says otherwise."""
        return {}


def _unpickled(
    kind: type[Kind], arguments: tuple[object, ...], values: Mapping[str, object]
) -> Kind:
    """Make an error without its ``__init__``, which need not take what ``args`` has."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(values)
    return error


class RefusedError(TeckenError):
    """What a client sent is refused; the message is a sentence that names what was wrong."""


class InvalidNameError(RefusedError):
    """A file name or an id that can never be part of a symbol key.

    ``value`` is the name as it was given, ``reason`` says what is wrong with it.
    """

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(f"{value!r} {reason}")
        self.value = value
        self.reason = reason


class InvalidRequestError(RefusedError):
    """A request of the wrong shape, or with values that make no sense."""


class InvalidFieldsError(RefusedError):
    """A form or a query with fields that make no sense; ``errors`` has sentences for each."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(said)}" for name, said in errors.items()))
        self.errors = errors


class ArchiveRefusedError(RefusedError):
    """An uploaded archive that is damaged or holds something that is not acceptable."""


class LimitExceededError(RefusedError):
    """Something has more bytes or more items than the limits allow."""


class UnsupportedCodingError(RefusedError):
    """What was sent is compressed, or otherwise coded, in a way that is not read there."""


class RequestTimeoutError(RefusedError):
    """A client sent what it announced too slowly, or stopped in the middle of it."""


class ConflictError(RefusedError):
    """What is asked for does not follow from how things are now; whoever looks again may go on."""


class GoneError(RefusedError):
    """Something that was there has expired or was lost; it has to be begun again."""


class NotPermittedError(RefusedError):
    """The one who asks may not do this."""


class SymbolFileError(TeckenError):
    """A symbol file that cannot be used; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedSymbolFileError(SymbolFileError):
    """No symbols can be read: damaged, empty, or without a FUNC and a PUBLIC record."""


class UnsupportedSymbolFileError(SymbolFileError):
    """A symbol file beyond what is supported, for example with too many symbols."""


class NativeFileError(TeckenError):
    """A program, library or debug file of a build that cannot be read; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedNativeFileError(NativeFileError):
    """It is damaged: what its headers announce is not there, or makes no sense."""


class UnsupportedNativeFileError(NativeFileError):
    """It is of a kind, or of a size, that is not read."""


class BusyError(TeckenError):
    """As many do this as may at a time; later there is room again."""


class RemoteUnavailableError(TeckenError):
    """A file that a client named by URL cannot be fetched now; ``url`` or the host, ``reason``."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} cannot be fetched now: {reason}")
        self.url = url
        self.reason = reason


class WrongFileError(TeckenError):
    """What another server sent is of another id, no such file, damaged, or beyond a limit; ``reason`` says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BackupError(TeckenError):
    """A backup cannot be made, is not whole, or has nowhere to go to; ``path`` is what is wrong."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason


class ProgramError(TeckenError):
    """A program that was run did not end well; ``program`` is its name, ``reason`` says why.

    ``said`` has the last lines that it wrote to standard error.
    """

    def __init__(self, program: str, reason: str, said: Sequence[str] = ()) -> None:
        super().__init__(f"{program} {reason}")
        self.program = program
        self.reason = reason
        self.said = said


class ProgramNotRunError(ProgramError):
    """The program is not installed, or the system cannot start it."""


class ProgramStoppedError(ProgramError):
    """The program was killed: it went beyond a limit, or nobody wants its output any more."""


class StorageError(TeckenError):
    """Something about a bucket; ``source`` names it, ``key`` is the object's key if there is one."""

    def __init__(self, source: str, key: str | None, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}" if key else f"{source}: {reason}")
        self.source = source
        self.key = key
        self.reason = reason


class ObjectNotFoundError(StorageError):
    """The bucket answered, and the key is not there."""

    def __init__(self, source: str, key: str) -> None:
        super().__init__(source, key, "not found")


class ObjectPendingError(ObjectNotFoundError):
    """The object will be there in a while; ``reason`` is a sentence for people."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        StorageError.__init__(self, source, key, reason)


class ObjectChangedError(StorageError):
    """The object was replaced: it is no longer the version (``if_match``) that was asked for."""

    def __init__(self, source: str, key: str) -> None:
        super().__init__(source, key, "changed while it was read")


class StorageUnavailableError(StorageError):
    """The bucket could not be asked (connection, time-out, vanished folder): nobody knows."""


class NoConnectionError(StorageUnavailableError):
    """There is no connection to the bucket's server, whatever it is asked for."""


class BeingFetchedError(StorageUnavailableError):
    """The answer of another symbol server has not come yet; whoever asks again may find it."""


class CrowdedError(StorageUnavailableError):
    """It was not asked, as too many others ask it; whoever asks again in a moment may be told."""


class ModuleUnreachableError(StorageUnavailableError):
    """The symbols of a module could not be looked for. ``module`` is ``"xul.pdb/44E4…"``."""

    def __init__(self, module: str, cause: StorageError) -> None:
        super().__init__(cause.source, cause.key, cause.reason)
        self.module = module

    def __str__(self) -> str:
        return f"the symbols of {self.module} could not be asked for: {super().__str__()}"

    @property
    def details(self) -> Mapping[str, object]:
        """The same, by module."""
        reason = {"name": "unreachable", "message": f"{self.source}: {self.reason}"}
        return {"module_errors": {self.module: [reason]}}


class NoRoomError(StorageError):
    """The bucket has no room for what should be written."""
