"""Holds exporters and packagers to their contracts, on a network of a few weights."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from derm_cli.plugin.calling import PluginFault
from derm_cli.plugin.inspection import Inspection
from derm_cli.plugin.packager_specs import PackedModel, PackRequest, Verification, VerifyRequest
from derm_cli.plugin.specs import ExporterSpec
from derm_cli.plugin.testing.samples import (
    ANSWERS,
    CLASSES,
    SIZE,
    sample_facts,
    sample_network,
    sample_photographs,
)
from derm_cli.plugin.variants import CalibrationPhotographs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from derm_cli.plugin.artefact import ArtefactFacts
    from derm_cli.plugin.packager_specs import PackagerSpec
    from derm_cli.plugin.registry import Registry

REFUSE = "Raise DermError, with what to do."
Reader = Callable[[Path, Preprocessing], "npt.NDArray[np.uint8]"]
"""Reads a photograph's file as a run of that preprocessing does."""


def check_exporter(spec: ExporterSpec, variants: Sequence[str] | None = None) -> None:
    """Write a small network, with answers and without, and each of ``variants`` (all where None); load and ask it.

    Raises AssertionError where nothing is written, facts are lost, an answer differs by more than the tolerance, or a
    file that is none of the format's is loaded.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{spec.suffix}"
        for with_answers in (False, True):
            model = sample_network(answers=with_answers)
            facts = sample_facts(answers=ANSWERS) if with_answers else sample_facts()
            options = spec.component().options
            spec.export(model, facts, path, *([options] if options else []))
            _check_file(spec, path, model, facts, spec.tolerance)
        facts, model = sample_facts(), sample_network()
        for variant in spec.variants:
            if variants is None or variant.name in variants:
                told = replace(facts, variant=variant.name)
                path = Path(folder) / f"model-{variant.name}{spec.suffix}"
                variant.export(model, told, path, _calibration() if variant.calibrated else None)
                _check_file(spec, path, model, told, variant.tolerance)
        _check_refusal(spec, Path(folder) / f"other{spec.suffix}")


def _check_file(spec: ExporterSpec, path: Path, model: Any, facts: ArtefactFacts, tolerance: float | None) -> None:
    import keras
    import numpy as np

    what = f"the variant '{facts.variant}'" if facts.variant else "the file"
    assert path.exists(), f"{what} is not there after 'export': write it to the path that is given"
    assert path.is_dir() == spec.is_folder or facts.variant, (
        f"{what} is a {'folder' if path.is_dir() else 'file'}, but 'is_folder' is {spec.is_folder}: tell which it is"
    )
    predictor, photographs = spec.load(path), sample_photographs()
    assert predictor.facts.to_json() == facts.to_json(), f"{what} has not the facts that were given to 'export'"
    asked: list[Any] = [photographs.astype(np.float32)]
    given: tuple[Any, ...] = ()
    if facts.answers is not None:
        given = (np.linspace(-1, 1, len(photographs), dtype=np.float32)[:, np.newaxis],)
    expected = keras.ops.convert_to_numpy(model([*asked, *given] if given else asked[0]))
    found = np.asarray(predictor(photographs, *given))
    with_answers = " and answers" if given else ""
    assert found.shape == expected.shape, (
        f"{what} answers with the shape {found.shape} to photographs{with_answers}, but must with {expected.shape}"
    )
    assert np.isfinite(found).all(), f"{what} answers with numbers that are not finite"
    difference = float(np.abs(found - expected).max())
    assert tolerance is None or difference <= tolerance, (
        f"{what} answers photographs{with_answers} otherwise than the network, by {difference:.2g}, more than its "
        f"tolerance of {tolerance:g}: mend the conversion, or tell a tolerance that it keeps"
    )
    if spec.inspect is not None:
        told = spec.inspect(path)
        assert isinstance(told, Inspection), f"'inspect' gives {told!r}, which is no derm_cli.plugin.Inspection"


def _check_refusal(spec: ExporterSpec, path: Path) -> None:
    path.write_bytes(b"no artefact of derm's")
    try:
        spec.load(path)
    except PluginFault as fault:
        raise AssertionError(f"for a file that is none of derm's {fault.message} {REFUSE}") from fault
    except DermError:
        return
    except Exception as error:
        raise AssertionError(
            f"'load' raises {type(error).__name__} for a file that is none of derm's. {REFUSE}"
        ) from error
    raise AssertionError(f"'load' takes a file that is none of derm's. {REFUSE}")


def _calibration() -> CalibrationPhotographs:
    photographs = sample_photographs()
    return CalibrationPhotographs(photographs=photographs, sha256=("0" * 64,) * len(photographs))


def check_packager(spec: PackagerSpec, registry: Registry, read: Reader) -> None:
    """Pack artefacts of a small network by the exporters that the packager asks for, twice, and verify the folder.

    ``read`` gives the pixels of a photograph's file as a run reads it, uint8 (size, size, 3).  Raises AssertionError
    where the marker or a model is missing, the packager finds a fault in what it wrote, or the same request gives other
    bytes.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        request = _pack_request(spec, registry, root, read)
        folders = []
        for name in ("first", "second"):
            folder = root / name / spec.name
            folder.mkdir(parents=True)
            spec.pack(request, folder)
            folders.append(folder)
        folder = folders[0]
        assert (folder / spec.marker).is_file(), f"it writes no '{spec.marker}', the file by which its folder is known"
        models = spec.models(folder)
        assert models, "'models' gives no artefact of the folder that it wrote"
        for path in models:
            assert path.is_file(), f"'models' gives '{path}', which is not there"
        found = spec.verify(folder, VerifyRequest())
        assert isinstance(found, Verification), f"'verify' gives {found!r}, which is no derm_cli.plugin.Verification"
        faults = [*found.faults, *(each.fault for each in found.checks if each.fault)]
        assert found.passed, f"'verify' finds a fault in what 'pack' wrote ({'; '.join(faults)})"
        contents = [_contents(each) for each in folders]
        assert contents[0] == contents[1], "the same request gives other bytes: leave out times and what is drawn anew"


def _pack_request(spec: PackagerSpec, registry: Registry, root: Path, read: Reader) -> PackRequest:
    facts, model, models = sample_facts(), sample_network(), []
    for name in spec.exporters:
        exporter = registry.all(ExporterSpec).get(name)
        assert exporter is not None, f"it asks for the exporter '{name}', which no plugin adds"
        path = root / f"model{exporter.suffix}"
        options = exporter.component().options
        exporter.export(model, facts, path, *([options] if options else []))
        parity = {"photographs": 6, "max_difference": 0.0, "agreement": 1.0}
        models.append(PackedModel(path=path, exporter=name, parity=parity))

    def answer(asked: Sequence[tuple[Path, Mapping[str, float | str]]]) -> npt.NDArray[np.float64]:
        import keras
        import numpy as np

        pixels = np.stack([read(path, facts.preprocessing) for path, _ in asked]).astype(np.float32)
        return np.asarray(keras.ops.convert_to_numpy(model(pixels)), dtype=np.float64)

    return PackRequest(
        facts=facts,
        models=tuple(models),
        run={"hashes": {"plan": "0" * 64}, "data": {"sample": "1" * 64}, "versions": {"keras": "3"}},
        evaluation={},
        limitations=("It was never trained.",),
        datasets=(),
        weights=(),
        severities={each.name: "malignant" if each.name == "MEL" else "benign" for each in CLASSES},
        quality={"side": SIZE, "limits": []},
        answer=answer,
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
