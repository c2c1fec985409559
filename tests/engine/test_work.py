"""How much work the parts of a network are beside each other."""

from __future__ import annotations

import pytest

from derm_cli.engine.network import add_head, blocks_of
from derm_cli.engine.work import layer_share_above, layer_work, share_above
from tests.support.tiny_network import SIZE, TINY


@pytest.fixture(scope="module")
def backbone():
    return TINY.build(SIZE, None)


def test_the_more_is_named_the_more_is_above_it(backbone):
    blocks = blocks_of(backbone, TINY)
    for share in (share_above, layer_share_above):
        nothing, upper, both, all_of_it = (
            share(backbone, blocks, names) for names in ((), ("block2",), ("block2", "block1"), tuple(blocks))
        )
        assert 0 == nothing < upper < both <= all_of_it == 1


def test_what_is_frozen_above_a_block_that_learns_is_gone_through_too(backbone):
    blocks = blocks_of(backbone, TINY)
    assert share_above(backbone, blocks, ("block1",)) == share_above(backbone, blocks, ("block1", "block2"))


def test_a_convolution_is_its_multiplications_at_each_position_and_the_values_that_it_writes():
    network = add_head(TINY.build(SIZE, None), TINY, 3)
    head = network.model.get_layer("class_map")
    _, height, width, channels = head.input.shape
    assert layer_work(head) == height * width * (channels * 3 + 16 * 3)
