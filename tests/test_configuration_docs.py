# SPDX-License-Identifier: MPL-2.0

"""The documents name every variable that the settings read, and no other."""

import re
from pathlib import Path

from tecken import settings

REPOSITORY = Path(__file__).parents[1]
CLIENT_VARIABLES = {"TECKEN_URL", "TECKEN_TOKEN"}  # read by the commands, not by the server


def test_every_variable_is_in_the_configuration_document() -> None:
    text = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.MULTILINE))
    assert documented == settings.env.names | CLIENT_VARIABLES


def test_every_variable_is_in_the_env_file_for_copying() -> None:
    text = (REPOSITORY / ".env-dist").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#([A-Z0-9_]+)=", text, re.MULTILINE))
    assert listed == settings.env.names
