"""A name that a chain cannot say is no dataset's."""

from __future__ import annotations

import pytest

from derm_cli.chain_names import dataset_name_fault
from derm_cli.workflows.training.request import TrainRequest


@pytest.mark.parametrize(
    "name",
    ["", " ", "imagenet", "ImageNet", " imagenet", "run:x", "a,b", "a:b", " a", "a ", "a\nb", "a\u200bb", "\ta"],
)
def test_a_name_that_a_chain_cannot_say_has_a_fault(name: str) -> None:
    assert dataset_name_fault(name)


@pytest.mark.parametrize("name", ["edra", "my-clinic", "My Clinic", "Klinik_Süd.2024", "imagenet-like", "runs", "皮膚"])
def test_other_names_can_be_said(name: str) -> None:
    assert not dataset_name_fault(name)
    request = TrainRequest(backbone="x", chain=("imagenet", name), leave_out=(f"{name}:a",))
    assert request.datasets == (name,)
    assert request.classes_left_out(name) == ("a",)
