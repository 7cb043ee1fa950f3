# SPDX-License-Identifier: MPL-2.0

"""API tokens: what scripts send instead of signing in."""
