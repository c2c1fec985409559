"""Whether what derm prints holds: intervals that cover, comparisons without false alarms, thresholds that keep."""
