"""From a request to a finished run: what is asked, planned, prepared, taught and carried out."""
