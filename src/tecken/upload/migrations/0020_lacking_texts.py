# SPDX-License-Identifier: MPL-2.0

"""What rows say of files that their module lacks, in today's words: by them it is found when these come."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q, Value
from django.db.models.functions import Concat

_DWZ = "a part of its debug information is in a file of dwz, with the build id "
_SPLIT = "a part of its debug information is in files of split units, which are missing"


def say_it_anew(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Complete the words on files of dwz, and have modules derived again whose split units were not known then."""
    # As of the index ``fileupload_lacking``: they are few among all files.
    lacking = (
        apps.get_model("upload", "FileUpload")
        .objects.filter(derivation="done")
        .filter(~Q(problem=""))
    )
    of_dwz = lacking.filter(problem__startswith=_DWZ, problem__endswith=", which is missing")
    of_dwz.update(problem=Concat("problem", Value(" or damaged")))
    lacking.filter(problem=_SPLIT).update(derivation="pending", problem="")


class Migration(migrations.Migration):
    dependencies = [
        ("upload", "0019_lookup"),
    ]

    operations = [
        migrations.RunPython(say_it_anew, migrations.RunPython.noop),
    ]
