import pytest

from derm_cli.plugin import DatasetFacts, LesionClass, PlanRequest, RequestError, ScheduleRequest
from derm_strategies.schedules import frozen_block, full, linear_probe
from derm_strategies.strategies import hybrid, merged, sequential

BLOCKS = ("block7", "block6", "block5")
REQUEST = ScheduleRequest(blocks=BLOCKS, epochs=3, head_rate=1e-4, block_rate=1e-5)


def facts(name, *classes):
    return DatasetFacts(name=name, classes=tuple(LesionClass(name=each, title=each) for each in classes))


CHAIN = PlanRequest(datasets=(facts("edra", "A", "B"), facts("dermai", "C", "D")), phases=linear_probe(REQUEST))


def test_frozen_block_unfreezes_one_more_block_a_phase_from_the_top():
    phases = frozen_block(REQUEST)
    assert [phase.blocks for phase in phases] == [(), BLOCKS[:1], BLOCKS[:2], BLOCKS]
    assert [phase.name for phase in phases] == ["head", "head+block7", "head+block6", "head+block5"]
    assert {(phase.epochs, phase.head_rate, phase.block_rate) for phase in phases} == {(3, 1e-4, 1e-5)}


def test_full_trains_the_stem_too_for_as_many_epochs():
    (phase,) = full(REQUEST)
    assert phase.blocks == (*BLOCKS, "stem")
    assert phase.epochs == sum(each.epochs for each in frozen_block(REQUEST))


def test_linear_probe_trains_the_head_alone():
    assert [phase.blocks for phase in linear_probe(REQUEST)] == [()]


def test_sequential_is_a_stage_a_dataset_with_its_own_classes():
    stages = sequential(CHAIN)
    assert [(stage.datasets, [c.name for c in stage.classes], stage.head) for stage in stages] == [
        (("edra",), ["A", "B"], "new"),
        (("dermai",), ["C", "D"], "new"),
    ]


def test_merged_is_one_stage_in_the_targets_classes():
    (stage,) = merged(CHAIN)
    assert (stage.name, stage.datasets, [c.name for c in stage.classes]) == (
        "edra+dermai",
        ("edra", "dermai"),
        ["C", "D"],
    )


def test_hybrid_goes_on_with_the_target_and_the_same_head():
    first, second = hybrid(CHAIN)
    assert (first,) == merged(CHAIN)
    assert (second.datasets, second.head) == (("dermai",), "carried")


def test_one_dataset_cannot_be_merged():
    with pytest.raises(RequestError, match="nothing to merge: the chain has the one dataset 'a'"):
        merged(PlanRequest(datasets=(facts("a", "A", "B"),), phases=()))
