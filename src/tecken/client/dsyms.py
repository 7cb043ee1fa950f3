# SPDX-License-Identifier: MPL-2.0

"""dSYMs by the UUID of their module, from a server into a folder of their own.

Source: LLDB's documentation "Symbols on macOS", of the programs in ``DBGShellCommands``.
"""

from pathlib import Path
from uuid import UUID

from tecken.client.download import Wanted, download
from tecken.client.errors import ClientError, RefusedByServerError
from tecken.client.server import Server
from tecken.core.errors import NativeFileError
from tecken.core.identifiers import NativeKey
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import Role


def find_dsym(server: Server, text: str, folder: Path) -> dict[str, str]:
    """Return what the property list says of a UUID: paths and the processor, or ``DBGError``.

    What was downloaded before is used again. Raises OSError.
    """
    try:
        uuid = UUID(text)
    except ValueError:
        return {"DBGError": f"{text} is no UUID"}
    name = str(uuid).upper()
    bundle = folder / name / f"{name}.dSYM" / "Contents" / "Resources" / "DWARF" / name
    try:
        arch = _fetch(server, uuid, Role.DEBUGINFO, bundle)
        found = {"DBGDSYMPath": str(bundle), "DBGArchitecture": arch}
    except RefusedByServerError as error:
        if error.status == 404:
            return {"DBGError": f"{server.url} has no dSYM of {name}"}
        return {"DBGError": str(error)}
    except (ClientError, NativeFileError) as error:
        return {"DBGError": str(error)}
    executable = folder / name / name
    try:
        _fetch(server, uuid, Role.EXECUTABLE, executable)
        found["DBGSymbolRichExecutable"] = str(executable)
    except (ClientError, NativeFileError):
        pass  # names and lines are in the dSYM; the debugger has the executable, or asks for it elsewhere
    return found


def _fetch(server: Server, uuid: UUID, role: Role, target: Path) -> str:
    """Download a file unless it is there; return its processor.

    Raises ClientError, and NativeFileError for what is no file of this UUID.
    """
    if not target.is_file():
        url = f"/unified/{uuid.hex[:2]}/{uuid.hex[2:]}/{role}"
        download(server, Wanted(NativeKey.of_id(uuid.hex, role), url), target)
    for module in identify_file(target):
        if module.code_id.lower() == uuid.hex:
            return module.arch
    target.unlink()
    raise ClientError(f"what the server has as {uuid} is of another module")
