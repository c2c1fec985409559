"""The names inside artefacts on which apps rely: they never change."""

INPUT = "image"
"""uint8 RGB, (n, size, size, 3)."""
ANSWERS = "answers"
"""float32, (n, k), as the facts tell: the second input of a model that takes answers.  Zeros say nothing."""
OUTPUT = "probabilities"
"""float32, (n, classes), in the order of labels.txt."""
FACTS, LABELS = "derm.json", "labels.txt"
"""What an artefact carries inside: the facts as JSON, and the names of the classes, one a line."""
SEAL = "derm.sha256"
"""The SHA-256 of the bytes that stand before the seal: formats without a checksum of their own are told by it from
damaged ones, which a runtime may answer with other probabilities and no word."""
