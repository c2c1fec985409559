"""Changed bytes are refused before a runtime sees them, and facts that a stranger sealed are checked as well."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest

from derm_cli.errors import DermError
from mobile_export import derm_exporters
from mobile_export.artefact.seal import SIZE, write_seal
from tests.fuzz import mutations
from tests.support.artefact_files import entries_of, network_in_front, put_together

SPECS = {spec.name: spec for spec in derm_exporters()}


@pytest.mark.parametrize("name", SPECS)
def test_every_change_of_bytes_is_refused(name, artefacts, tmp_path):
    whole, path = artefacts[name].read_bytes(), tmp_path / artefacts[name].name
    for seed in range(300):
        content, how = mutations.spoil_bytes(Random(seed), whole)
        if content == whole:
            continue
        path.write_bytes(content)
        with pytest.raises(DermError, match="damaged, or no artefact that derm wrote"):
            pytest.fail(f"seed {seed}, {how}: {SPECS[name].load(path)}")


@pytest.mark.parametrize("with_answers", [False, True])
def test_facts_that_a_stranger_sealed_are_refused_or_answered_by(
    with_answers, artefacts, artefacts_with_answers, tmp_path
):
    source = (artefacts_with_answers if with_answers else artefacts)["tflite"]
    network, entries = network_in_front(source), entries_of(source)
    facts, path, refused = json.loads(entries["derm.json"]), tmp_path / "model.tflite", []
    for seed in range(200):
        text, _ = mutations.spoil_json_text(Random(seed), facts)
        put_together(path, network, entries | {"derm.json": text}, b"0" * SIZE)
        write_seal(path)
        try:
            SPECS["tflite"].load(path)(np.zeros((1, 32, 32, 3), np.uint8))
        except DermError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert not [each for each in refused if "\n" in each]
