"""The names of the files of a bundle, and how large they may be."""

from __future__ import annotations

MANIFEST, CARD, PARITY, CLIENT = "manifest.json", "MODEL_CARD.md", "parity.json", "run.py"
VECTORS, EXPECTED = "vectors", "vectors/expected.json"
FORMAT, VERSION = "derm-bundle", 1
MOST_TEXT = 4 << 20
"""The most bytes of a manifest, or of another JSON file: one of a hundred classes and questions takes a tenth."""
MOST_FILES = 256
MOST_BYTES = 4 << 30
"""The most bytes of all files of a bundle together."""
MOST_MODEL = 1 << 31
"""The most bytes of a network in one file: ONNX is one message of protobuf, TFLite has offsets of 31 bits."""
