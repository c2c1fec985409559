"""The arguments of each function: the options of the command of its name.

Written by ``python -m tests.support.library_arguments``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from derm_cli.library.call_options import CallOptions, FilePath
from derm_cli.library.run import Run


class TrainArguments(CallOptions, total=False):
    """The options of ``derm train``."""

    augment: str | Sequence[str] | Mapping[str, object] | None
    augmentation: str | None
    backbone: str | None
    baselines: bool | None
    block_rate: float | None
    chain: str | Sequence[FilePath | Run] | None
    constancy: Literal["none", "shades-of-grey"] | None
    crop: Literal["none", "lesion"] | None
    crop_margin: float | None
    deterministic: bool | None
    devices: int | None
    epochs: int | None
    features: FilePath | None
    focus: float | None
    fold: str | None
    folds: int | None
    frozen_check: bool | None
    head_rate: float | None
    interpolation: Literal["nearest", "bilinear", "area"] | None
    leave_out: str | Sequence[str] | None
    logit_adjustment: float | None
    metadata: str | None
    no_store: bool | None
    norm_momentum: float | None
    per_class: int | None
    phase: str | Sequence[str] | Mapping[str, object] | None
    pooling: Literal["mean", "statistics"] | None
    precision: Literal["auto", "float32", "bfloat16", "float16"] | None
    preprocess: str | Sequence[str] | Mapping[str, object] | None
    profile: Literal["srgb", "ignored"] | None
    programs: Literal["auto", "phase", "stage"] | None
    recipe: str | None
    repeat: Run | str | None
    resident_share: float | None
    resize: Literal["squash", "letterbox", "crop"] | None
    resume: Run | str | None
    schedule: str | None
    seed: int | None
    size: int | None
    split: Literal["auto", "official", "own"] | None
    split_seed: int | None
    strategy: str | None
    target: FilePath | None
    teacher: Run | str | None
    test_share: float | None
    validation_share: float | None
    views: str | None


class EvaluateArguments(CallOptions, total=False):
    """The options of ``derm evaluate``."""

    checklist: FilePath | None
    classes_of: str | None
    cost: str | Sequence[str] | Mapping[str, object] | None
    csv: FilePath | None
    data: FilePath | Sequence[FilePath] | None
    draws: int | None
    features: FilePath | None
    force: bool | None
    latex: FilePath | None
    photographs: bool | None
    picture: FilePath | None
    predictions: FilePath | None
    prevalence: str | Sequence[str] | Mapping[str, object] | None
    refer_at: tuple[float, float] | Sequence[float] | None
    report: FilePath | None
    of_run: Run | str | None
    specificity: float | None
    table: FilePath | None
    validation: FilePath | None


class PredictArguments(CallOptions, total=False):
    """The options of ``derm predict``."""

    answer: str | Sequence[str] | Mapping[str, object] | None
    answers: FilePath | None
    csv: FilePath | None
    features: FilePath | None
    fhir: FilePath | None
    force: bool | None
    map: FilePath | None
    map_class: str | None
    mask: FilePath | Sequence[FilePath] | None
    subject: str | None


class StudyArguments(CallOptions, total=False):
    """The options of ``derm study run``."""

    address: str | None
    cores: int | None
    cpus_per_stage: str | None
    executor: str | None
    gpus_per_stage: str | None
    name: str | None
    set: str | Sequence[str] | Mapping[str, object] | None
    target: FilePath | None
    workers: int | None
