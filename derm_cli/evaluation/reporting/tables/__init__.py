"""A judgement as sheets: tables of text and figures that know nothing of terminals, CSV, LaTeX or HTML."""
