# SPDX-License-Identifier: MPL-2.0

"""Sphinx settings. `make docs` builds the pages, the API of `core` among them."""

project = "Tecken"
author = "The Tecken contributors"
copyright = "the Tecken contributors"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False  # there are none, and to look for them takes a tenth of the time
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Tecken"
