# SPDX-License-Identifier: MPL-2.0

"""Settings and versions, for superusers."""

import sys

from tests.api.conftest import SignIn

from tecken.accounts.models import User


def test_settings_are_told_without_credentials(root: User, sign_in: SignIn) -> None:
    settings = sign_in(root).get("/api/_settings/").json()["settings"]
    found = {setting["key"]: setting for setting in settings}
    assert found["DJANGO_DOWNLOAD_FILE_EXTENSIONS_WHITELIST"]["value"].startswith(".sym")
    assert set(found["DJANGO_SECRET_KEY"]["value"]) == {"*"}
    assert found["DJANGO_CONFIGURATION"]["origin"] == "environment"


def test_versions_are_told_of_the_server_and_of_what_it_uses(root: User, sign_in: SignIn) -> None:
    versions = sign_in(root).get("/api/_versions/").json()["versions"]
    found = {version["key"]: version["value"] for version in versions}
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["django"].startswith("5.2")
    assert found.get("sqlite") or found["postgresql"]
    assert found["tecken"]
    assert "pytest" not in found
