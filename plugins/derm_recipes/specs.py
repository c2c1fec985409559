"""The built-in components as data; what builds them is imported when one is built."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from derm_cli.plugin import (
    AnnealingSpec,
    AugmentationSpec,
    AverageSpec,
    ComponentOption,
    LossSpec,
    MixingSpec,
    OptimizerSpec,
    SamplerSpec,
    TargetSpec,
    ViewSpec,
)


def _built_by(path: str) -> Callable[..., Any]:
    """Return a function that calls the one at ``path`` below this package: listing components imports no NumPy."""
    module, _, name = path.rpartition(".")

    def build(*values: Any) -> Any:
        return getattr(import_module(f"derm_recipes.{module}"), name)(*values)

    return build


LOSSES = [
    LossSpec(name="cross-entropy", title="the usual (the paper's)", build=_built_by("losses.cross_entropy")),
    LossSpec(
        name="class-weighted",
        title="cross-entropy in which rare classes weigh more",
        source="King and Zeng 2001, section 4",
        options=(ComponentOption(name="power", default=1.0, title="0 weighs all alike, 1 by 1/n"),),
        build=_built_by("losses.class_weighted"),
    ),
    LossSpec(
        name="focal",
        title="cross-entropy in which what is right already counts less",
        source="Lin et al. 2017, equation 4",
        options=(ComponentOption(name="gamma", default=2.0, most=10.0, title="how much less"),),
        build=_built_by("losses.focal"),
    ),
    LossSpec(
        name="logit-adjusted",
        title="balanced softmax: the classes' frequencies are added to the logits in training",
        source="Menon et al. 2021, equation 10; Ren et al. 2020, equation 4",
        options=(ComponentOption(name="tau", default=1.0, most=4.0, title="share of the log frequency"),),
        build=_built_by("losses.logit_adjusted"),
    ),
    LossSpec(
        name="ldam",
        title="margins that are wider for rare classes, then re-weighting",
        source="Cao et al. 2019, equations 12 and 13",
        options=(
            ComponentOption(name="margin", default=0.5, most=10.0, title="the widest margin"),
            ComponentOption(name="scale", default=1.0, least=0.01, most=100.0, title="factor of the logits"),
            ComponentOption(name="deferred", default=0.8, title="share of the phase without re-weighting"),
            ComponentOption(name="beta", default=0.9999, most=0.999999, title="of the effective number"),
        ),
        build=_built_by("losses.ldam"),
    ),
]

SAMPLERS = [
    SamplerSpec(
        name="balanced",
        title="as many of each class in every batch (the paper's)",
        build=_built_by("samplers.balanced"),
    ),
    SamplerSpec(name="natural", title="every photograph once", build=_built_by("samplers.natural")),
    SamplerSpec(
        name="power",
        title="between the two: class c in proportion to n^q",
        source="Kang et al. 2020, equation 1",
        options=(ComponentOption(name="q", default=0.5, title="0 is balanced, 1 natural"),),
        build=_built_by("samplers.power"),
    ),
    SamplerSpec(
        name="progressive",
        title="natural at first, balanced at last",
        source="Kang et al. 2020, equation 2",
        build=_built_by("samplers.progressive"),
    ),
]

TARGETS = [
    TargetSpec(name="hard", title="the label alone (the paper's)", build=_built_by("targets.hard")),
    TargetSpec(
        name="smoothed",
        title="label smoothing: a share of the label is spread over all classes",
        source="Szegedy et al. 2016, section 7",
        options=(ComponentOption(name="share", default=0.1, most=0.999, title="how much is spread"),),
        build=_built_by("targets.smoothed"),
    ),
    TargetSpec(
        name="hierarchical",
        title="smoothed along the hierarchy of diagnoses",
        source="Bertinetto et al. 2020, equation 5",
        options=(ComponentOption(name="beta", default=5.0, most=100.0, title="the higher, the nearer to hard"),),
        build=_built_by("targets.hierarchical"),
    ),
    TargetSpec(
        name="distilled",
        title="distillation: the answers of a teacher (--teacher RUN), mixed with the label",
        source="Hinton et al. 2015, section 2, equation 1",
        options=(
            ComponentOption(name="alpha", default=0.7, most=1.0, title="the share of the teacher's answers"),
            ComponentOption(
                name="temperature", default=1.0, least=0.1, most=100.0, title="the higher, the softer its answers"
            ),
        ),
        build=_built_by("targets.distilled"),
    ),
]

MIXINGS = [
    MixingSpec(name="none", title="photographs as they are (the paper's)", build=_built_by("mixings.none")),
    MixingSpec(
        name="mixup",
        title="two photographs laid over each other",
        source="Zhang et al. 2018, equation 2",
        options=(ComponentOption(name="alpha", default=0.2, least=1e-6, most=1000.0, title="of Beta; 1 draws evenly"),),
        build=_built_by("mixings.mixup"),
    ),
    MixingSpec(
        name="cutmix",
        title="a box of one photograph set into another",
        source="Yun et al. 2019, equations 1 and 2",
        options=(ComponentOption(name="alpha", default=1.0, least=1e-6, most=1000.0, title="of Beta; 1 draws evenly"),),
        build=_built_by("mixings.cutmix"),
    ),
]

OPTIMIZERS = [
    OptimizerSpec(
        name="adam",
        title="Adam (the paper's)",
        source="Kingma and Ba 2015, algorithm 1",
        build=_built_by("optimizers.adam"),
    ),
    OptimizerSpec(
        name="adamw",
        title="Adam with decoupled weight decay, none on norms and biases",
        source="Loshchilov and Hutter 2019, algorithm 2",
        options=(
            ComponentOption(name="decay", default=0.01, title="share of a weight that goes at rate 1"),
            ComponentOption(name="beta-1", default=0.9, most=0.9999, title="share of the first moment that is kept"),
            ComponentOption(name="beta-2", default=0.999, most=0.999999, title="of the second"),
        ),
        build=_built_by("optimizers.adamw"),
    ),
    OptimizerSpec(
        name="sgd",
        title="gradient descent with Nesterov's momentum",
        source="Sutskever et al. 2013, equations 3 and 4",
        options=(
            ComponentOption(name="momentum", default=0.9, most=0.9999, title="share of the velocity that is kept"),
            ComponentOption(name="nesterov", default=True, title="whether the gradient is taken ahead"),
            ComponentOption(name="decay", default=0.0, title="weight decay, none on norms and biases"),
        ),
        build=_built_by("optimizers.sgd"),
    ),
]

_OVER = ComponentOption(
    name="over", default="phase", choices=("phase", "stage"), title="whether once a phase, or once over all its stage"
)

ANNEALINGS = [
    AnnealingSpec(name="constant", title="the rates stay (the paper's)", build=_built_by("annealings.constant")),
    AnnealingSpec(
        name="cosine",
        title="down to 0 along half a cosine",
        source="Loshchilov and Hutter 2017, equation 5",
        options=(_OVER,),
        build=_built_by("annealings.cosine"),
    ),
    AnnealingSpec(
        name="one-cycle",
        title="up, then down",
        source="Smith and Topin 2018, section 3",
        options=(
            _OVER,
            ComponentOption(name="warmup", default=0.3, title="share of the steps in which rates rise"),
            ComponentOption(name="start", default=0.04, title="factor of the first step"),
            ComponentOption(name="end", default=0.0, title="factor after the last step"),
        ),
        build=_built_by("annealings.one_cycle"),
    ),
]

AVERAGES = [
    AverageSpec(name="none", title="the last weights (the paper's)", build=_built_by("averages.none")),
    AverageSpec(
        name="ema",
        title="exponential moving average",
        source="Tarvainen and Valpola 2017, equation 2",
        options=(
            ComponentOption(name="decay", default=0.99, most=0.999999, title="share that is kept at each step"),
            ComponentOption(name="ramp", default=False, title="whether less is kept in the first steps"),
        ),
        build=_built_by("averages.ema"),
    ),
    AverageSpec(
        name="swa",
        title="stochastic weight averaging: the mean over the last epochs",
        source="Izmailov et al. 2018, algorithm 1",
        options=(ComponentOption(name="start", default=0.75, title="share of the epochs that is left out"),),
        build=_built_by("averages.swa"),
    ),
    AverageSpec(
        name="interpolated",
        title="between the weights that the phase began with and its last",
        source="Wortsman et al. 2022, equation 1",
        options=(ComponentOption(name="alpha", default=0.5, title="share of the last weights"),),
        build=_built_by("averages.interpolated"),
    ),
]

VIEWS = [
    ViewSpec(name="none", title="the photograph as it is (the paper's)", build=_built_by("views.none")),
    ViewSpec(name="flips", title="and mirrored: two views", build=_built_by("views.flips")),
    ViewSpec(name="dihedral", title="four turns, each also mirrored: eight views", build=_built_by("views.dihedral")),
]

AUGMENTATIONS = [
    AugmentationSpec(
        name="paper",
        title="rotation, flip, zoom, shift and darkening (the paper's)",
        source="Nedelcu et al. 2021, section III",
        options=(
            ComponentOption(name="rotation", default=(1.0, 30.0), most=360.0, title="degrees, to either side"),
            ComponentOption(name="flip", default=0.5, title="probability of a horizontal flip"),
            ComponentOption(name="zoom", default=(0.0, 0.2), most=10.0, title="share by which it is magnified"),
            ComponentOption(name="shift", default=(0.0, 0.1), most=10.0, title="share of the width, to either side"),
            ComponentOption(name="brightness", default=(0.2, 0.8), most=100.0, title="factor of every pixel"),
            ComponentOption(name="probability", default=1.0, title="share of photographs that are changed"),
        ),
        build=_built_by("augmentations.paper.PaperAugmentation"),
    ),
    AugmentationSpec(
        name="photo",
        title="for photographs by phones: crops, flips, any angle, light, white balance, blur, erasing",
        source="Szegedy et al. 2015, section 6 (crops); Zhong et al. 2020, algorithm 1 (erasing)",
        options=(
            ComponentOption(name="area", default=(0.6, 1.0), least=0.01, most=4.0, title="share that a crop shows"),
            ComponentOption(
                name="aspect", default=(0.85, 1.18), least=0.1, most=10.0, title="width by height of a crop"
            ),
            ComponentOption(name="flip", default=0.5, title="probability of a flip, each way"),
            ComponentOption(name="rotation", default=180.0, most=180.0, title="largest angle in degrees, either way"),
            ComponentOption(name="brightness", default=(0.8, 1.2), most=10.0, title="factor of every pixel"),
            ComponentOption(name="contrast", default=(0.85, 1.15), most=10.0, title="factor about the mean"),
            ComponentOption(name="saturation", default=(0.85, 1.15), most=10.0, title="factor about the grey"),
            ComponentOption(name="balance", default=0.05, most=0.9, title="largest change of each colour's gain"),
            ComponentOption(name="blur", default=0.1, title="probability of a blur"),
            ComponentOption(name="erase", default=0.0, title="probability of a grey box"),
        ),
        build=_built_by("augmentations.photo.PhotoAugmentation"),
    ),
    AugmentationSpec(
        name="trivial",
        title="TrivialAugment: one change of a random kind and strength",
        source="Müller and Hutter 2021, algorithm 1",
        options=(ComponentOption(name="strength", default=1.0, title="share of the widest ranges"),),
        build=_built_by("augmentations.trivial.TrivialAugment"),
    ),
]
