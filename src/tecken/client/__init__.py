# SPDX-License-Identifier: MPL-2.0

"""The client side: upload, download and symbolicate over HTTP. It knows no web framework."""
