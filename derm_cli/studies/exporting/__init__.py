"""Files for phones of a study's rows, so that they are held against each other by size and latency too."""
