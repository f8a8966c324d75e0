"""How the documentation is built: `uv run --group docs sphinx-build -W docs docs/_build`."""

project = "Aniworld"
copyright = "2026, The Aniworld authors"  # noqa: A001
author = "The Aniworld authors"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Aniworld"
# The built pages load nothing from outside.
html_copy_source = False
html_show_sourcelink = False

# The docstrings write names in single backquotes, as in Markdown.
default_role = "code"
autodoc_default_options = {"exclude-members": "template, hint"}
autodoc_member_order = "alphabetical"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
