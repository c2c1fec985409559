"""TFLite metadata, read by flatbuffers' own reader and the numbers of the schema."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import flatbuffers
import pytest
from flatbuffers import encode, number_types, packer
from flatbuffers.table import Table

from mobile_export.formats.tflite_metadata import tflite_metadata


class Node:
    """A table of a flatbuffer, whose fields are asked for by number."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @classmethod
    def root(cls, content: bytes) -> Node:
        return cls(Table(content, encode.Get(packer.uoffset, content, 0)))

    def place(self, number):
        offset = self.table.Offset(4 + 2 * number)
        return offset and self.table.Pos + offset

    def text(self, number):
        return self.table.String(self.place(number)).decode() if self.place(number) else None

    def number(self, number, flags):
        return self.table.Get(flags, self.place(number)) if self.place(number) else 0

    def child(self, number):
        return Node(Table(self.table.Bytes, self.table.Indirect(self.place(number))))

    def children(self, number):
        offset = self.place(number) - self.table.Pos
        start, count = self.table.Vector(offset), self.table.VectorLen(offset)
        return [Node(Table(self.table.Bytes, self.table.Indirect(start + 4 * each))) for each in range(count)]


BYTE, UNSIGNED, INTEGER = number_types.Int8Flags, number_types.Uint8Flags, number_types.Uint32Flags


@pytest.mark.parametrize("with_answers", [False, True])
def test_it_names_the_tensors_their_contents_and_the_files_of_labels(facts, facts_with_answers, with_answers):
    content = tflite_metadata(facts_with_answers if with_answers else facts)
    assert flatbuffers.util.BufferHasIdentifier(content, 0, b"M001")
    model = Node.root(content)
    assert (model.text(0), model.text(2), model.text(7)) == ("derm run 20261124-000000-abcd", "0", "1.0.0")
    (graph,) = model.children(3)
    inputs, (output,) = graph.children(2), graph.children(3)
    assert [each.text(0) for each in inputs] == ["image", "answers"][: 1 + with_answers]
    kind, image = inputs[0].child(3).number(0, UNSIGNED), inputs[0].child(3).child(1)
    assert (kind, image.number(0, BYTE)) == (2, 1), "an image, RGB"
    assert (image.child(1).number(0, INTEGER), image.child(1).number(1, INTEGER)) == (32, 32)
    assert [each.child(3).number(0, UNSIGNED) for each in (*inputs[1:], output)] == [1] * (1 + with_answers), "features"
    assert output.text(0) == "probabilities"
    files = [(each.text(0), each.number(2, BYTE), each.text(3)) for each in output.children(6)]
    assert files == [("labels.txt", 2, None), ("labels-en.txt", 2, "en")], "labels along an axis"


def test_a_network_carries_it_and_the_files_that_it_names(artefacts, facts):
    from ai_edge_litert import schema_py_generated as schema

    content = artefacts["tflite"].read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    (buffer,) = [each.buffer for each in model.metadata if each.name == b"TFLITE_METADATA"]
    assert bytes(model.buffers[buffer].data) == tflite_metadata(facts)
    output = Node.root(tflite_metadata(facts)).children(3)[0].children(3)[0]
    with zipfile.ZipFile(artefacts["tflite"]) as archive:
        for each in output.children(6):
            entry = archive.getinfo(each.text(0))
            assert entry.compress_type == zipfile.ZIP_STORED, "MediaPipe reads no other"
            assert len(archive.read(entry).decode().splitlines()) == len(facts.classes)


def test_the_same_facts_give_the_same_bytes_and_others_do_not(facts):
    assert tflite_metadata(facts) == tflite_metadata(facts)
    assert tflite_metadata(facts) != tflite_metadata(replace(facts, run="another"))


def test_float_photographs_are_said_to_be_left_as_they_are(facts):
    """MediaPipe wants a mean and a deviation of a float input; 0 and 1 change nothing."""
    (image,) = Node.root(tflite_metadata(facts, float_input=True)).children(3)[0].children(2)
    (step,) = image.children(4)
    assert step.number(0, UNSIGNED) == 1, "a normalization"
    options = step.child(1)
    places = [options.table.Vector(options.place(number) - options.table.Pos) for number in (0, 1)]
    assert [options.table.Get(number_types.Float32Flags, each) for each in places] == [0.0, 1.0]


def test_titles_in_further_languages_are_named_with_their_language(facts):
    spoken = replace(facts, titles={"pt": ("a", "b", "c"), "de": ("d", "e", "f")})
    output = Node.root(tflite_metadata(spoken)).children(3)[0].children(3)[0]
    files = [(each.text(0), each.text(3)) for each in output.children(6)]
    assert files == [("labels.txt", None), *((f"labels-{each}.txt", each) for each in ("en", "pt", "de"))]
