"""DICOM photographs: the same pixels as from a PNG, in each way to store them; what is none is told, and no patient."""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
import pydicom
import pytest
from PIL import Image

from derm_cli.data.preprocessing import UnreadablePhotograph, dicom, read_photograph
from derm_cli.plan import Preprocessing
from tests.support.dicom_photographs import CLASSES, CODINGS, drawn, elements_sha256, write_photograph

NAME = "Burnt^Patient"
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
GREY = PIXELS[..., 0]
RULE = Preprocessing(size=32)
SMOOTH = np.asarray(Image.fromarray(PIXELS[:5, :6]).resize((48, 40), Image.Resampling.BICUBIC))


def written(path, pixels, kind, bits=8, data=None, syntax=None, **more):
    """Write a photograph as VL Photographic Image Storage."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid

    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID = VLPhotographicImageStorage
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID = generate_uid()
    found.file_meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
    found.PatientName, found.PatientID, found.Modality = NAME, NAME, "XC"
    found.Rows, found.Columns = pixels.shape[:2]
    found.SamplesPerPixel = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        found.PlanarConfiguration = 0
    found.PhotometricInterpretation, found.PixelRepresentation = kind, 0
    found.BitsStored, found.HighBit, found.BitsAllocated = bits, bits - 1, 8 if bits <= 8 else 16
    found.PixelData = data if data is not None else pixels.tobytes()
    for name, value in more.items():
        setattr(found, name, value)
    found.save_as(path, enforce_file_format=True)
    return path


def jpeg(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def encapsulated(content):
    from pydicom.encaps import encapsulate

    return encapsulate([content])


def stored(how, path):
    from pydicom.pixels import convert_color_space
    from pydicom.uid import JPEGBaseline8Bit

    if how == "YBR":
        return written(path, convert_color_space(SMOOTH, "RGB", "YBR_FULL"), "YBR_FULL"), SMOOTH, 2
    if how == "JPEG":
        data = encapsulated(jpeg(SMOOTH))
        return written(path, SMOOTH, "YBR_FULL_422", data=data, syntax=JPEGBaseline8Bit), SMOOTH, 12
    if how == "planes":
        data = np.moveaxis(PIXELS, 2, 0).tobytes()
        return written(path, PIXELS, "RGB", data=data, PlanarConfiguration=1), PIXELS, 0
    if how == "12 bits":
        values = np.rint(GREY.astype(float) * 4095 / 255).astype(np.uint16)
        return written(path, values, "MONOCHROME2", bits=12), GREY, 0
    kind, pixels, expected = {
        "RGB": ("RGB", PIXELS, PIXELS),
        "grey": ("MONOCHROME2", GREY, GREY),
        "grey, white is 0": ("MONOCHROME1", 255 - GREY, GREY),
    }[how]
    return written(path, pixels, kind), expected, 0


@pytest.mark.parametrize("how", ["RGB", "planes", "YBR", "JPEG", "grey", "grey, white is 0", "12 bits"])
def test_a_photograph_has_the_pixels_that_it_has_as_png(how, tmp_path):
    path, expected, most = stored(how, tmp_path / "a.dcm")
    Image.fromarray(expected).save(tmp_path / "a.png")
    difference = read_photograph(path, RULE).astype(int) - read_photograph(tmp_path / "a.png", RULE)
    assert np.abs(difference).max() <= most


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("kind", CLASSES)
def test_a_whole_photograph_of_the_standard_has_the_pixels_that_it_has_as_png(kind, coding, tmp_path):
    path = write_photograph(tmp_path / "a.dcm", kind, coding)
    Image.fromarray(drawn()).save(tmp_path / "a.png")
    difference = read_photograph(path, RULE).astype(int) - read_photograph(tmp_path / "a.png", RULE)
    assert np.abs(difference).max() <= (12 if coding == "jpeg" else 0)


VALIDATED = {
    ("photographic", "uncompressed"): "1f52016dfdff6f8bf27fd401c2f3a62aa0e5665c2d004a4de38c54cc8f4e52b8",
    ("photographic", "jpeg"): "70e5130625722dcbeb3465dc84e610fddfd530b618de57e2536fb37034f93369",
    ("dermoscopic", "uncompressed"): "b4abe43a44304ae32eddd4b06316ac2d068d1e90e1afcab036c276b7c44c85db",
    ("dermoscopic", "jpeg"): "5d3fd89aa9a7a3efe2dc7ee9c2be0fd0013d9cc802181fca6843c72a761aca8c",
}
"""The elements of the photographs in which dciodvfy found no error (docs/guides/hospital.md)."""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("kind", CLASSES)
def test_a_validator_of_others_found_no_error_in_it(kind, coding, tmp_path):
    path = write_photograph(tmp_path / "a.dcm", kind, coding)
    assert elements_sha256(path) == VALIDATED[kind, coding]
    # Debian has it as dicom3tools; where it is installed, it is asked again.
    if validator := shutil.which("dciodvfy"):
        done = subprocess.run([validator, path], capture_output=True, text=True, check=False)
        assert (done.returncode, "Error" in done.stderr) == (0, False), done.stderr


REFUSED = {
    "several frames": ({"NumberOfFrames": 2, "data": PIXELS.tobytes() * 2}, "DICOM of 2 frames: save the one"),
    "a bomb": ({"Rows": 60000, "Columns": 60000}, "60000x60000 is more than"),
    "cut short": ({"data": b"\0" * 100}, r"damaged or cut short \(DICOM\)"),
    "too small": ({"Rows": 8, "Columns": 240}, "240x8 is too small"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photograph_is_told_without_a_patient_s_name(what, tmp_path):
    changes, said = REFUSED[what]
    path = written(tmp_path / "a.dcm", PIXELS, "RGB", **changes)
    with pytest.raises(UnreadablePhotograph, match=said) as told:
        read_photograph(path, RULE)
    assert NAME not in str(told.value)
    assert "Burnt" not in repr(told.value)


def test_nothing_of_the_patient_is_read(tmp_path, monkeypatch):
    path = written(tmp_path / "a.dcm", PIXELS, "RGB")
    kept = []
    monkeypatch.setattr(dicom, "_pixels", lambda found: kept.append(found) or PIXELS)
    read_photograph(path, RULE)
    assert NAME.encode() in path.read_bytes()
    assert NAME not in str(kept[0])


def test_a_file_without_a_photograph(tmp_path):
    path = written(tmp_path / "a.dcm", PIXELS, "RGB")
    found = pydicom.dcmread(path)
    del found.PixelData
    found.save_as(path)
    with pytest.raises(UnreadablePhotograph, match="DICOM without a photograph"):
        read_photograph(path, RULE)


def test_without_the_extra_it_is_told_what_to_install(tmp_path, monkeypatch):
    path = written(tmp_path / "a.dcm", PIXELS, "RGB")
    monkeypatch.setattr(dicom, "dicom_is_read", lambda: False)
    with pytest.raises(UnreadablePhotograph, match=r"pip install 'derm-cli\[dicom\]'"):
        read_photograph(path, RULE)
