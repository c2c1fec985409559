"""A plugin's faults, whichever of its functions fails or gives what it should not: one sentence that says whose."""

from __future__ import annotations

import errno
import functools
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from derm_cli.console import warn
from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted, RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import (
    AnnealingSpec,
    AverageSpec,
    BackboneSpec,
    Block,
    DatasetSpec,
    ExporterSpec,
    ExporterVariant,
    LesionClass,
    Listing,
    LossFacts,
    LossSpec,
    MixDraw,
    MixingSpec,
    OptimizerSpec,
    PackagerSpec,
    PlanRequest,
    SamplerSpec,
    SamplingRequest,
    ScheduleSpec,
    StrategySpec,
    TargetFacts,
    TargetSpec,
    ViewSpec,
)
from derm_cli.plugin.calling import (
    Origin,
    PluginFault,
    PluginFunction,
    call,
    fault_in,
    guarded,
    showing_output,
    wrong_result,
)

CLINIC = Origin("clinic", "my-clinic 0.1", Path(__file__))
OWN = replace(CLINIC, is_own=True)
CLASSES = (LesionClass(name="A", title="A"), LesionClass(name="B", title="B"))
NAMED = {"name": "x", "title": "X"}
RATES = {"head_rate": 0.1, "block_rate": 0.1}
PHASE = Phase(name="one", blocks=(), epochs=1, **RATES)
SAMPLING = SamplingRequest(labels=np.zeros(3, int), classes=2, per_class=1, steps=2, progress=0.0)
LABELS = TargetFacts(labels=np.zeros(3, int), classes=CLASSES)
PIXELS = np.zeros((2, 4, 4, 3), np.uint8)


def giving(value):
    """Return a function that gives ``value``, or raises it."""

    def made(*_):
        if isinstance(value, BaseException):
            raise value
        return value

    return made


def dataset(**fields):
    texts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")
    fields = {"classes": CLASSES, "records": giving(pd.DataFrame()), "modality": "clinical", **fields}
    return guarded(DatasetSpec(**NAMED, **texts, **fields), CLINIC)


def exporter(**fields):
    fields = {"export": giving(None), "load": giving(None), **fields}
    return guarded(ExporterSpec(**NAMED, suffix=".x", **fields), CLINIC)


def packager(**fields):
    functions = {each: giving(None) for each in ("pack", "verify", "models")}
    return guarded(PackagerSpec(**NAMED, marker="x.txt", **functions | fields), CLINIC)


def backbone(build):
    spec = BackboneSpec(**NAMED, parameters=1, input_size=32, build=build, blocks=(Block(name="a", layers=("a",)),))
    return guarded(spec, CLINIC)


def built(kind, value, *facts):
    return guarded(kind(**NAMED, build=giving(value)), CLINIC).build({}, *facts)


def schedule(phases):
    return guarded(ScheduleSpec(**NAMED, phases=giving(phases)), CLINIC).phases(None)


def strategy(stages):
    return guarded(StrategySpec(**NAMED, plan=giving(stages)), CLINIC).plan(PlanRequest(datasets=(), phases=()))


def listing(value):
    return dataset(downloads=(Listing(address="https://a.example/", read=giving(value)),)).downloads[0].read("text")


def variant(value):
    made = exporter(variants=(ExporterVariant(name="int8", title="Int8", tolerance=0.1, export=giving(value)),))
    return made.variants[0].export(None, None, Path("nowhere"), None)


def of(**attributes):
    """Return an object of a plugin's own with attributes, some of them functions."""
    return SimpleNamespace(**attributes)


FAULTS = [
    # What is raised.
    (lambda: dataset(records=giving(KeyError("label"))).records(Path()), "records of dataset 'x' fails (KeyError: 'la"),
    (lambda: dataset(records=giving(FileNotFoundError(2, "no", "a.csv"))).records(Path()), "fails (FileNotFoundError"),
    (lambda: dataset(records=giving(SystemExit(3))).records(Path()), "records of dataset 'x' fails (SystemExit: 3"),
    (lambda: dataset(read_classes=giving(RecursionError())).read_classes(Path()), "fails (RecursionError; 'HERE"),
    (lambda: dataset(template=giving(OSError("no"))).template(Path()), "template of dataset 'x' fails (OSError: no"),
    (lambda: dataset(read_metadata=giving(IndexError())).read_metadata(Path()), "read_metadata of dataset 'x' fails"),
    (lambda: listing(ZeroDivisionError()), "read of list 'https://a.example/' of dataset 'x' fails (ZeroDivisionError"),
    (lambda: backbone(giving(TypeError("no"))).build(32, None), "build of backbone 'x' fails (TypeError: no"),
    (lambda: schedule(AttributeError("no")), "phases of schedule 'x' fails (AttributeError: no"),
    (lambda: strategy(AssertionError()), "plan of strategy 'x' fails (AssertionError"),
    (lambda: exporter(load=giving(ValueError("no"))).load(Path()), "load of exporter 'x' fails (ValueError: no"),
    (lambda: exporter(inspect=giving(OSError("no"))).inspect(Path()), "inspect of exporter 'x' fails (OSError: no"),
    (lambda: variant(RuntimeError("no")), "export of variant 'int8' of exporter 'x' fails (RuntimeError: no"),
    (lambda: packager(pack=giving(KeyError("run"))).pack(None, Path()), "pack of packager 'x' fails (KeyError: 'run'"),
    (lambda: built(LossSpec, NameError("no"), LossFacts(counts=(1, 1))), "build of loss 'x' fails (NameError: no"),
    (lambda: dataset(records=lambda: None).records(Path()), "takes 0 positional arguments but 1 was given; 'HERE"),
    # What is raised by what a function gave.
    (lambda: built(LossSpec, giving(KeyError("p")), None)(1, 2, 3), "what build of loss 'x' gives fails (KeyError"),
    (lambda: built(SamplerSpec, giving(KeyError("n")))(SAMPLING, None), "what build of sampler 'x' gives fails"),
    (
        lambda: built(OptimizerSpec, of(slots=(), corrected=giving(OSError("no")), update=giving(0))).corrected(1, 2),
        "corrected of optimizer 'x' fails (OSError: no",
    ),
    (
        lambda: built(AverageSpec, of(weights=giving(KeyError("w")))).weights(1, 2),
        "weights of average 'x' fails (KeyError: 'w'",
    ),
    # What is given in the place of what is declared.
    (lambda: dataset(records=giving(None)).records(Path()), "gives None, but must give pd.DataFrame"),
    (lambda: dataset(records=giving([])).records(Path()), "gives a list, but must give pd.DataFrame"),
    (lambda: dataset(read_classes=giving([])).read_classes(Path()), "gives a list, but must give tuple[LesionClass, "),
    (lambda: dataset(read_classes=giving(("A",))).read_classes(Path()), "gives a tuple with the str 'A', but must"),
    (lambda: backbone(giving("net")).build(32, None), "gives the str 'net', but must give keras.Model"),
    (lambda: schedule([PHASE]), "gives a list, but must give tuple[Phase, ...]"),
    (
        lambda: schedule((replace(PHASE, epochs=2.5),)),
        "a tuple with a Phase with 'epochs' the float 2.5, which is no int",
    ),
    (lambda: schedule((replace(PHASE, blocks="top"),)), "a Phase with 'blocks' the str 'top', which is no tuple[str, "),
    (lambda: strategy(None), "plan of strategy 'x' gives None, but must give tuple[Stage, ...]"),
    (
        lambda: strategy((Stage(name="s", datasets=("a",), classes=CLASSES, phases=(PHASE,), head="old"),)),
        "a Stage with 'head' the str 'old'",
    ),
    (lambda: listing(None), "read of list 'https://a.example/' of dataset 'x' gives None, but must give Page"),
    (lambda: exporter().load(Path()), "load of exporter 'x' gives None, but must give Predictor"),
    (lambda: exporter(load=giving(len)).load(Path()), "without 'facts', but must give Predictor"),
    (lambda: exporter(load=giving(Block(name="a", layers=()))).load(Path()), "gives a Block without '__call__'"),
    (
        lambda: exporter().export(None, None, Path("nowhere")),
        "export of exporter 'x' writes nothing where it was asked",
    ),
    (lambda: variant(None), "export of variant 'int8' of exporter 'x' writes nothing where it was asked to"),
    (lambda: exporter(inspect=giving({})).inspect(Path()), "gives a dict, but must give Inspection"),
    (lambda: packager().verify(Path(), None), "verify of packager 'x' gives None, but must give Verification"),
    (
        lambda: packager(models=giving(("a",))).models(Path()),
        "gives a tuple with the str 'a', but must give tuple[Path",
    ),
    (lambda: built(LossSpec, 7, None), "build of loss 'x' gives the int 7, but must give Callable"),
    (lambda: built(LossSpec, giving(np.zeros((2, 2))), None)(1, 2, 3), "gives a tensor of shape (2, 2), but must give"),
    (lambda: built(LossSpec, giving(0.5), None)(1, 2, 3), "gives no tensor, but must give the loss of each photograph"),
    (lambda: built(MixingSpec, object()), "gives an object without 'boxed', but must give Mixing | None"),
    (
        lambda: built(MixingSpec, of(boxed=False, draw=giving(MixDraw(shares=np.zeros(3))))).draw((2, 2), None),
        "draw of mixing 'x' gives an array of shape (3,), but must give (2, 2)",
    ),
    (lambda: built(OptimizerSpec, of(slots=())), "without 'corrected', but must give UpdateRule"),
    (
        lambda: built(AverageSpec, of(weights=giving(np.zeros(3)))).weights(2, 2),
        "gives an array of shape (3,), but must",
    ),
    (
        lambda: built(AverageSpec, of(weights=giving([1.0]))).weights(1, 1),
        "weights of average 'x' gives a list, but must",
    ),
    (lambda: built(SamplerSpec, giving(np.zeros((2, 2))))(SAMPLING, None), "gives an array of float64, but must give"),
    (lambda: built(SamplerSpec, giving(np.zeros(2, int)))(SAMPLING, None), "of shape (2,), but must give (2, 2)"),
    (
        lambda: built(SamplerSpec, giving(np.full((2, 2), 3)))(SAMPLING, None),
        "gives index 3, but there are 3 photographs",
    ),
    (lambda: built(TargetSpec, np.zeros((3, 2), "float32"), LABELS), "gives rows that are no shares which sum to 1"),
    (lambda: built(TargetSpec, np.zeros((2, 2), "float32"), LABELS), "of shape (2, 2), but must give (3, 2)"),
    (lambda: built(AnnealingSpec, giving(np.zeros(2)))(np.zeros(3)), "of shape (2,), but must give (3,)"),
    (lambda: built(AnnealingSpec, giving(np.full(3, np.nan)))(np.zeros(3)), "gives numbers that are not finite"),
    (lambda: built(ViewSpec, (giving(PIXELS / 2),))[0](PIXELS), "gives float64, but must give uint8"),
    (lambda: built(ViewSpec, (giving(PIXELS[:, 1:]),))[0](PIXELS), "of shape (2, 3, 4, 3), but must give (2, 4, 4, 3)"),
    (lambda: built(ViewSpec, giving(PIXELS)), "gives a function, but must give tuple[View, ...]"),
]


@pytest.mark.parametrize(("fault", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_told_as_the_plugin_s_in_one_sentence(fault, said):
    with pytest.raises(PluginFault) as caught:
        fault()
    sentence = str(caught.value)
    assert said.replace("'HERE", f"'{__file__}") in sentence
    assert re.fullmatch(rf"Plugin 'clinic' \(my-clinic 0\.1\): .*'{__file__}', line \d+\): tell its author\.", sentence)
    assert caught.value.exit_status == 1


def test_the_line_is_the_plugin_s_last_however_deep_a_library_fails():
    def records(root):
        return pd.DataFrame({"a": [1]})["b"]

    with pytest.raises(PluginFault) as caught:
        dataset(records=records).records(Path())
    line = records.__code__.co_firstlineno + 1
    assert str(caught.value).endswith(f"fails (KeyError: 'b'; '{__file__}', line {line}): tell its author.")


def of_system(number):
    return OSError(number, "refused", "a.csv")


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        Stopped(15),
        MemoryError(),
        Interrupted("Run 'r' was interrupted."),
        *map(of_system, (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE)),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"),
    ],
)
def test_what_is_no_fault_of_code_stays_what_it_is(error):
    with pytest.raises(type(error)) as caught:
        dataset(records=giving(error)).records(Path())
    assert caught.value is error
    assert "clinic" not in str(error)


def test_what_a_contract_lets_a_function_raise_stays_what_it_is():
    with pytest.raises(ValueError, match="class 1 has no photograph"):
        built(SamplerSpec, giving(ValueError("class 1 has no photograph")))(SAMPLING, None)
    with pytest.raises(ValueError, match="no list"):
        listing(ValueError("no list"))


@pytest.mark.parametrize("kind", [DermError, RequestError])
def test_a_sentence_that_a_plugin_says_on_purpose_stays_with_the_plugin_named(kind):
    with pytest.raises(kind) as caught:
        dataset(records=giving(kind("The folder 'x' is not there."))).records(Path())
    assert str(caught.value) == "The folder 'x' is not there. (Plugin 'clinic' (my-clinic 0.1).)"
    # One that comes by two of a plugin's functions names it once.
    with pytest.raises(kind, match=r"^The folder 'x' is not there\. \(Plugin 'clinic' \(my-clinic 0\.1\)\.\)$"):
        dataset(records=giving(caught.value)).records(Path())


@pytest.mark.parametrize("error", [DermError("The folder 'x' is not there."), KeyError("label")])
def test_what_derm_s_own_plugins_raise_is_derm_s(error):
    with pytest.raises(type(error)) as caught:
        call(OWN, giving(error))
    assert caught.value is error
    assert "clinic" not in str(error)


def test_what_fits_is_given_as_it_is():
    frame = pd.DataFrame({"a": [1]})
    assert dataset(records=giving(frame)).records(Path()) is frame
    assert schedule((PHASE,)) == (PHASE,)
    assert built(MixingSpec, None) is None
    assert built(SamplerSpec, giving(np.zeros((2, 2), int)))(SAMPLING, None).tolist() == [[0, 0], [0, 0]]
    rule = built(OptimizerSpec, of(slots=("m",), corrected=giving(3), update=giving((1, [2]))))
    assert (rule.slots, rule.corrected(1, 2), rule.update(1, 2, 3, 4)) == (("m",), 3, (1, [2]))
    assert len(built(ViewSpec, (giving(PIXELS),))[0](PIXELS)) == len(PIXELS)


def test_only_functions_of_a_spec_change():
    spec = DatasetSpec.__new__(DatasetSpec)
    made = dataset()
    assert made.classes is CLASSES
    assert isinstance(made.records, PluginFunction)
    assert made.make is made.template is None
    assert repr(made) == "<DatasetSpec 'x'>"
    assert guarded(made, CLINIC) is made
    assert spec is not made
    assert built(LossSpec, giving(np.zeros(2)), None)(1, 2, 3).tolist() == [0, 0]
    assert Component(name="x") == Component(name="x")


def test_a_fault_is_found_in_the_error_that_a_framework_makes_of_it():
    def traced():
        try:
            built(LossSpec, giving(KeyError("p")), None)(1, 2, 3)
        except PluginFault as fault:
            raise RuntimeError(f"Exception encountered when calling Layer.call(). {fault}") from None

    with pytest.raises(RuntimeError) as caught:
        traced()
    assert "what build of loss 'x' gives fails (KeyError: 'p'" in str(fault_in(caught.value, iter(())))
    assert fault_in(KeyError("derm's own"), iter((CLINIC,))) is None


def test_an_error_from_code_that_a_plugin_gave_is_the_plugin_s(tmp_path):
    file = tmp_path / "clinic.py"
    file.write_text("def call():\n    return {}['scale']\n")
    space = {}
    exec(compile(file.read_text(), str(file), "exec"), space)
    with pytest.raises(KeyError) as caught:
        space["call"]()
    assert str(fault_in(caught.value, iter((Origin("clinic", "", file),)))) == (
        f"Plugin 'clinic': its code fails (KeyError: 'scale'; '{file}', line 2): tell its author."
    )
    assert fault_in(caught.value, iter((Origin("clinic", "", file, is_own=True),))) is None


def chatty(_):
    print("chatter")
    os.write(1, b"noise")
    warn("the class 'X' is taken for 'A'.")
    return pd.DataFrame()


def test_what_a_plugin_prints_is_held_back_and_what_it_warns_of_is_not(capfd):
    spec = dataset(records=chatty)
    spec.records(Path())
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err == "Warning: the class 'X' is taken for 'A'.\n"
    with showing_output(is_on=True):
        spec.records(Path())
    assert capfd.readouterr().out.replace("chatter\n", "") == "noise"


def test_what_is_wrong_with_a_wrapped_function_s_result_is_told_of_the_plugin_s_own():
    spec = backbone(giving(None))
    wrapped = functools.wraps(spec.build)(lambda *_: None)
    for function in (spec.build, wrapped):
        said = str(wrong_result(function, "gives none", "nobody's"))
        assert said.startswith("Plugin 'clinic' (my-clinic 0.1): build of backbone 'x' gives none ('")
        assert re.search(r"test_calling\.py', line \d+\): tell its author\.$", said)
    assert str(wrong_result(lambda: None, "gives none", "Nobody's.")) == "Nobody's."
