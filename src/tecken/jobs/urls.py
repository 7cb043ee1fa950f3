# SPDX-License-Identifier: MPL-2.0

"""URLs of the application ``jobs``."""

from django.urls import path

from tecken.jobs.views import task_tester

urlpatterns = [path("__task_tester__", task_tester)]
