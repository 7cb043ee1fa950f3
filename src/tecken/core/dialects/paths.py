# SPDX-License-Identifier: MPL-2.0

"""Paths of sources, in the form in which they are compared."""


def canonical_path(path: str) -> str:
    """Return a path without ``.``, ``..`` and empty parts: ``/zoo//../bar/./foo.c`` is ``/bar/foo.c``.

    ``//`` becomes ``/`` first. What goes above the root stays at it. Backslashes of Windows become slashes, and a path that
    begins with a drive gets one in front: ``/C:/src/foo.c``.
    Source: RFC 3986 section 5.2.4; elfutils' debuginfod(8), "WEBAPI".
    """
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)
