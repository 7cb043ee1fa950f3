# SPDX-License-Identifier: MPL-2.0

"""What several subjects share."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tecken.web.paging import BATCH_SIZE, Page

MAX_DAYS = 36_525  # a hundred years


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


# Of a related row, what it is called by: of a user, the email.
Name = Annotated[str, BeforeValidator(str)]
# Texts that are empty in the database where they do not apply.
OptionalText = Annotated[str | None, BeforeValidator(lambda text: text or None)]
# Rows of a many-to-many relation, of which the database gives a manager.
Related = BeforeValidator(lambda rows: list(rows.all()) if hasattr(rows, "all") else rows)
Text = Annotated[str, Field(max_length=2000), AfterValidator(_storable)]


def _values(given: object) -> object:
    """Return the values of a field of a form that has several: repeated, or with commas between."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list) and all(isinstance(value, str) for value in given):
        return [value for text in given for value in text.split(",") if value.strip()]
    return given


FormList = BeforeValidator(_values)
# The same for texts, which may have commas in them.
FormTexts = BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]


class Shape(BaseModel):
    """A part of a request or an answer; rows of the database can be read by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class PageShape(Shape):
    """A page of a list; the rows come under the name of what they are.

    ``only_newest`` is how many of the newest rows were looked through, null where all were: there may
    be older ones that fit, which other filters find (a time, or a whole text with `=`).
    """

    page: int
    batch_size: int
    has_next: bool
    only_newest: int | None = None

    @classmethod
    def of(cls, page: Page[Any], **more: object) -> Self:
        """Return the shape of a page; ``more`` has its rows, and what else there is."""
        paging = {"page": page.number, "batch_size": BATCH_SIZE, "has_next": page.has_next}
        return cls.model_validate({**paging, "only_newest": page.only_newest, **more})


class Problem(Shape):
    """What was wrong, in a sentence."""

    error: str


class FieldProblems(Shape):
    """What was wrong with each field of a form or a query."""

    errors: dict[str, list[str]]
