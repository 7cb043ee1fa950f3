# SPDX-License-Identifier: MPL-2.0

"""Uploaded archives: read within limits, and told what each member is in a symbol store."""
