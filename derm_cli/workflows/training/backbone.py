"""Building a run's backbone, with the weights that its plan begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derm_cli.engine.reading import build_flat
from derm_cli.plugin import read_keras_model
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.training.planning import Prepared

if TYPE_CHECKING:
    import keras


def build_backbone(prepared: Prepared) -> Any:
    """Build the backbone, a Keras model from photographs to a feature map, with the weights that the plan begins with.

    A run that is resumed begins so too, though its checkpoint then replaces the weights: what a build takes from them
    beside variables, such as the scaling, must be the same.
    """
    size = prepared.plan.preprocessing.size
    if prepared.source_run is None:
        return build_flat(prepared.backbone, size, prepared.plan.weights)
    return _resized(_backbone_of_run(prepared.source_run, prepared), size)


def _backbone_of_run(run: RunFolder, prepared: Prepared) -> keras.Model:
    """Return the backbone of a finished run's model.  Raises DermError where the model's file was changed."""
    from derm_cli.engine.answers import photograph_model
    from derm_cli.engine.network import backbone_of, network_of_model

    model = read_keras_model(run.sealed(layout.MODEL))
    return backbone_of(network_of_model(photograph_model(model), prepared.backbone))


def _resized(backbone: keras.Model, size: int) -> keras.Model:
    """Return a copy for photographs of ``size`` pixels a side, in the precision that networks are built in now."""
    import keras

    from derm_cli.engine.copying import copied_model

    entry = keras.Input((size, size, 3), name="image")
    policy = keras.config.dtype_policy()

    # A finished model is in float32; here it may be trained in less.
    return copied_model(backbone, entry, changed=lambda config: {**config, "dtype": policy})
