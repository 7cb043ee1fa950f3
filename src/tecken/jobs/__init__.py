# SPDX-License-Identifier: MPL-2.0

"""Background tasks: a durable row for each, run by the server itself or by Celery."""
