"""The names inside artefacts on which apps rely: they never change."""

INPUT = "image"
"""uint8 RGB, (n, size, size, 3)."""
ANSWERS = "answers"
"""float32, (n, k), as the facts tell: the second input of a model that takes answers.  Zeros say nothing."""
OUTPUT = "probabilities"
"""float32, (n, classes), in the order of labels.txt."""
BATCH = "batch"
"""The first dimension of what takes any number of photographs."""
ANSWERS_BATCH = "answers_batch"
"""That of the answers: as many rows as photographs, or one for all, so it is another dimension."""
FACTS, LABELS = "derm.json", "labels.txt"
"""What an artefact carries inside: the facts as JSON, and the names of the classes, one a line."""
TITLES_LOCALE = "en"
"""The language of the titles that each artefact has, as ISO 639-1 names it."""

FORMAT = "derm.format"
"""The entry of an archive that tells by which rules its artefact is sealed; without it, those before there was one."""
WHOLLY_SEALED = "2\n"
"""The contents of that entry where the seal is over the whole file."""
SEAL = "derm.sha256"
"""The name of the seal where it has one; in archives that of an older derm, over the network in front alone."""


def titles_file(language: str) -> str:
    """Return the name of the titles in a language."""
    return f"labels-{language}.txt"
