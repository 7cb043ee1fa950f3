# SPDX-License-Identifier: MPL-2.0

"""Write what ``/__version__`` says of a build into the package, before a wheel is made of it.

``GIT_REVISION``, ``BUILD`` and ``SOURCE_URL`` say it; the revision is asked of git when it is not set.
"""

import json
import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
TARGET = REPOSITORY / "src" / "tecken" / "build_info.json"


def checked_out_commit() -> str:
    """Return the commit that is checked out; "" where there is no git."""
    try:
        command = ["git", "-C", str(REPOSITORY), "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def main() -> None:
    info = {
        "commit": os.environ.get("GIT_REVISION") or checked_out_commit(),
        "build": os.environ.get("BUILD", ""),
        "source": os.environ.get("SOURCE_URL", ""),
    }
    TARGET.write_text(json.dumps(info) + "\n")
    print(f"Wrote {TARGET}")


if __name__ == "__main__":
    main()
