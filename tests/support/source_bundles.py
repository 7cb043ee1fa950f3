# SPDX-License-Identifier: MPL-2.0

"""Source bundles as Sentry's tools make them."""

import json
import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO


def source_bundle(sources: Mapping[str, bytes], *, debug_id: str, code_id: str = "") -> bytes:
    """Return a bundle of sources by the paths under which they were compiled."""
    names = {path: f"files/{number}{path.replace(':', '')}" for number, path in enumerate(sources)}
    files = {name: {"type": "source", "path": path} for path, name in names.items()}
    manifest = {
        "files": files,
        "debug_id": debug_id,
        "object_name": "/build/crash",
        "arch": "x86_64",
    }
    if code_id:
        manifest["code_id"] = code_id
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sources.items():
            archive.writestr(names[path], data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return b"SYSB" + struct.pack("<I", 2) + zipped.getvalue()
