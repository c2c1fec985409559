"""The measures of a classifier, a file each: metrics of a table, and of many draws of its cases at once."""
