"""TFLite metadata: what programs that know nothing of derm, such as MediaPipe's tasks, read of a .tflite file.

The schema is metadata_schema.fbs of TensorFlow Lite Support; the numbers of fields below are the order in which it
names them.  It has a calibration of scores too, which is not needed: the temperature is inside the network.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import flatbuffers

from derm_cli.plugin import ArtefactFacts
from mobile_export.artefact.contract import ANSWERS, FACTS, INPUT, LABELS, OUTPUT, TITLES_LOCALE, titles_file

BUFFER = b"TFLITE_METADATA"
"""The name under which a network has it among its buffers."""


class Scalar(NamedTuple):
    """A scalar of the schema, with the name of its type in flatbuffers' builder."""

    kind: str
    value: int


_FEATURES, _IMAGE = Scalar("Uint8", 1), Scalar("Uint8", 2)
_NORMALIZATION = Scalar("Uint8", 1)
"""Of ProcessUnitOptions: (value - mean) / deviation."""
_RGB, _LABELS_OF_AXIS = Scalar("Int8", 1), Scalar("Int8", 2)
"""Values of ContentProperties, of ColorSpaceType and of AssociatedFileType."""

Table = dict[int, Any]
"""A table of the schema: by the number of a field a text, a Scalar, a table, or a tuple of tables or of floats."""


def tflite_metadata(facts: ArtefactFacts, *, float_input: bool = False) -> bytes:
    """Return the metadata of a network that takes ``image``, and ``answers`` where the facts have them.

    ``float_input`` tells that its photographs are float32, 0 to 255: programs must be told to leave them as they are.
    """
    side = Scalar("Uint32", facts.preprocessing.size)
    image = {
        0: INPUT,
        1: f"A photograph of a skin lesion, made a square by the rule 'preprocessing' of '{FACTS}'.",
        3: _content(_IMAGE, {0: _RGB, 1: {0: side, 1: side}}),
    }
    if float_input:
        image[4] = (_process_unit(_NORMALIZATION, {0: (0.0,), 1: (1.0,)}),)
    answers = {
        0: ANSWERS,
        1: f"What is known of the patient, by 'answers' of '{FACTS}'; zeros say nothing.",
        3: _content(_FEATURES, {}),
    }
    probabilities = {
        0: OUTPUT,
        1: f"The probability of each class, in the order of '{LABELS}'.",
        3: _content(_FEATURES, {}),
        6: (_label_file(LABELS), *(_label_file(titles_file(each), each) for each in (TITLES_LOCALE, *facts.titles))),
    }
    graph = {2: (image,) if facts.answers is None else (image, answers), 3: (probabilities,)}
    model = {0: f"derm run {facts.run}", 2: facts.derm, 3: (graph,), 7: "1.0.0"}
    builder = flatbuffers.Builder()
    builder.Finish(_put(builder, model), file_identifier=b"M001")
    return bytes(builder.Output())


def _content(kind: Scalar, properties: Table) -> Table:
    """Return what a tensor contains: a union, whose kind stands before its value."""
    return {0: kind, 1: properties}


def _process_unit(kind: Scalar, options: Table) -> Table:
    """Return a step between a program's values and the tensor's: a union too."""
    return {0: kind, 1: options}


def _label_file(name: str, locale: str | None = None) -> Table:
    return {0: name, 2: _LABELS_OF_AXIS} | ({} if locale is None else {3: locale})


def _put(builder: flatbuffers.Builder, value: str | Table | tuple[Table | float, ...]) -> int:
    """Write a value of which others have the offset, and return that; what it consists of is written before it."""
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, tuple):
        items = [each if isinstance(each, float) else _put(builder, each) for each in value]
        builder.StartVector(4, len(items), 4)
        for each in reversed(items):
            if isinstance(each, float):
                builder.PrependFloat32(each)
            else:
                builder.PrependUOffsetTRelative(each)
        return int(builder.EndVector())
    places = {field: _put(builder, each) for field, each in value.items() if not isinstance(each, Scalar)}
    builder.StartObject(max(value, default=-1) + 1)
    for field, each in value.items():
        if isinstance(each, Scalar):
            getattr(builder, f"Prepend{each.kind}Slot")(field, each.value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(field, places[field], 0)
    return int(builder.EndObject())
