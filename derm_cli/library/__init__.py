"""derm for Python: what the commands do, as functions of typed values; ``import derm_cli as derm`` gives them.

A call does its work in a process of its own, as the command does, by the same functions: so the bits are the same
whatever the caller has imported or set, and nothing of the caller's is touched.  Nothing is printed unasked.
"""
