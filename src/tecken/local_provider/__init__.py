# SPDX-License-Identifier: MPL-2.0

"""An OpenID Connect provider for development: anybody of this machine makes an account and signs in.

It is a process of its own beside the server, with its own small Django settings and database; the
protocol is django-oauth-toolkit's. ``beside`` runs it, ``endpoints`` says where it is; the other
modules belong to that process alone.
"""
