"""``python -m benchmarks.runtimes``: what every runtime makes of a bundle, on the real photographs of its run.

:mod:`asking` asks the runtimes of ``derm verify``, and ``run.py`` in environments that have nothing else, and
:mod:`browser` the page of ``derm preview`` in Chromium; :mod:`showing` prints the table.
"""
