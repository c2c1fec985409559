"""The network as an app calls it: uint8 in, probabilities out, under names that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mobile_export.artefact.contract import ANSWERS, INPUT, OUTPUT

if TYPE_CHECKING:
    import keras


def serving_module(model: keras.Model, batch: int | None) -> Any:
    """Return a ``tf.Module`` whose function ``serve`` casts uint8 ``image`` and gives ``probabilities``.

    Where the network takes them, ``answers`` are its second argument, float32.
    ``batch`` is the number of photographs that it takes, None for any.  The module owns the network's variables: keep
    it alive as long as the function is used.
    """
    import tensorflow as tf

    size = model.inputs[0].shape[1]
    arguments = [tf.TensorSpec((batch, size, size, 3), tf.uint8, name=INPUT)]
    if len(model.inputs) > 1:
        arguments.append(tf.TensorSpec((batch, model.inputs[1].shape[-1]), tf.float32, name=ANSWERS))

    class Serving(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = model
            # A tf.Module does not see the variables inside Keras's own; unseen, they would not be made constants.
            self.weights = [variable.value for variable in model.variables]

        @tf.function(input_signature=arguments)  # type: ignore[untyped-decorator]
        def serve(self, image: Any, *answers: Any) -> dict[str, Any]:
            pixels = tf.cast(image, tf.float32)
            inputs = [pixels, *answers] if answers else pixels
            return {OUTPUT: tf.identity(self.network(inputs, training=False), name=OUTPUT)}

    return Serving()
