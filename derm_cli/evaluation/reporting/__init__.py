"""How a judgement is told: sheets for terminal, CSV and LaTeX, pictures, the page."""
