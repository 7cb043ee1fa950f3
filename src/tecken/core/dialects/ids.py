# SPDX-License-Identifier: MPL-2.0

"""The forms that one id has in the URLs of different dialects. All are returned in lower case."""

from typing import Final

GUID_DIGITS: Final = 32
SSQP_DIGITS: Final = 40  # what shorter build ids are filled up to, with zeros
_COMMON_DIGITS: Final = (32, 16)  # of MD5 and UUID, and of lld's fast ids


def id_forms(some_id: str) -> tuple[str, ...]:
    """Return the forms of an id that stands there as it is."""
    return (some_id.lower(),)


def padded_forms(build_id: str) -> tuple[str, ...]:
    """Return what a build id may be that is filled up with zeros to 20 bytes, as SSQP has it.

    An id may itself end in zeros, so the whole comes first, and then the usual lengths.
    Source: dotnet/symstore docs/specs/SSQP_Key_Conventions.md, "ELF-buildid".
    """
    whole = build_id.lower()
    if len(whole) != SSQP_DIGITS or not whole.endswith("00"):
        return (whole,)
    least = len(whole.rstrip("0"))
    least += least % 2  # whole bytes
    lengths = [length for length in _COMMON_DIGITS if length >= least]
    forms = (whole, *(whole[:length] for length in lengths), whole[:least])
    return tuple(dict.fromkeys(form for form in forms if form))


def uuid_forms(uuid: str) -> tuple[str, ...]:
    """Return the forms of a UUID that may have dashes, or be filled up to 20 bytes."""
    digits = uuid.replace("-", "").lower()
    if len(digits) == SSQP_DIGITS and not digits[GUID_DIGITS:].strip("0"):
        return (digits[:GUID_DIGITS],)
    return (digits,) if len(digits) == GUID_DIGITS else ()
