"""Diaries to test with, drawn anew each time: no patient's photograph belongs into a repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COLOURS = {
    "nevus": (120, 75, 50),
    "dysplastic nevus": (90, 60, 50),
    "seborrheic keratosis": (170, 140, 90),
    "solar lentigo": (205, 165, 120),
    "basal cell carcinoma": (215, 130, 135),
    "melanoma": (45, 35, 45),
    "melanoma in situ": (60, 50, 70),
}


def make_diaries(root: Path, patients: int = 6, size: int = 48) -> Path:
    """Write into ``root`` the diaries of ``patients``, a lesion of each finding and two photographs a lesion."""
    draw = np.random.default_rng(0)
    for number in range(patients):
        folder = root / f"P{number + 1:03}"
        folder.mkdir(parents=True)
        lesions = []
        for place, (finding, colour) in enumerate(COLOURS.items(), 1):
            photographs: list[dict[str, Any]] = []
            for lens in ("camera", "dermatoscope"):
                name = f"{place}-{lens}.png"
                noise = draw.normal(0, 8, (size, size, 3))
                Image.fromarray((np.array(colour) + noise).clip(0, 255).astype("uint8")).save(folder / name)
                photographs.append({"file": name, "taken": f"2024-0{place}-11", "lens": lens})
            lesions.append(
                {"lesion": str(place), "site": "left forearm", "finding": finding, "photographs": photographs}
            )
        known = {"sex": "fm"[number % 2], "born": 1950 + number, "skin_type": 2} if number else {}
        write_diary(folder, {**known, "lesions": lesions})
    return root


def write_diary(folder: Path, diary: Any) -> None:
    """Write the diary of the patient to whom ``folder`` belongs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "diary.json").write_text(json.dumps(diary, indent=2), encoding="utf-8")
