# SPDX-License-Identifier: MPL-2.0

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from tests.download.conftest import Store

pytestmark = pytest.mark.both_forms

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
KEY = f"xul.pdb/{DEBUG_ID}/xul.sym"


def test_a_found_symbol_is_a_redirect_to_its_file(client: Client, store: Store) -> None:
    store.put_sym(store.first, KEY)
    response = client.get(f"/{KEY}")
    assert response.status_code == 302
    assert response["Location"] == f"/_files/{store.first.name}/v1/{KEY}"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_head_says_only_that_it_is_there(client: Client, store: Store) -> None:
    store.put_sym(store.first, KEY)
    response = client.head(f"/{KEY}")
    assert (response.status_code, response.content) == (200, b"")
    assert "Location" not in response


def test_a_missing_symbol_is_plain_text(client: Client, store: Store) -> None:
    response = client.get(f"/{KEY}")
    assert (response.status_code, response.content) == (404, b"Symbol Not Found")
    assert response["Content-Type"].startswith("text/plain")
    assert client.head(f"/{KEY}").status_code == 404


def test_a_debug_id_is_found_in_any_case(client: Client, store: Store) -> None:
    store.put_sym(store.first, KEY)
    assert client.get(f"/xul.pdb/{DEBUG_ID.lower()}/xul.sym").status_code == 302


def test_sources_are_asked_in_order(client: Client, store: Store) -> None:
    store.put_sym(store.second, KEY)
    assert store.second.name in client.get(f"/{KEY}")["Location"]
    store.put_sym(store.first, KEY)
    assert store.first.name in client.get(f"/{KEY}")["Location"]


@pytest.mark.parametrize("url", [f"/{KEY}?try", f"/{KEY}?try=0", f"/try/{KEY}"])
def test_try_symbols_are_asked_for(client: Client, store: Store, url: str) -> None:
    store.put_sym(store.try_symbols, KEY)
    assert client.get(f"/{KEY}").status_code == 404
    assert client.get(url)["Location"] == f"/_files/{store.try_symbols.name}/try/v1/{KEY}"


def test_try_symbols_override_nothing(client: Client, store: Store) -> None:
    store.put_sym(store.try_symbols, KEY)
    store.put_sym(store.second, KEY)
    assert f"/{store.second.name}/" in client.get(f"/try/{KEY}")["Location"]


@pytest.mark.parametrize(
    "product", ["firefox", "seamonkey", "sunbird", "thunderbird", "xulrunner", "fennec", "b2g"]
)
def test_an_old_product_in_front_is_skipped(client: Client, store: Store, product: str) -> None:
    store.put_sym(store.first, KEY)
    assert client.get(f"/{product}/{KEY}").status_code == 302


def test_any_other_first_part_is_not_routed(client: Client, store: Store) -> None:
    store.put_sym(store.first, KEY)
    response = client.get(f"/chromium/{KEY}")
    assert response.json()["path"] == f"/chromium/{KEY}"
    assert response["Vary"] == "Accept"


def test_an_id_that_is_not_hexadecimal_is_not_routed(client: Client, store: Store) -> None:
    assert client.get("/xul.pdb/XYZ/xul.sym").json()["error"] == "Not Found"


@pytest.mark.parametrize(
    "path",
    [
        "/xul.pdb/ABC/file.ptr",
        f"/xul.pdb/{'0' * 33}/xul.sym",
        "/xul.pdb/ABC/xul.ico",
        "/a/A/a\\b.exe",
    ],
)
def test_what_nobody_has_is_ignored(client: Client, store: Store, path: str) -> None:
    response = client.get(path, headers={"Debug": "true"})
    assert (response.status_code, response.content) == (404, b"Symbol Not Found (and ignored)")
    assert response["Debug-Time"] == "0.0"


def test_what_is_ignored_is_not_asked_of_storage(
    client: Client, store: Store, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "first")
    assert client.get("/xul.pdb/ABC/file.ptr").status_code == 404


@pytest.mark.parametrize(
    "name", ["a\\b", "a^b", "<a>", "a\tb", "a\nb", "é", "\0", "..", "a" * 300, ".index"]
)
def test_a_name_that_cannot_be_stored_is_refused(client: Client, store: Store, name: str) -> None:
    response = client.get(f"/{quote(name)}/ABC/x.sym")
    assert (response.status_code, response.content) == (
        400,
        b"Symbol name lookup contains invalid characters and will never be found.",
    )
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("name", ["lib with space.so", "a+b~c@d$.so", "Āω.so", "a&b=c?.so"])
def test_a_redirect_is_percent_encoded(client: Client, store: Store, name: str) -> None:
    key = f"{name}/ABC/{name}.sym"
    store.put_sym(store.first, key)
    response = client.get(f"/{quote(key)}")
    assert response["Location"].isascii()
    assert client.head(response["Location"]).status_code == 200


@pytest.mark.parametrize("value", ["true", "1", "YES", "True"])
def test_debug_tells_how_long_it_took(client: Client, store: Store, value: str) -> None:
    store.put_sym(store.first, KEY)
    for path in (KEY, KEY.replace("xul.sym", "xol.sym")):
        assert float(client.get(f"/{path}", headers={"Debug": value})["Debug-Time"]) > 0
    assert "Debug-Time" not in client.get(f"/{KEY}")


def test_storage_trouble_is_never_not_found(client: Client, store: Store, tmp_path: Path) -> None:
    store.put_sym(store.second, KEY)
    shutil.rmtree(tmp_path / "first")
    response = client.get(f"/{KEY}")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_post_is_the_wrong_method(store: Store) -> None:
    response = Client(enforce_csrf_checks=True).post(f"/{KEY}")
    assert response.status_code == 405
    assert response.json() == {"error": f"Method Not Allowed (POST): /{KEY}"}
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.parametrize(
    "path",
    [
        "/%ff/ABC/%ff.sym",
        "/%00/ABC/%00.sym",
        "/../ABC/..",
        "/a/ABC/%0a.sym",
        "/%ed%a0%80/A/x.sym",
        f"/{'a' * 50_000}/A/x.sym",
        "/a/" + "A" * 5000 + "/x.sym",
        "//A/.sym",
    ],
)
def test_an_odd_url_is_answered_quietly(client: Client, store: Store, path: str) -> None:
    for url in (path, f"/try{path}", f"{path}?try=%ff&%00"):
        assert client.get(url).status_code in {400, 404}
