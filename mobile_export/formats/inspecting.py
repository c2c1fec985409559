"""What is in an artefact of each format, read as data: no runtime, no TensorFlow, nothing larger than the file."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derm_cli.plugin import ArtefactFacts, Inspection, Tensor, Weights, check_keras_parts
from mobile_export.artefact.archive import check_older_seal, opened_archive, read_facts
from mobile_export.artefact.checks import damaged_error, unreadable_error, verified_facts
from mobile_export.artefact.contract import OUTPUT
from mobile_export.artefact.seal import check_whole_seal
from mobile_export.formats.onnx_bounds import check_bounds as check_onnx_bounds

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
"""The parts of a .keras file: the description of the network, and its weights."""


def inspect_onnx(path: Path) -> Inspection:
    """Return what is in an ONNX artefact.  Raises DermError where it is not one of derm's."""
    import onnx

    try:
        check_whole_seal(path)
        content = path.read_bytes()
    except OSError as error:
        raise unreadable_error(path, error) from error
    try:
        check_onnx_bounds(content)
        network = onnx.ModelProto.FromString(content)
        carried = {each.key: each.value for each in network.metadata_props}
        # Of what is no text, protobuf gives the bytes.
        metadata = {str(key): len(value.encode()) for key, value in carried.items()}
        text, labels = carried["derm"], carried["labels"]
        arrays = [(_onnx_type(each.data_type), each.ByteSize()) for each in network.graph.initializer]
        inputs, outputs = map(_onnx_tensors, (network.graph.input, network.graph.output))
        used = _counted(each.op_type for each in network.graph.node)
    # Of a damaged file protobuf, and shape inference, raise errors of their own.
    except Exception as error:
        raise damaged_error(path, error) from error
    return Inspection(
        facts=verified_facts(path, text, labels),
        is_sealed=True,
        inputs=inputs,
        outputs=outputs,
        operations=used,
        weights=_summed(arrays),
        metadata=metadata,
    )


def inspect_tflite(path: Path) -> Inspection:
    """Return what is in a TFLite artefact.  Raises DermError where it is not one of derm's."""
    facts, is_sealed, metadata = _archived(path)
    if not is_sealed:
        check_older_seal(path)
    try:
        from ai_edge_litert import schema_py_generated as schema

        from mobile_export.formats.tflite_bounds import check_bounds

        content = path.read_bytes()
        check_bounds(content)
        model = schema.Model.GetRootAsModel(content, 0)
        types = {value: name.lower() for name, value in vars(schema.TensorType).items() if name.isupper()}
        codes = {value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()}
        graph = model.Subgraphs(0)
        used = [model.OperatorCodes(graph.Operators(n).OpcodeIndex()) for n in range(graph.OperatorsLength())]
        tensors = [graph.Tensors(n) for n in range(graph.TensorsLength())]

        def told(index: int) -> Tensor:
            tensor = tensors[index]
            shape = tuple(tensor.Shape(n) for n in range(tensor.ShapeLength()))
            return Tensor(name=tensor.Name().decode(), type=types[tensor.Type()], shape=shape)

        arrays = [(types[each.Type()], model.Buffers(each.Buffer()).DataLength()) for each in tensors]
        return Inspection(
            facts=facts,
            is_sealed=is_sealed,
            inputs=tuple(told(graph.Inputs(n)) for n in range(graph.InputsLength())),
            outputs=tuple(told(graph.Outputs(n)) for n in range(graph.OutputsLength())),
            operations=_counted(codes[max(each.BuiltinCode(), each.DeprecatedBuiltinCode())] for each in used),
            weights=_summed((kind, size) for kind, size in arrays if size),
            metadata=metadata,
        )
    # Offsets of a damaged file lead anywhere.
    except Exception as error:
        raise damaged_error(path, error) from error


def inspect_keras(path: Path) -> Inspection:
    """Return what is in a Keras artefact.  Raises DermError where it is not one of derm's."""
    facts, is_sealed, metadata = _archived(path)
    with opened_archive(path) as archive:
        import h5py

        check_keras_parts(archive, path.stat().st_size)
        config = json.loads(archive.read(CONFIG))
        arrays: list[tuple[str, int]] = []
        with h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as file:
            file.visititems(
                lambda _, each: (
                    arrays.append((str(each.dtype), each.nbytes)) if isinstance(each, h5py.Dataset) else None
                )
            )
        layers = config["config"]["layers"]
        inputs = [each["config"] for each in layers if each["class_name"] == "InputLayer"]
        return Inspection(
            facts=facts,
            is_sealed=is_sealed,
            inputs=tuple(
                Tensor(name=each["name"], type=str(each["dtype"]), shape=_any_number(each["batch_shape"]))
                for each in inputs
            ),
            outputs=(Tensor(name=OUTPUT, type="float32", shape=("any", len(facts.classes))),),
            operations=_counted(each["class_name"] for each in layers),
            weights=_summed(arrays),
            metadata=metadata,
        )


def _archived(path: Path) -> tuple[ArtefactFacts, bool, dict[str, int]]:
    carried = read_facts(path)
    with opened_archive(path) as archive:
        return carried.facts, carried.is_sealed, {each.filename: each.file_size for each in archive.infolist()}


def _onnx_type(number: int) -> str:
    from onnx import TensorProto

    return str(TensorProto.DataType.Name(number)).lower()


def _onnx_tensors(values: Iterable[Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(
            name=each.name,
            type=_onnx_type(each.type.tensor_type.elem_type),
            shape=tuple(side.dim_param or side.dim_value for side in each.type.tensor_type.shape.dim),
        )
        for each in values
    )


def _any_number(shape: Iterable[int | None]) -> tuple[int | str, ...]:
    return tuple("any" if side is None else int(side) for side in shape)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda each: (-each[1], each[0])))


def _summed(arrays: Iterable[tuple[str, int]]) -> dict[str, Weights]:
    found: dict[str, Weights] = {}
    for kind, size in arrays:
        before = found.get(kind, Weights(arrays=0, size=0))
        found[kind] = Weights(arrays=before.arrays + 1, size=before.size + size)
    return found
