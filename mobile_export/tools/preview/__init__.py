"""``derm preview``: a page of this machine that stands in for the phone, and answers by a bundle's own ONNX file.

:mod:`served_bundle` reads what the page needs of a bundle, :mod:`web_runtime` brings onnxruntime-web, and
:mod:`page_server` serves both with the page of ``static``, to this machine's browser alone.
"""
