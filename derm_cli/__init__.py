"""Derm: train, judge and ship skin-lesion classifiers.

The rooms, from the top: ``cli``, ``workflows``, ``evaluation``, ``engine``, ``runs``, ``data``, ``plugin``, ``plan``
and the ground (``errors``, ``config``, ``console``, ``taxonomy``).  An upper room may import a lower one, never the
reverse; import-linter holds it.
"""

__version__ = "0.1.0"
