"""Derm's benchmarks: what it is compared with runs beside it, in turns, and what counts is the ratio.

A room a question (``startup``, ``engine``, ``packing``); ``make bench`` asks them all.  Nothing here is a test: how
long a thing takes depends on the machine, so the tables say on which one they were made.
"""
