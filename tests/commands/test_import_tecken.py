# SPDX-License-Identifier: MPL-2.0

"""A database with the tables of Mozilla's Tecken (migrations of August 2026), brought here."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from click.testing import CliRunner, Result
from django.contrib.auth.models import Group
from django.test import Client

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import hash_key
from tecken.commands.import_tecken import command
from tecken.upload.models import FileUpload, Upload, UploadsCreated

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_is_migrated")]

KEY, OLD_KEY, ODD_KEY = "a" * 32, "b" * 32, "c" * 32
MADE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TABLES = """
CREATE TABLE django_content_type (id serial PRIMARY KEY, app_label varchar(100), model varchar(100));
CREATE TABLE auth_permission (id serial PRIMARY KEY, name varchar(255),
    content_type_id integer REFERENCES django_content_type, codename varchar(100));
CREATE TABLE auth_group (id serial PRIMARY KEY, name varchar(150) UNIQUE);
CREATE TABLE auth_group_permissions (id serial PRIMARY KEY,
    group_id integer REFERENCES auth_group, permission_id integer REFERENCES auth_permission);
CREATE TABLE auth_user (id serial PRIMARY KEY, password varchar(128) NOT NULL,
    last_login timestamptz, is_superuser boolean NOT NULL, username varchar(150) NOT NULL UNIQUE,
    first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
    is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamptz NOT NULL);
CREATE TABLE auth_user_groups (id serial PRIMARY KEY,
    user_id integer REFERENCES auth_user, group_id integer REFERENCES auth_group);
CREATE TABLE auth_user_user_permissions (id serial PRIMARY KEY,
    user_id integer REFERENCES auth_user, permission_id integer REFERENCES auth_permission);
CREATE TABLE tokens_token (id bigserial PRIMARY KEY, key varchar(32) NOT NULL,
    expires_at timestamptz NOT NULL, notes text NOT NULL, created_at timestamptz NOT NULL,
    user_id integer NOT NULL REFERENCES auth_user,
    preferred_upload_api_version integer NOT NULL DEFAULT 1);
CREATE TABLE tokens_token_permissions (id bigserial PRIMARY KEY,
    token_id bigint REFERENCES tokens_token, permission_id integer REFERENCES auth_permission);
CREATE TABLE upload_upload (id bigserial PRIMARY KEY, filename varchar(100) NOT NULL,
    bucket_name varchar(100) NOT NULL, bucket_endpoint_url varchar(100),
    skipped_keys varchar(300)[], ignored_keys varchar(300)[], completed_at timestamptz,
    size bigint NOT NULL, content_hash varchar(32), download_url varchar(500),
    try_symbols boolean NOT NULL, redirect_urls varchar(500)[], created_at timestamptz NOT NULL,
    user_id integer NOT NULL REFERENCES auth_user, outstanding_file_uploads integer);
CREATE TABLE upload_fileupload (id bigserial PRIMARY KEY, bucket_name varchar(100) NOT NULL,
    key varchar(300) NOT NULL, update boolean NOT NULL, compressed boolean NOT NULL,
    size integer NOT NULL, completed_at timestamptz, created_at timestamptz NOT NULL,
    microsoft_download boolean NOT NULL, debug_filename text, debug_id varchar(40), code_file text,
    code_id varchar(40), generator varchar(100), upload_id bigint REFERENCES upload_upload);
"""
PEOPLE = """
INSERT INTO django_content_type VALUES (1, 'upload', 'upload'), (2, 'tokens', 'token'), (3, 'auth', 'user');
INSERT INTO auth_permission VALUES (11, '', 1, 'upload_symbols'), (12, '', 1, 'upload_try_symbols'),
    (13, '', 1, 'view_all_uploads'), (14, '', 2, 'manage_tokens'), (15, '', 3, 'delete_user');
INSERT INTO auth_group VALUES (21, 'Uploaders'), (22, 'Release Engineers');
INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (21, 11), (22, 11), (22, 13), (22, 15);
INSERT INTO auth_user VALUES
    (31, 'x', NULL, true, 'root', '', '', 'Root@example.com', true, true, '2020-01-02T03:04:05Z'),
    (32, 'x', '2026-03-01T00:00:00Z', false, 'builder', '', '', 'builder@example.com', false, true, '2021-01-02T00:00:00Z'),
    (33, 'x', NULL, false, 'gone', '', '', 'gone@example.com', false, false, '2022-01-02T00:00:00Z'),
    (34, 'x', NULL, false, 'nobody', '', '', '', false, true, '2022-01-02T00:00:00Z');
INSERT INTO auth_user_groups (user_id, group_id) VALUES (32, 21), (32, 22), (33, 21);
INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (33, 12), (33, 15);
"""
FILES = """
INSERT INTO upload_upload VALUES
    (61, 'symbols.zip', 'org.symbols', NULL, ARRAY['v1/a.pdb/A1/a.sym'], NULL, '2026-03-04T05:07:00Z',
     5000000000, repeat('0', 32), NULL, false, NULL, '2026-03-04T05:06:07Z', 32, NULL),
    (62, 'try.zip', 'org.symbols', 'https://s3.example.com', NULL, ARRAY['x-symbols.txt'], NULL,
     7, NULL, 'https://host/try.zip', true, ARRAY['https://host/a'], '2026-03-05T00:00:00Z', 32, 2),
    (63, 'nobody.zip', 'org.symbols', NULL, NULL, NULL, NULL, 7, NULL, NULL, false, NULL, '2026-03-05T00:00:00Z', 34, NULL);
INSERT INTO upload_fileupload VALUES
    (71, 'org.symbols', 'v1/xul.pdb/44E4/xul.sym', true, true, 900, '2026-03-04T05:06:30Z',
     '2026-03-04T05:06:10Z', false, 'xul.pdb', '44E4', 'xul.dll', '5CF2', 'dump_syms', 61),
    (72, 'org.symbols', 'v1/xul.dll/5CF2/xul.dl_', false, false, 12, NULL, '2026-03-04T05:06:11Z',
     false, NULL, NULL, NULL, NULL, NULL, 61),
    (73, 'org.symbols', 'v1/nt.pdb/11/nt.sym', false, true, 3, '2024-03-04T05:06:11Z',
     '2024-03-04T05:06:11Z', true, 'nt.pdb', '11', NULL, NULL, NULL, NULL),
    (74, 'org.symbols', 'v1/b.pdb/22/b.sym', false, true, 3, NULL, '2026-03-05T00:00:01Z', false, 'b.pdb', '22', NULL, NULL, NULL, 63);
"""


@pytest.fixture
def source(postgres_url: str) -> Iterator["psycopg.Connection"]:
    """The database; what is written to it is there for others at once."""
    with psycopg.connect(postgres_url, autocommit=True) as database:
        for statement in (TABLES, PEOPLE, FILES):
            database.execute(statement.encode())
        for row in (
            (41, KEY, "2099-01-01", "nightly builds", MADE, 32),
            (42, OLD_KEY, "2026-01-01", "", MADE, 33),
            (43, ODD_KEY, "2099-01-01", "", MADE, 32),
        ):
            database.execute(
                "INSERT INTO tokens_token (id, key, expires_at, notes, created_at, user_id)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                row,
            )
        for pair in ((41, 11), (41, 15), (42, 12), (43, 11), (43, 12)):
            database.execute(
                "INSERT INTO tokens_token_permissions (token_id, permission_id) VALUES (%s, %s)",
                pair,
            )
        yield database


def run(url: str) -> Result:
    return CliRunner().invoke(command, [url])


def test_everything_is_brought_with_its_ids_and_times(
    source: "psycopg.Connection", postgres_url: str, client: Client
) -> None:
    result = run(postgres_url)
    assert result.output.splitlines() == [
        "People: 3 new, 0 were here, 1 left out",
        "Tokens: 2 new, 0 were here, 1 left out",
        "Uploads: 2 new, 0 were here, 1 left out",
        "Files: 3 new, 0 were here, 1 left out",
    ]
    root, builder, gone = User.objects.order_by("pk")
    assert (root.pk, root.email, root.is_superuser) == (31, "Root@example.com", True)
    assert root.created_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (builder.pk, builder.last_login) == (32, datetime(2026, 3, 1, tzinfo=UTC))
    assert {group.name for group in builder.groups.all()} == {"Uploaders", "Release Engineers"}
    codenames = Group.objects.get(name="Release Engineers").permissions.values_list(
        "codename", flat=True
    )
    assert set(codenames) == {"upload_symbols", "view_all_uploads"}
    assert not gone.is_active
    assert [each.codename for each in gone.user_permissions.all()] == ["upload_try_symbols"]

    token = Token.objects.get(pk=41)
    assert (token.key_hash, token.key_prefix, token.notes) == (
        hash_key(KEY),
        KEY[:8],
        "nightly builds",
    )
    assert token.created_at == MADE
    for key, status in ((KEY, 200), (f"{KEY}-nightly", 200), (OLD_KEY, 403), (ODD_KEY, 403)):
        told = client.post("/upload/auth_info/", headers={"Auth-Token": key})
        assert told.status_code == status

    upload = Upload.objects.get(pk=61)
    assert (upload.size, upload.skipped_keys, upload.created_at) == (
        5_000_000_000,
        ["v1/a.pdb/A1/a.sym"],
        MADE,
    )
    of_try = Upload.objects.get(pk=62)
    assert (of_try.completed_at, of_try.try_symbols, of_try.ignored_keys) == (
        None,
        True,
        ["x-symbols.txt"],
    )
    assert of_try.redirect_urls == ["https://host/a"]
    symbols, binary, single = FileUpload.objects.order_by("pk")
    assert (symbols.pk, symbols.symbol_key, symbols.code_id) == (71, "xul.pdb/44E4/xul.sym", "5CF2")
    assert (binary.symbol_key, binary.completed_at) == ("xul.dll/5CF2/xul.dl_", None)
    assert single.upload is None
    assert UploadsCreated.objects.get(date=MADE.date()).files == 1


def test_it_may_run_again_for_what_has_come_since(
    source: "psycopg.Connection", postgres_url: str
) -> None:
    run(postgres_url)
    User.objects.filter(pk=32).update(is_active=False)
    source.execute("UPDATE upload_upload SET completed_at = created_at WHERE id = 62")
    source.execute(
        "INSERT INTO upload_upload SELECT 64, 'new.zip', bucket_name, bucket_endpoint_url, skipped_keys,"
        " ignored_keys, completed_at, size, content_hash, download_url, try_symbols, redirect_urls,"
        " created_at, user_id, NULL FROM upload_upload WHERE id = 61"
    )
    result = run(postgres_url)
    assert result.output.splitlines() == [
        "People: 0 new, 3 were here, 1 left out",
        "Tokens: 0 new, 2 were here, 1 left out",
        "Uploads: 1 new, 2 were here, 1 left out",
        "Files: 0 new, 3 were here, 1 left out",
    ]
    assert not User.objects.get(pk=32).is_active
    assert Upload.objects.get(pk=62).completed_at is not None
    assert (
        Upload.objects.create(
            user_id=31, filename="next.zip", size=1, bucket_name="b", try_symbols=False
        ).pk
        > 64
    )


def test_nothing_is_imported_over_what_others_have(
    source: "psycopg.Connection", postgres_url: str
) -> None:
    other = User.objects.create(pk=32, email="other@example.com")
    result = run(postgres_url)
    assert result.exit_code == 1
    assert "user 32 is builder@example.com there and other@example.com here" in result.output
    assert list(User.objects.all()) == [other]
    assert not Token.objects.exists()


def test_a_person_who_is_here_keeps_the_id_of_here(
    source: "psycopg.Connection", postgres_url: str
) -> None:
    here = User.objects.create(pk=1032, email="Builder@example.com")
    assert run(postgres_url).exit_code == 0
    assert Upload.objects.get(pk=61).user == here
    assert not here.groups.exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///tecken.sqlite3", "DATABASE_URL is not postgresql://"),
        ("postgresql://reader:secret@127.0.0.1:1/tecken", "DATABASE_URL: it cannot be opened"),
    ],
)
def test_what_is_no_such_database_is_said_in_one_line(url: str, says: str) -> None:
    result = run(url)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {says}")
    assert "secret" not in result.output
    assert len(result.output.splitlines()) == 1


def test_another_database_of_postgresql_has_no_such_tables(postgres_url: str) -> None:
    result = run(postgres_url)
    assert result.exit_code == 1
    assert "auth_permission" in result.output
