"""``derm benchmark``: how large, how fast and how hungry the models of bundles are, beside what their answers cost.

:mod:`models` reads model files as data, :mod:`measuring` is the program that measures one in a process of its own,
which :mod:`asking` starts, :mod:`parity` finds how near a model is to its run, and :mod:`showing` prints it all.
"""
