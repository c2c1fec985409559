"""Which operations of a network stay in float32 when it is quantized: the first ones, and the head.

Both cost next to nothing: the first convolutions have few weights, and the head is small.  But quantized they cost most
of what quantizing costs at all.  The first convolutions take differences of neighbouring pixels, in which a rounded
weight is a large error, and every later layer inherits it; and a head reads means and deviations of whole feature maps,
whose differences between photographs are small beside their range (docs/guides/export.md has what each gained).
"""

from __future__ import annotations

from mobile_export.formats.tflite_graph import Network, Operation, operations, photograph_of, tensors_from

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
WEIGHTED = (*CONVOLUTIONS, "FULLY_CONNECTED")
FIRST_SIDES = 16
"""The first operations are those before the first feature map that is as narrow as the photograph's side by this."""


def float_operations(network: Network) -> list[int]:
    """Return the places of the operations that stay as they are, in their order.

    They are those before the first convolution whose feature map is at most a sixteenth as wide as what the network
    looks at; the last operation with weights that the photograph reaches; all behind the others of these; and what the
    photograph does not reach.
    """
    seen = tensors_from(network, [photograph_of(network)])
    listed = list(operations(network))
    weighted = [place for place, (name, each) in enumerate(listed) if name in WEIGHTED and seen & _inputs(each)]
    body = weighted[:-1]
    convolutions = [place for place in body if listed[place][0] in CONVOLUTIONS]
    if not convolutions:
        return list(range(len(listed)))
    widest = _side(network, int(listed[convolutions[0]][1].inputs[0]))
    sides = {place: _side(network, int(listed[place][1].outputs[0])) for place in convolutions}
    start = next((place for place, side in sides.items() if side <= widest / FIRST_SIDES), len(listed))
    taken = set().union(*(_inputs(listed[place][1]) for place in body))
    kept = []
    for place, (_, each) in enumerate(listed):
        given = {int(tensor) for tensor in each.outputs}
        is_body = place in body or bool(tensors_from(network, given) & taken)
        if place < start or not is_body or not seen & given:
            kept.append(place)
    return kept


def _inputs(operation: Operation) -> set[int]:
    return {int(tensor) for tensor in operation.inputs}


def _side(network: Network, tensor: int) -> int:
    """Return the height of a feature map."""
    return int(network.subgraphs[0].tensors[tensor].shape[1])
