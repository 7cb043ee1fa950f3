# SPDX-License-Identifier: MPL-2.0

import pickle

import pytest

from tecken.core import errors
from tecken.core.errors import (
    ArchiveRefusedError,
    InvalidFieldsError,
    InvalidNameError,
    MalformedSymbolFileError,
    ModuleUnreachableError,
    NoRoomError,
    ObjectNotFoundError,
    ProgramNotRunError,
    RemoteUnavailableError,
    StorageUnavailableError,
    TeckenError,
)

UNAVAILABLE = StorageUnavailableError("https://s3.example.com/symbols", "v1/xul.pdb", "timed out")


@pytest.mark.parametrize(
    "error",
    [
        ArchiveRefusedError("File is not a zip file"),
        InvalidNameError("a/b", "contains invalid characters"),
        InvalidFieldsError({"days": ["is no number"]}),
        MalformedSymbolFileError("it is empty"),
        RemoteUnavailableError("https://example.com/a.zip", "timed out"),
        ProgramNotRunError("dump_syms", "is not installed"),
        UNAVAILABLE,
        NoRoomError("uploads", None, "No space left on device"),
        ObjectNotFoundError("symbols", "v1/xul.pdb"),
        ModuleUnreachableError("xul.pdb/44E4", UNAVAILABLE),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_in_another_process(error: TeckenError) -> None:
    there = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(there) is type(error)
    assert str(there) == str(error)
    assert vars(there) == vars(error)
    assert there.details == error.details


def test_each_kind_of_error_is_pickled_by_the_same_rule() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    domain = [kind for kind in kinds if issubclass(kind, TeckenError)]
    assert len(domain) > 20
    assert {kind.__reduce__ for kind in domain} == {TeckenError.__reduce__}
