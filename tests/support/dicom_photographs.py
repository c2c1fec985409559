"""Whole DICOM photographs of a made patient, as a hospital's archive has them: every attribute that the standard asks.

What a validator saw of one is told by the SHA-256 of its elements: JPEG's bytes hang on the version of Pillow.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
ROOT = "1.2.826.0.1.3680043.8.498.17"
"""pydicom's root for identifiers."""
CLASSES = {"photographic": "1.2.840.10008.5.1.4.1.1.77.1.4", "dermoscopic": "1.2.840.10008.5.1.4.1.1.77.1.7"}
"""The storage classes: VL Photographic Image, and Dermoscopic Photography Image of Supplement 221."""
CODINGS = ("uncompressed", "jpeg")


def drawn() -> Pixels:
    """Return a drawn lesion on skin, uint8 (40, 48, 3), smooth enough that JPEG keeps it."""
    rows, columns = np.mgrid[:40, :48]
    inside = np.clip(1.5 - np.hypot(rows - 20, columns - 24) / 10, 0, 1)[..., None]
    return np.rint(np.array([225, 180, 160]) * (1 - inside) + np.array([90, 50, 40]) * inside).astype(np.uint8)


def write_photograph(path: Path, kind: str, coding: str) -> Path:
    """Write what :func:`drawn` gives as DICOM of a ``kind`` of ``CLASSES``, in one of ``CODINGS``; return the path."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

    pixels, found = drawn(), Dataset()
    number = 10 * [*CLASSES].index(kind) + CODINGS.index(coding)
    found.file_meta = FileMetaDataset()
    found.file_meta.MediaStorageSOPClassUID = found.SOPClassUID = CLASSES[kind]
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID = f"{ROOT}.3.{number}"
    found.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if coding == "jpeg" else ExplicitVRLittleEndian
    found.StudyInstanceUID, found.SeriesInstanceUID = f"{ROOT}.1.{number}", f"{ROOT}.2.{number}"
    for name, value in {**_COMMON, **(_DERMOSCOPIC if kind == "dermoscopic" else _PHOTOGRAPHIC)}.items():
        setattr(found, name, [_item(each) for each in value] if name.endswith("Sequence") else value)
    found.Rows, found.Columns, found.SamplesPerPixel = *pixels.shape[:2], 3
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 8, 8, 7, 0
    found.PlanarConfiguration = 0
    if coding == "jpeg":
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=95)
        found.PhotometricInterpretation = "YBR_FULL_422"
        found.LossyImageCompression, found.LossyImageCompressionMethod = "01", "ISO_10918_1"
        found.LossyImageCompressionRatio = 4.0
        found.PixelData = encapsulate([file.getvalue()])
    else:
        found.PhotometricInterpretation, found.LossyImageCompression = "RGB", "00"
        found.PixelData = pixels.tobytes()
    found.save_as(path, enforce_file_format=True)
    return path


def elements_sha256(path: Path) -> str:
    """Return the SHA-256 of all elements of a file but its pixels, and of how these are coded."""
    from pydicom import dcmread

    found = dcmread(path)
    coding = found.file_meta.TransferSyntaxUID
    del found.PixelData
    return hashlib.sha256(f"{coding} {found.to_json()}".encode()).hexdigest()


def _item(values: dict[str, Any]) -> Any:
    from pydicom.dataset import Dataset

    found = Dataset()
    for name, value in values.items():
        setattr(found, name, [_item(each) for each in value] if name.endswith("Sequence") else value)
    return found


def _code(value: str, scheme: str, meaning: str) -> dict[str, Any]:
    return {"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}


_COMMON: dict[str, Any] = {
    "SpecificCharacterSet": "ISO_IR 192",
    "PatientName": "Made^Nobody",
    "PatientID": "MADE-1",
    "PatientBirthDate": "19700101",
    "PatientSex": "O",
    "StudyDate": "20260102",
    "StudyTime": "101112",
    "ReferringPhysicianName": "",
    "StudyID": "1",
    "AccessionNumber": "",
    "SeriesNumber": 1,
    "InstanceNumber": 1,
    "Laterality": "L",
    "PatientOrientation": "",
    "ContentDate": "20260102",
    "ContentTime": "101112",
    "AcquisitionDateTime": "20260102101112",
    "Manufacturer": "Made",
    "ManufacturerModelName": "Made",
    "DeviceSerialNumber": "1",
    "SoftwareVersions": "1",
    "ImageType": ["ORIGINAL", "PRIMARY"],
    "BurnedInAnnotation": "NO",
    "AcquisitionContextSequence": [],
}
_PHOTOGRAPHIC: dict[str, Any] = {"Modality": "XC"}
_DERMOSCOPIC: dict[str, Any] = {
    "Modality": "DMS",
    "FrameOfReferenceUID": f"{ROOT}.4",
    "PositionReferenceIndicator": "",
    "RecognizableVisualFeatures": "NO",
    "LightSourcePolarization": "NON_POLARIZED",
    "EmitterColorTemperature": 5000.0,
    "ContactMethod": "CONTACT",
    "ImmersionMedia": "ULTRASOUND_GEL",
    "OpticalMagnificationFactor": 10.0,
    "AnatomicRegionSequence": [_code("14975008", "SCT", "Forearm")],
}
