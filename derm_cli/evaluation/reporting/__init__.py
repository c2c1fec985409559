"""Shows a judgement: tables for the terminal, CSV and LaTeX, plots, and the report as one HTML page."""
