"""A judgement as tables of text and numbers that know nothing of terminals, CSV, LaTeX or HTML."""
