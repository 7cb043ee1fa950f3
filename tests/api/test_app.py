# SPDX-License-Identifier: MPL-2.0

"""What the web app has to know of its server."""

from django.test import Client


def test_the_app_s_settings_are_told_to_everybody(client: Client, settings) -> None:
    settings.CONTACT_URL = "mailto:symbols@example.com"
    settings.SENTRY_PUBLIC_DSN = "https://key@sentry.example.com/2"
    settings.UPLOAD_MAX_MEMBERS = 7
    told = client.get("/api/_app/").json()
    assert told["version"] == client.get("/__version__").json()["version"]
    assert told["contact_url"] == "mailto:symbols@example.com"
    assert told["sentry_dsn"] == "https://key@sentry.example.com/2"
    assert told["upload_limits"]["max_members"] == 7


def test_what_nobody_has_set_is_null(client: Client) -> None:
    told = client.get("/api/_app/").json()
    assert (told["contact_url"], told["sentry_dsn"]) == (None, None)
