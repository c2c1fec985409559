"""Sphinx, for ``make docs``."""

from derm_cli import __version__

project = "derm"
author = "the authors of derm"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Train, judge and ship skin-lesion classifiers.", "page_width": "1100px"}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
myst_heading_anchors = 3
