# SPDX-License-Identifier: MPL-2.0

"""The URLs of the protocols that debuggers speak. No I/O: paths become requests, and files become paths."""
