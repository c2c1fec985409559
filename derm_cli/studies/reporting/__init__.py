"""The report of a study: tables, pictures, and the page."""
