# SPDX-License-Identifier: MPL-2.0

"""Write the web app's types of the API, from the OpenAPI document: ``make api-types``."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
TYPES = REPOSITORY / "frontend" / "src" / "lib" / "api" / "schema.d.ts"
_GENERATOR = REPOSITORY / "frontend" / "node_modules" / ".bin" / "openapi-typescript"
_OPTIONS = (
    "--root-types",
    "--root-types-no-schema-prefix",
    "--root-types-keep-casing",
    "--default-non-nullable=false",
)
_HEADER = """\
// SPDX-License-Identifier: MPL-2.0

"""


def api_types() -> str:
    """Return what belongs into the file: what the document of this code says."""
    document = _run(str(Path(sys.executable).parent / "tecken"), "manage", "openapi")
    return _HEADER + _run(str(_GENERATOR), "/dev/stdin", *_OPTIONS, given=document)


def _run(*command: str, given: str | None = None) -> str:
    return subprocess.run(
        command, input=given, stdout=subprocess.PIPE, text=True, check=True, timeout=120
    ).stdout


if __name__ == "__main__":
    TYPES.write_text(api_types(), encoding="utf-8")
