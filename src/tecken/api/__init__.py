# SPDX-License-Identifier: MPL-2.0

"""The JSON interface below ``/api/``, and the document that describes all of HTTP."""
