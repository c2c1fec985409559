"""What is measured: each figure on a table, and on many draws of it at once."""
