"""The network as an app calls it: uint8 in, probabilities out, under names that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mobile_export.artefact.contract import INPUT, OUTPUT

if TYPE_CHECKING:
    import keras


def serving_module(model: keras.Model, batch: int | None) -> Any:
    """Return a ``tf.Module`` whose function ``serve`` casts uint8 ``image`` and gives ``probabilities``.

    ``batch`` is the number of photographs that it takes, None for any.  The module owns the network's variables: keep
    it alive as long as the function is used.
    """
    import tensorflow as tf

    size = model.input_shape[1]

    class Serving(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = model
            # A tf.Module does not see the variables inside Keras's own; unseen, they would not be made constants.
            self.weights = [variable.value for variable in model.variables]

        @tf.function(input_signature=[tf.TensorSpec((batch, size, size, 3), tf.uint8, name=INPUT)])  # type: ignore[untyped-decorator]
        def serve(self, image: Any) -> dict[str, Any]:
            return {OUTPUT: tf.identity(self.network(tf.cast(image, tf.float32), training=False), name=OUTPUT)}

    return Serving()
