# SPDX-License-Identifier: MPL-2.0

"""``/api/syminfo/<file>/<id>``: the names and ids of a module, by either pair of them."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.core.errors import InvalidNameError
from tecken.core.identifiers import MAX_PART_BYTES, SymbolKey, is_hex_id, validate_file_name
from tecken.download.modules import find_module
from tecken.web.cors import any_origin
from tecken.web.private import reads_symbols
from tecken.web.responses import json_error, json_response


@reads_symbols
@any_origin("GET", "HEAD")
@csrf_exempt
@require_safe
def syminfo(request: HttpRequest, file: str, some_id: str) -> HttpResponse:
    """Answer with what the newest upload of a module tells."""
    validate_file_name(file)
    if not is_hex_id(some_id) or len(some_id) > MAX_PART_BYTES:
        raise InvalidNameError(some_id, "is not a hexadecimal id")
    with_try = "try" in request.GET
    module = find_module(file, some_id, with_try=with_try)
    if module is None:
        response = json_error(f"No upload has told of {file}/{some_id}", 404)
    else:
        key = SymbolKey.of_module(module.debug_file, module.debug_id)
        response = json_response(
            {
                "debug_filename": module.debug_file,
                "debug_id": module.debug_id,
                "code_file": module.code_file,
                "code_id": module.code_id,
                "generator": module.generator,
                "url": request.build_absolute_uri(
                    f"{'/try' if with_try else ''}/{quote(str(key))}"
                ),
            }
        )
    response["Cache-Control"] = "private, no-cache"
    return response
