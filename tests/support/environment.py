# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Loaded before Django's settings are: no test sees this machine's variables or data folder."""

import atexit
import importlib
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("DJANGO_")]:
    del os.environ[name]
for name in (
    "DATABASE_URL",
    "GUNICORN_WORKERS",
    "PORT",
    "TECKEN_SERVE_ONLY",
    "TECKEN_TOKEN",
    "TECKEN_URL",
):
    os.environ.pop(name, None)

data_dir = tempfile.mkdtemp(prefix="tecken-test-")
atexit.register(shutil.rmtree, data_dir, ignore_errors=True)

os.environ["DJANGO_CONFIGURATION"] = "Test"
os.environ["TECKEN_DATA_DIR"] = data_dir
importlib.import_module("tecken.settings")
# pytest-django takes this variable for a sign of another package, and wants to import that.
del os.environ["DJANGO_CONFIGURATION"]
