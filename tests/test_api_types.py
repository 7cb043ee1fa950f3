# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The web app's types of the API are those of the API."""

from tools.write_api_types import TYPES, api_types


def test_the_types_are_those_of_the_document() -> None:
    assert TYPES.read_text(encoding="utf-8") == api_types(), "run `make api-types`"
