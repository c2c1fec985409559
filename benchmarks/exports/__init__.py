"""``python -m benchmarks.exports``: what each variant of each backbone's file costs, on the photographs of its run.

:mod:`judging` writes the files of a run and judges them, in a process of its own that has Keras; :mod:`timing` asks
``derm benchmark`` how long they take, and :mod:`showing` prints the table.
"""
