# SPDX-License-Identifier: MPL-2.0

"""Symbol files by code file and code id, and ``/api/syminfo/``; what is known comes from uploads."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.download.conftest import Store

from tecken.accounts.models import User
from tecken.accounts.tokens.services import create_token

pytestmark = pytest.mark.django_db

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
CODE_ID = "5CF2591C6859000"
BUILD_ID = "a9b8c7d6" * 5
ASKED = f"/xul.dll/{CODE_ID}/xul.sym"
FOUND = f"/xul.pdb/{DEBUG_ID}/xul.sym"

Upload = Callable[..., None]


@pytest.fixture
def upload(client: Client, store: Store) -> Upload:
    """Upload a symbol file as a build does."""
    user, _ = User.objects.get_or_create_by_email("uploader@example.com")
    permission = Permission.objects.get(codename="upload_symbols")
    user.user_permissions.add(permission)
    token = create_token(user, [permission], days=1, by=user).key

    def upload(
        debug_file: str = "xul.pdb",
        debug_id: str = DEBUG_ID,
        code: str = f"{CODE_ID} xul.dll",
        *,
        more: str = "",
        **form: str,
    ) -> None:
        name = debug_file.removesuffix(".pdb")
        text = f"MODULE windows x86_64 {debug_id} {debug_file}\nINFO CODE_ID {code}\n{more}"
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as archive:
            archive.writestr(f"{debug_file}/{debug_id}/{name}.sym", text + "PUBLIC 10 0 f\n")
        file = SimpleUploadedFile("symbols.zip", body.getvalue())
        response = client.post(
            "/upload/", {"symbols.zip": file, **form}, headers={"Auth-Token": token}
        )
        assert response.status_code == 201, response.content

    return upload


@pytest.mark.parametrize("name", ["xul.sym", "xul.dll.sym", "XUL.SYM"])
def test_a_code_id_leads_to_the_debug_id(client: Client, upload: Upload, name: str) -> None:
    upload()
    for code_id in (CODE_ID, CODE_ID.lower()):
        response = client.get(f"/xul.dll/{code_id}/{name}")
        assert (response.status_code, response["Location"]) == (302, FOUND)
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cache-Control"] == "private, no-cache"
    assert client.get(response["Location"]).status_code == 302


def test_a_build_id_without_a_file_goes_with_the_debug_file(client: Client, upload: Upload) -> None:
    # As dump_syms writes it for Linux.
    upload("libxul.so", DEBUG_ID, BUILD_ID.upper())
    response = client.get(f"/libxul.so/{BUILD_ID}/libxul.so.sym")
    found = f"/libxul.so/{DEBUG_ID}/libxul.so.sym"
    assert (response.status_code, response["Location"]) == (302, found)
    syminfo = client.get(f"/api/syminfo/libxul.so/{BUILD_ID}").json()
    assert (syminfo["debug_id"], syminfo["code_file"]) == (DEBUG_ID, "")


def test_head_is_led_there_too(client: Client, upload: Upload) -> None:
    upload()
    response = client.head(ASKED)
    assert (response.status_code, response["Location"], response.content) == (302, FOUND, b"")


@pytest.mark.parametrize("query", ["a=b&_refresh", "code_file=x.dll", "a=%C3%A9%0A"])
def test_the_query_is_kept(client: Client, upload: Upload, query: str) -> None:
    upload()
    assert client.get(f"{ASKED}?{query}")["Location"] == f"{FOUND}?{query}"


def test_a_build_id_and_names_with_spaces(client: Client, upload: Upload) -> None:
    upload("Plugin Container", DEBUG_ID, f"{BUILD_ID} Plugin Container")
    response = client.get(f"/Plugin%20Container/{BUILD_ID}/Plugin%20Container.sym")
    assert response["Location"] == f"/Plugin%20Container/{DEBUG_ID}/Plugin%20Container.sym"


def test_what_a_source_has_under_the_id_itself_wins(
    client: Client, upload: Upload, store: Store
) -> None:
    upload()
    store.put_sym(store.first, ASKED[1:])
    assert client.get(ASKED)["Location"] == f"/_files/{store.first.name}/v1{ASKED}"


def test_the_newest_upload_wins(client: Client, upload: Upload) -> None:
    upload()
    upload(debug_id="F" * 33)
    assert client.get(ASKED)["Location"] == FOUND.replace(DEBUG_ID, "F" * 33)
    upload(more="PUBLIC 1 0 g\n")
    assert client.get(ASKED)["Location"] == FOUND


def test_uploads_of_try_builds_count_with_try_only(client: Client, upload: Upload) -> None:
    upload(**{"try": "1"})
    assert client.get(ASKED).status_code == 404
    assert client.get(f"/try{ASKED}")["Location"] == f"/try{FOUND}"
    assert client.get(f"{ASKED}?try")["Location"] == f"{FOUND}?try"
    assert client.get(f"{FOUND}?try").status_code == 302
    assert client.get(f"/api/syminfo/xul.dll/{CODE_ID}").status_code == 404
    assert client.get(f"/api/syminfo/xul.dll/{CODE_ID}?try").status_code == 200


@pytest.mark.parametrize(
    "path", [f"/xul.dll/{CODE_ID}/xul.dl_", f"/xol.dll/{CODE_ID}/xul.sym", "/xul.dll/ABC/xul.sym"]
)
def test_anything_else_is_not_found(client: Client, upload: Upload, path: str) -> None:
    upload()
    response = client.get(path)
    assert (response.status_code, response.content) == (404, b"Symbol Not Found")


def test_nobody_is_led_in_a_circle(client: Client, upload: Upload, store: Store) -> None:
    upload("libc.so", BUILD_ID, f"{BUILD_ID} libc.so")
    store.second.bucket.delete(f"v1/libc.so/{BUILD_ID.upper()}/libc.so.sym")
    assert client.get(f"/libc.so/{BUILD_ID}/libc.so.sym").status_code == 404


@pytest.mark.parametrize(
    "path", [f"xul.dll/{CODE_ID.lower()}", f"xul.pdb/{DEBUG_ID}", f"xul.pdb/{DEBUG_ID}/"]
)
def test_either_id_tells_all_of_a_module(client: Client, upload: Upload, path: str) -> None:
    upload(more="INFO GENERATOR mozilla/dump_syms 2.3.4\n")
    response = client.get(f"/api/syminfo/{path}")
    assert response.json() == {
        "debug_filename": "xul.pdb",
        "debug_id": DEBUG_ID,
        "code_file": "xul.dll",
        "code_id": CODE_ID,
        "generator": "mozilla/dump_syms 2.3.4",
        "url": f"http://testserver{FOUND}",
    }
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_module_that_no_upload_told_of_is_404(client: Client, slash: str) -> None:
    response = client.get(f"/api/syminfo/xul.dll/{CODE_ID}{slash}")
    assert response.status_code == 404
    assert response.json() == {"error": f"No upload has told of xul.dll/{CODE_ID}"}
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("a%00b/ABC", "a\\x00b"), ("a%5Cb/ABC", "a\\\\b"), ("xul.pdb/xyz", "xyz")],
)
def test_a_name_that_nothing_can_have_is_refused(client: Client, path: str, wrong: str) -> None:
    response = client.get(f"/api/syminfo/{path}")
    assert response.status_code == 400
    assert wrong in response.json()["error"]
