"""Models of strangers, whose bytes were changed and sealed anew, so that nothing but their contents tells of it."""

from __future__ import annotations

from random import Random

import numpy as np

from derm_cli.taxonomy import LesionClass
from mobile_export.artefact.seal import SIZE, write_seal
from tests.fuzz import mutations
from tests.fuzz.fuzz_targets import Target
from tests.support.artefact_files import entries_of, made_facts, network_in_front, put_together
from tests.support.mean_colour_onnx import write_onnx
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in "abc"))


class Models(Target):
    """What was changed is answered by or refused; no runtime ends the process, or takes what the file cannot need."""

    def prepare(self) -> None:
        from mobile_export.formats.inspecting import inspect_onnx, inspect_tflite
        from mobile_export.specs import ONNX, TFLITE

        tflite, onnx = self.folder / "sound.tflite", self.folder / "sound.onnx"
        write_tflite(tflite, FACTS)
        self.sound = {"tflite": network_in_front(tflite), "onnx": write_onnx(onnx, FACTS).read_bytes()[:-SIZE]}
        self.entries = entries_of(tflite)
        self.load = {"tflite": TFLITE.load, "onnx": ONNX.load}
        self.inspect = {"tflite": inspect_tflite, "onnx": inspect_onnx}
        self.photographs = np.zeros((1, FACTS.preprocessing.size, FACTS.preprocessing.size, 3), np.uint8)
        # Once unspoilt: what a runtime takes for itself is no input's.
        for kind in self.sound:
            self.load[kind](self.folder / f"sound.{kind}")(self.photographs)

    def check_one(self, random: Random) -> str:
        kind = random.choice(sorted(self.sound))
        content, how = mutations.spoil_bytes(random, self.sound[kind])
        self.description = f"{kind}: {how}"
        path = self.folder / f"spoilt.{kind}"
        if kind == "tflite":
            put_together(path, content, self.entries, b"0" * SIZE)
        else:
            path.write_bytes(content + b"0" * SIZE)
        write_seal(path)
        self.inspect[kind](path)
        self.load[kind](path)(self.photographs)
        return f"{kind} answered"
