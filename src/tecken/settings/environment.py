# SPDX-License-Identifier: MPL-2.0

"""The environment that all settings are read from, once, and what most of them depend on."""

import os
from pathlib import Path

from tecken.env import Environment, read_dotenv
from tecken.web.data_dir import default_data_dir, make_data_dir

_LOCAL = frozenset({"Localdev", "Test"})
_CONFIGURATIONS = _LOCAL | {"Dev", "Stage", "Prod", "Prodlike"}
MAX_DAYS = 36_500  # a hundred years: dates are reckoned with them
GIB = 1024**3
MIB = 1024**2

# Tests must not depend on what a developer keeps in a .env.
_dotenv = {} if os.environ.get("DJANGO_CONFIGURATION") == "Test" else read_dotenv(Path(".env"))
env = Environment(os.environ, _dotenv)

is_local = env.choice("DJANGO_CONFIGURATION", _CONFIGURATIONS, default="Localdev") in _LOCAL

# One that is set to nothing is not the working folder itself, which may be anything.
_data_dir = default_data_dir()
DATA_DIR = Path(env.text("TECKEN_DATA_DIR", default=_data_dir) or _data_dir).resolve()
database_url = env.text("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/tecken.sqlite3")
# A command that works on a server's data must not begin those of another one.
_may_begin = env.boolean("TECKEN_BEGINS_DATA", default=False)
_may_begin = _may_begin or env.is_set("TECKEN_DATA_DIR") or env.is_set("DATABASE_URL")
has_data_dir = env.attempt(lambda: make_data_dir(DATA_DIR, new=_may_begin), otherwise=False)
