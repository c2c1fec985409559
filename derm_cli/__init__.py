"""Derm: train, judge and ship skin-lesion classifiers.

Its packages, from the top: ``cli``, ``study``, ``workflows``, ``evaluation``, ``engine``, ``runs``, ``data``,
``plugin``; below them the modules ``plan``, ``taxonomy``, ``arrays``, ``config``, ``console``, ``files`` and
``errors``.  Each may import those below it, never those above; import-linter checks that.
"""

__version__ = "0.1.0"
