"""Makes the stored runs anew: ``python tests/stored/make.py FOLDER``, with the derm whose files are to be kept.

All photographs are synthetic: a disc of a colour by class on noise.  Run it only when a change of what derm writes is
meant; what lies here was written by derm before its modules were renamed, and is the proof that nothing else changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32
DIAGNOSES = {
    "mel": "Malignant:Malignant melanocytic proliferations (Melanoma)",
    "nev": "Benign:Benign melanocytic proliferations:Nevus",
    "bcc": "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma",
}
SITES = ("back", "arm", "")
REQUEST = (
    *("--backbone", "stored-tiny", "--size", str(SIDE), "--chain", "first,clinic", "--epochs", "2"),
    *("--head-rate", "0.002", "--block-rate", "0.001", "--validation-share", "0.4", "--test-share", "0.3"),
    *("--phase", "ema=0.5", "--phase", "best-epoch=on", "--phase", "mixup=0.2", "--phase", "label-smoothing=0.05"),
)


def draw(folder: Path, patients: int, seed: int) -> None:
    """Draw two photographs of a lesion for each patient and list them in ``records.csv``."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    lines = ["image,label,patient_id,lesion_id,diagnosis,age,sex,site"]
    down, across = np.mgrid[:SIDE, :SIDE]
    for patient in range(patients):
        number = int(rng.integers(3))
        label = list(DIAGNOSES)[number]
        age, sex, site = int(rng.integers(20, 90)), ("male", "female")[patient % 2], SITES[patient % 3]
        for view in range(2):
            colour = rng.integers(60, 190, 3)
            colour[number] = min(255, colour[number] + 50)
            centre, radius = rng.integers(12, 20, 2), rng.integers(5, 10)
            disc = (down - centre[0]) ** 2 + (across - centre[1]) ** 2 < radius**2
            pixels = np.where(disc[..., None], colour, rng.integers(170, 230, 3)) + rng.integers(-3, 4, (SIDE, SIDE, 1))
            name = f"{patient:03}-{view}.png"
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name, optimize=True)
            lines.append(f"{name},{label},p{patient},l{patient},{DIAGNOSES[label]},{age},{sex},{site}")
    (folder / "records.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def derm(root: Path, *arguments: str, status: int = 0, **variables: str) -> str:
    """Call the derm beside this interpreter on what lies in ``root``."""
    places = {
        "DERM_CONFIG": root / "stored.toml",
        "XDG_DATA_HOME": root / "home",
        "PYTHONPATH": root / "plugin",
    }
    environment = {**os.environ, **{name: str(path) for name, path in places.items()}, **variables}
    command = [str(Path(sys.executable).with_name("derm")), *arguments]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def main(root: Path) -> None:
    """Draw, train, stop, and keep what derm says of it."""
    here = Path(__file__).parent
    shutil.copytree(here / "plugin", root / "plugin", dirs_exist_ok=True)
    shutil.copy(here / "stored.toml", root / "stored.toml")
    draw(root / "data" / "first", 24, 1)
    draw(root / "data" / "clinic", 72, 2)
    expected = root / "expected"
    expected.mkdir()
    finished = json.loads(derm(root, "train", *REQUEST, "--json"))["run"]
    derm(root, "train", *REQUEST, "--no-store", status=1, STORED_STOP_AFTER="7")
    said = {
        "evaluate": ("evaluate", finished),
        "evaluate-elsewhere": ("evaluate", finished, "--data", "first"),
        "predict": ("predict", finished, "data/clinic/000-0.png", "data/clinic/005-1.png"),
        "dry-run": ("train", *REQUEST, "--dry-run"),
        "show": ("runs", "show", finished),
        "check": ("data", "check", "first", "clinic"),
    }
    for name, arguments in said.items():
        cache = root / ("another-cache" if name == "check" else "cache")
        answer = derm(root, *arguments, "--json", DERM_CACHE=str(cache)).replace(str(root), "ROOT")
        (expected / f"{name}.json").write_text(answer, encoding="utf-8")
    for record in root.glob("runs/*/run.json"):
        record.write_text(re.sub(r'"host": ".*"', '"host": "elsewhere"', record.read_text(encoding="utf-8")))
    shutil.rmtree(root / "another-cache")
    for needless in (*root.rglob("*.lock"), *root.rglob("__pycache__")):
        shutil.rmtree(needless) if needless.is_dir() else needless.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
