# SPDX-License-Identifier: MPL-2.0

"""Uploads that go on where they were interrupted."""
