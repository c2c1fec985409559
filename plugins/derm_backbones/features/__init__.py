"""The backbone ``features``: vectors of any foundation model, from a file, on which a head is trained."""
