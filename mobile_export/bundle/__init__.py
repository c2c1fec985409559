"""The bundle: a folder with a run's artefacts and all that an app needs to use them, and to prove that it does.

:mod:`packing` writes one, :mod:`verifying` proves one, :mod:`client` is its reference client, ``run.py``.
"""
