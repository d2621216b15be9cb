"""How Sphinx makes the site: it is read from files, without a server or a network."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "anybank"
author = "the authors of anybank"
copyright = author
version = release = version_of("anybank")
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_site"]
root_doc = "index"
default_role = "code"
smartquotes_action = "qe"  # not "D": it writes the dashes of an option as one
nitpicky = False

myst_enable_extensions = ["colon_fence", "tasklist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing_lexer"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
autodoc_default_options = {"members": True}

html_theme = "furo"
html_title = "anybank"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sourcelink = False
