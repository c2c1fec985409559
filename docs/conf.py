"""Sphinx, for ``make docs`` and ``make linkcheck``."""

from derm_cli import __version__

project = "derm"
author = "the authors of derm"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"derm {__version__}"
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
myst_heading_anchors = 3
# Servers that refuse programs, or are slow, are asked once more before their links count as broken.
linkcheck_retries, linkcheck_timeout = 2, 30
# Placeholders of the code's examples, which name no server.
linkcheck_ignore = [r"https://example\.org/.*", r"https?://(127\.0\.0\.1|localhost)[:/].*"]
