# SPDX-License-Identifier: MPL-2.0

"""The web app's types of the API are those of the API."""

from tools.write_api_types import TYPES, api_types


def test_the_types_are_those_of_the_document() -> None:
    assert TYPES.read_text(encoding="utf-8") == api_types(), "run `make api-types`"
