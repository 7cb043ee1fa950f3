# SPDX-License-Identifier: MPL-2.0

"""The conditions of partial indexes, for queries that are to use them.

SQLite takes such an index only where the texts of its condition are no parameters, and else reads the whole table.
"""

from typing import Final

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

# Of ``fileupload_underived``.
UNDERIVED: Final = RawSQL(
    "derivation IN ('pending', 'waiting', 'failed')", (), output_field=BooleanField()
)
# Of ``fileupload_lacking``: with the reason why there is not more.
LACKING: Final = RawSQL(
    "derivation = 'done' AND NOT (problem = '')", (), output_field=BooleanField()
)
# Of ``fileupload_elf_debug`` and ``fileupload_elf_code``.
ELF: Final = RawSQL("upload_fileupload.kind = 'elf'", (), output_field=BooleanField())
