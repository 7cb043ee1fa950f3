# SPDX-License-Identifier: MPL-2.0

"""Migrations of the application ``download``."""
