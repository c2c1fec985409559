"""Answers photographs by the model of this folder.  No medical device: MODEL_CARD.md tells what it is for."""

import argparse
import hashlib
import io
import json
import sys
from contextlib import suppress
from importlib import import_module, util
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

WAYS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR, "area": Image.Resampling.BOX}
BLACK = ImageCms.Flags.BLACKPOINTCOMPENSATION
RUNTIMES = {"litert": ("ai_edge_litert", ".tflite"), "tflite-runtime": ("tflite_runtime", ".tflite")}
RUNTIMES["onnxruntime"] = ("onnxruntime", ".onnx")


def read(path: Path, rule: dict[str, Any]) -> tuple[Any, Any]:
    """Return a photograph as the network sees it, uint8 (size, size, 3), and as a whole: upright, sRGB, on white."""
    image: Any = Image.open(path, formats=["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "PPM", "AVIF"])
    if min(image.size) < 16 or (image.format != "MPO" and getattr(image, "is_animated", False)):
        raise ValueError(f"{image.size} pixels are too few, or it has several pages")
    image = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile", b"") if rule["profile"] == "srgb" else b""
    if image.mode[0] in "IF":  # grey of more than eight bits
        grey = np.nan_to_num(np.asarray(image).astype(np.float64))
        image = Image.fromarray(np.clip(np.rint(grey / (257 if grey.max() > 255 else 1)), 0, 255).astype(np.uint8))
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode in ("LA", "La"):
        image = image.convert("LA").getchannel("L")
    elif image.mode not in ("L", "CMYK"):
        image = image.convert("RGB" if alpha is None else "RGBA").convert("RGB")
    image = to_srgb(image, profile)
    if alpha is not None:
        image.putalpha(alpha)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    pixels = np.asarray(square(image, rule))
    if rule["constancy"] == "shades-of-grey":
        light = (pixels.astype(np.float64) ** 6).mean(axis=(0, 1)) ** (1 / 6)
        gain = np.sqrt((light**2).mean()) / np.where(light > 0, light, np.inf)
        pixels = np.clip(np.rint(pixels * gain), 0, 255).astype(np.uint8)
    return pixels, image


def to_srgb(image: Any, profile: bytes) -> Any:
    """Return an image in sRGB, by its colour profile where that is whole, fits it and is not sRGB itself."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        space: Any = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(source.profile.xcolor_space.strip())
        if space == image.mode:
            way = ImageCms.buildTransform(source, srgb, space, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, BLACK)
            levels = np.stack(np.meshgrid(*[np.arange(0, 256, 15, dtype=np.uint8)] * 3), axis=-1).reshape(18, -1, 3)
            moved: Any = ImageCms.applyTransform(Image.fromarray(levels), way) if space == "RGB" else 255
            return image if np.abs(moved - levels.astype(int)).max() <= 2 else ImageCms.applyTransform(image, way)
    return image.convert("RGB")


def square(image: Any, rule: dict[str, Any]) -> Any:
    """Return an RGB image as a square, by the rule's ``size``, ``resize`` and ``interpolation``."""
    side, way, (width, height), longer = rule["size"], WAYS[rule["interpolation"]], image.size, max(image.size)
    fitted = [max(1, round(e / longer * side)) if rule["resize"] == "letterbox" else side for e in image.size]
    cut = [(e - min(image.size)) / 2 if rule["resize"] == "crop" else 0.0 for e in image.size]
    narrow = image.resize((fitted[0], height), way, (cut[0], 0, width - cut[0], height))  # versions order one call anew
    ground, (left, top) = Image.new("RGB", (side, side)), [round((side - each) / 2) for each in fitted]
    ground.paste(narrow.resize(fitted, way, (0, cut[1], fitted[0], height - cut[1])), (left, top))
    return ground


def faults(image: Any, asked: dict[str, Any]) -> list[str]:
    """Return what is poor about a photograph, by the manifest's ``quality``: it should be taken again."""
    grey = np.asarray(image.resize((asked["side"],) * 2, WAYS["bilinear"], reducing_gap=1.5).convert("L"), np.float32)
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    found = {"side": min(image.size), "contrast": grey.std(), "focus": edges.var(), "brightness": grey.mean()}
    return [each["fault"] for each in asked["limits"] if not each["least"] <= found[each["measure"]] <= each["most"]]


def encode(questions: dict[str, Any], answers: dict[str, str]) -> Any:
    """Return answers, by question, as the model takes them, float32 (1, k): ``vector`` tells how; 0 is not known."""
    known = {e["name"]: e["choices"] or e["range"] or [-1e9, 1e9] for e in (questions or {"fields": []})["fields"]}
    for name, answer in answers.items():
        with suppress(KeyError, TypeError, ValueError):
            if answer in known[name] or known[name][0] <= float(answer) <= known[name][1]:
                continue
        sys.exit(f"'{name}={answer}' answers none of the model's questions: leave it out, or give one of {known}.")
    rows = [(answers.get(each["question"]), each) for each in questions["vector"]]
    values = [((a == e["is"] if e["is"] else float(a)) - e["less"]) / e["over"] if a else 0 for a, e in rows]
    return np.array([values], np.float32)


class Model:
    """A model of the bundle in ``folder``, by its file's name or the first, in ``runtime`` or the first there is."""

    def __init__(self, folder: Path, name: str = "", runtime: str = "") -> None:
        self.facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        kinds = [each for kind, each in RUNTIMES.items() if runtime in ("", kind) and util.find_spec(each[0])]
        entries = [each for each in self.facts["models"] if name in ("", each["file"])]
        pairs = [(each, package) for each in entries for package, suffix in kinds if each["file"].endswith(suffix)]
        if not pairs:
            sys.exit(f"Nothing here runs '{name or 'a model of this bundle'}': install ai-edge-litert or onnxruntime.")
        (told, package), content = pairs[0], (folder / pairs[0][0]["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != told["sha256"]:  # one that was cut short can end a runtime's process
            sys.exit(f"'{told['file']}' is not the file that the manifest tells of: get the bundle again.")
        ask: Any = import_module(package if package == "onnxruntime" else f"{package}.interpreter")
        if package == "onnxruntime":
            session = ask.InferenceSession(content, providers=["CPUExecutionProvider"])
            kind, ask = session.get_inputs()[0].type, lambda **given: session.run(["probabilities"], given)[0]
        else:
            run = ask.Interpreter(model_content=content).get_signature_runner()
            kind, ask = str(run.get_input_details()["image"]["dtype"]), lambda **given: run(**given)["probabilities"]
        self._network: Any = lambda image, **more: ask(image=image.astype("f4" if "float" in kind else "u1"), **more)

    def answer(self, path: Path, answers: dict[str, str]) -> dict[str, Any]:
        """Return the answer for a photograph: probabilities, by views their geometric mean, faults and advice."""
        given = {"answers": encode(self.facts["questions"], answers)} if self.facts["questions"] or answers else {}
        pixels, image = read(path, self.facts["preprocessing"])
        flips, name = [pixels, pixels[:, ::-1]], self.facts["views"]["name"]
        views = {"none": flips[:1], "flips": flips, "dihedral": [np.rot90(e, n) for e in flips for n in range(4)]}
        asked = [self._network(image=np.array(each)[None], **given)[0] for each in views[name]]
        mean = np.exp(np.mean([np.log(np.maximum(each, 1e-38)).astype(np.float64) for each in asked], axis=0))
        values = asked[0] if len(asked) == 1 else mean / mean.sum()
        if not np.isfinite(asked).all():
            sys.exit(f"The model answers '{path}' with what is no number: it is broken, get the bundle again.")
        of = {each["name"]: float(value) for each, value in zip(self.facts["classes"], values, strict=True)}
        poor, advice = faults(image, self.facts["quality"]), self.facts["advice"]
        held = [rule for rule in advice["rules"] if sum(of[each] for each in rule["classes"]) >= rule["threshold"]]
        rule = advice["retake"] if poor else [*held, advice["otherwise"]][0]
        return {"file": str(path), "probabilities": of, "faults": poor, "advice": rule["name"], "text": rule["text"]}


if __name__ == "__main__":
    (parser := argparse.ArgumentParser(description=__doc__)).add_argument("photographs", nargs="+", type=Path)
    parser.add_argument("--answer", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--model", default="", help="a file of this folder; by default the first of the manifest")
    parser.add_argument("--runtime", default="", choices=RUNTIMES)
    asked, answered, refused = parser.parse_args(), [], []
    model, answers = Model(Path(__file__).parent, asked.model, asked.runtime), [e.split("=", 1) for e in asked.answer]
    if model.facts["preprocessing"]["crop"] == "lesion":
        print("The model learnt from photographs cut out around the lesion: let it fill the picture.", file=sys.stderr)
    for each in asked.photographs:
        try:
            answered.append(model.answer(each, {e[0]: e[-1] for e in answers}))
        except Exception as why:  # of a damaged file Pillow raises whatever it stumbles on
            refused.append(f"'{each}' is not answered ({why}): give a photograph that is whole, such as a JPEG or PNG.")
    print(json.dumps(answered, indent=2, ensure_ascii=False))
    sys.exit("\n".join(refused) or 0)
