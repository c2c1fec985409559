"""The one opener, and everything that is told of a photograph, on spoilt files of every format."""

from __future__ import annotations

from pathlib import Path
from random import Random

from derm_cli.errors import DermError
from tests.fuzz import image_mutations
from tests.fuzz.fuzz_targets import Broken, Target, promise


class Pictures(Target):
    """A spoilt file gives pixels, the same on every path, or a reason why there are none."""

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sound = self.folder / "sound.png"
        for name, data in image_mutations.corpus().items():
            # What is sound is decoded: what fails below fails for what was spoilt.
            self.sound.write_bytes(data)
            outcome = self._decode(self.sound, None, Random(0))
            promise((outcome == "pixels") == ("animated" not in name and "pages" not in name), f"{name}: {outcome}")
        self.sound.write_bytes(image_mutations.corpus()["PNG RGB"])

    def check_one(self, random: Random) -> str:
        data, self.description = image_mutations.spoilt_picture(random)
        path, mask = self.folder / "spoilt", None
        path.write_bytes(data)
        if random.random() < 0.1:
            # The spoilt file is the mask of a sound one.
            path, mask = self.sound, path
        if random.random() < 0.1:
            from derm_cli.data.checking.page import thumbnail

            return "thumbnail" if thumbnail(path) else "no thumbnail"
        return self._decode(path, mask, random)

    def _decode(self, path: Path, mask: Path | None, random: Random) -> str:
        from derm_cli.data.packing.decoding import DecodeTask, decode
        from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
        from derm_cli.files import sha256_of
        from derm_cli.plan import Preprocessing

        rule = Preprocessing(
            size=32,
            resize=random.choice(("squash", "letterbox", "crop")),
            interpolation=random.choice(("nearest", "bilinear", "area")),
            profile=random.choice(("srgb", "ignored")),
            crop="lesion" if mask else "none",
            constancy=random.choice(("none", "shades-of-grey")),
        )
        try:
            row, pixels = decode(DecodeTask(path, mask, (sha256_of(path), sha256_of(mask) if mask else None)), rule)
        except DermError as error:
            # It tells to try again: as if the fault was not the file's.
            raise Broken(str(error)) from error
        row.to_line()
        reason = row.unreadable or row.uncropped or ""
        promise(len(reason) < 400, f"a reason of {len(reason)} characters")
        # No file here is larger than some 100 kB, nor said to be of more pixels than may be decoded.
        promise("memory" not in reason, reason)
        try:
            again = read_photograph(path, rule, mask)
        except UnreadablePhotograph as error:
            promise(bool(reason), f"'{error}' here, pixels there")
            return "unreadable"
        promise(pixels is not None, f"pixels here, '{reason}' there")
        promise(again.shape == (32, 32, 3) and again.dtype.name == "uint8", f"{again.dtype} {again.shape}")
        promise(bool((again == pixels).all()), "other pixels the second time")
        return "pixels"
