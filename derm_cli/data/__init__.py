"""From a folder of photographs to batches: records, checks, the split, the packed cache and preprocessing."""
