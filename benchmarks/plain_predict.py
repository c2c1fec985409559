"""What one would write without derm: each photograph of a folder is read, resized and asked about, one after another.

    python plain_predict.py MODEL FOLDER FILE.csv SIZE THREADS

The photographs are squashed to SIZE pixels with the nearest one, as derm does by default.  It knows nothing of derm.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps


def load(path: str, threads: int) -> Any:
    """Return a network as a function of pixels, uint8 (1, size, size, 3)."""
    if path.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda pixels: session.run(None, {"image": pixels})[0]
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=threads)
    interpreter.allocate_tensors()
    entry, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def ask(pixels: Any) -> Any:
        interpreter.set_tensor(entry, pixels)
        interpreter.invoke()
        return interpreter.get_tensor(answer)

    return ask


def main(model: str, folder: str, file: str, size: str, threads: str) -> None:
    """Write the probabilities of each photograph."""
    ask, side = load(model, int(threads)), int(size)
    with Path(file).open("w", encoding="utf-8") as table:
        for path in sorted(Path(folder).iterdir()):
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
            pixels = np.asarray(upright.resize((side, side), Image.Resampling.NEAREST))[None]
            table.write(",".join([path.name, *map(str, ask(pixels)[0])]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
