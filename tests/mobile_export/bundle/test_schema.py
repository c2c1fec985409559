"""The strict reader of JSON says of a schema what the library jsonschema says, on manifests spoilt in many ways."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random

import jsonschema
import pytest

from mobile_export.bundle.schema import MANIFEST_SCHEMA, schema_faults, strict_json

SCHEMA = json.loads(MANIFEST_SCHEMA.read_text())
VALUES = (
    None,
    True,
    0,
    1,
    -1,
    0.5,
    1.0,
    1e9,
    "",
    "x",
    "../x",
    "a" * 64,
    "0" * 64,
    "x\n",
    [],
    {},
    [0.5],
    [0, 1],
    {"x": 1},
)


def spoilt(manifest, random: Random):
    """Return a manifest of which a value is another, is gone, or stands twice, or which has one more."""
    changed = copy.deepcopy(manifest)
    node = changed
    for _ in range(random.randrange(1, 6)):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        inner = [key for key in keys if isinstance(node[key], dict | list) and node[key]]
        if not inner:
            break
        node = node[random.choice(inner)]
    value = random.choice(VALUES)
    if isinstance(node, dict):
        key = random.choice([*node, "more", "../more"])
        if random.random() < 0.2:
            node.pop(key, None)
        else:
            node[key] = value
    else:
        node.insert(random.randrange(len(node) + 1), value)
    return changed


@pytest.mark.parametrize("with_answers", [False, True])
def test_it_finds_faults_where_jsonschema_does(packed, packed_with_answers, with_answers):
    manifest = json.loads(((packed_with_answers if with_answers else packed) / "manifest.json").read_text())
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    assert list(validator.iter_errors(manifest)) == []
    assert schema_faults(manifest, SCHEMA) == []
    random, refused = Random(17), 0
    for number in range(1500):
        changed = spoilt(manifest, random)
        is_wrong = not validator.is_valid(changed)
        assert bool(schema_faults(changed, SCHEMA)) == is_wrong, number
        refused += is_wrong
    assert 400 < refused < 1450


def test_the_published_schema_is_the_shipped_one():
    published = Path(__file__).parents[3] / "docs" / "reference" / "manifest.schema.json"
    assert published.read_bytes() == MANIFEST_SCHEMA.read_bytes()


def test_a_word_that_is_not_known_is_never_overlooked():
    with pytest.raises(NotImplementedError, match="'multipleOf'"):
        schema_faults(3, {"multipleOf": 2})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 2}', "a key twice"),
        ("[NaN]", "NaN is no number of JSON"),
        ("[-Infinity]", "-Infinity is no number"),
        ("[1e999]", "1e999 is too large"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":', "Expecting value"),
    ],
)
def test_json_is_read_strictly(text, said):
    with pytest.raises(ValueError, match=said):
        strict_json(text)


@pytest.mark.parametrize(
    ("value", "schema", "faults"),
    [
        ({"a": 1}, {"properties": {"a": {"type": "string"}}}, ["$.a is no string"]),
        ({}, {"required": ["a"]}, ["$ has no 'a'"]),
        ([1, "x"], {"items": {"type": "integer"}}, ["$[1] is no integer"]),
        (True, {"type": ["number", "null"]}, ["$ is no number or null"]),
        (1, {"enum": [True]}, ["$ is 1, against enum [true]"]),
        ({"x": 1}, {"additionalProperties": False}, ['$ has "x", which the schema does not know']),
        ("a" * 99, {"const": "b"}, [f'$ is "{"a" * 59}…, against const "b"']),
    ],
)
def test_a_fault_is_named_with_its_place(value, schema, faults):
    assert schema_faults(value, schema) == faults
