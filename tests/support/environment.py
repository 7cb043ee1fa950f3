# SPDX-License-Identifier: MPL-2.0

"""Loaded before Django's settings are: no test sees this machine's variables or data folder.

``TECKEN_TEST_FORM=scaled-out`` gives the tests PostgreSQL and Redis in place of files.
"""

import atexit
import importlib
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack

import pytest
from tests.support import servers

for name in [name for name in os.environ if name.startswith(("AWS_", "DJANGO_"))]:
    del os.environ[name]
for name in (
    "DATABASE_URL",
    "GUNICORN_WORKERS",
    "PORT",
    "REDIS_STORE_URL",
    "REDIS_URL",
    "TECKEN_BEGINS_DATA",
    "TECKEN_SERVE_ONLY",
    "TECKEN_TOKEN",
    "TECKEN_URL",
):
    os.environ.pop(name, None)

# Hundreds of processes would compile the same modules.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

data_dir = tempfile.mkdtemp(prefix="tecken-test-")
atexit.register(shutil.rmtree, data_dir, ignore_errors=True)

# What the processes of a test run make once for all; the one that has started the others removes it.
if "TECKEN_TEST_SHARED_FOLDER" not in os.environ:
    os.environ["TECKEN_TEST_SHARED_FOLDER"] = tempfile.mkdtemp(prefix="tecken-shared-")
    atexit.register(shutil.rmtree, os.environ["TECKEN_TEST_SHARED_FOLDER"], ignore_errors=True)

os.environ["DJANGO_CONFIGURATION"] = "Test"
os.environ["TECKEN_DATA_DIR"] = data_dir

form = os.environ.setdefault("TECKEN_TEST_FORM", "embedded")
if form == "scaled-out":
    running = ExitStack()
    atexit.register(running.close)
    # Or it would count the rows of a table while that is empty, and then plan for so many.
    database = running.enter_context(servers.postgres(None, "autovacuum=off"))
    cache = running.enter_context(servers.redis())
    store = running.enter_context(
        servers.redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    )
    os.environ["DATABASE_URL"] = servers.postgres_url(database)
    os.environ["REDIS_URL"] = servers.redis_url(cache)
    os.environ["REDIS_STORE_URL"] = servers.redis_url(store)
importlib.import_module("tecken.settings")
# pytest-django takes this variable for a sign of another package, and wants to import that.
del os.environ["DJANGO_CONFIGURATION"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the counts of the two forms apart."""
    terminalreporter.line(f"Form: {form}")
