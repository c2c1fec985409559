"""What an earlier derm wrote: runs, packs, stages, splits."""
