# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""URLs of the application ``jobs``."""

from django.urls import path

from tecken.jobs.views import task_tester

urlpatterns = [path("__task_tester__", task_tester)]
