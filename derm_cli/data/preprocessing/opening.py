"""Opening a photograph, or refusing it with a reason: the one way in, for every use."""

from __future__ import annotations

import hashlib
import io
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock
from PIL import Image, UnidentifiedImageError

from derm_cli.data.preprocessing import dicom, heif
from derm_cli.errors import DermError

LARGEST = 178_956_970
"""Pixels; more is refused as a decompression bomb (twice Pillow's own warning limit)."""
SMALLEST = 16
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
"""What Pillow may take a file for.  Others are not opened: for some it would start another program."""
EXCLUSIVE_PIXELS = 2**25
"""Pixels from which a photograph is decoded alone, since as many as there are cores could fill the memory."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_large_photograph_lock = threading.RLock()
_shared_locks: list[FileLock] = []


class UnreadablePhotograph(Exception):
    """A file that is no photograph; its text is the reason, to be recorded and shown."""


class RefusedPhotograph(UnreadablePhotograph):
    """A file that could not be read this time, whatever is in it: gone, locked away, changed, or on a failing disk."""


@contextmanager
def open_photograph(path: Path, content: str | None = None) -> Iterator[Image.Image]:
    """Give the decoded image in ``path``, as stored: not turned, in its own mode and with its metadata.

    With ``content`` the file must have that SHA-256.  Raises UnreadablePhotograph with the reason, also for what goes
    wrong with the image while it is used, but for a DermError; RefusedPhotograph where that says nothing about the
    file's contents.
    """
    try:
        with _without_warnings(), _BoundedFile(_require_regular(path)) as file:
            if content is not None and hashlib.file_digest(file, "sha256").hexdigest() != content:
                raise RefusedPhotograph("it changed while it was read")
            file.seek(0)
            with _image_of(file) as image:
                _refuse_unusable(image)
                width, height = image.size
                with _exclusively() if width * height > EXCLUSIVE_PIXELS else nullcontext():
                    image.load()
                    yield image
    # A plugin's step that fails says nothing of the file.
    except (UnreadablePhotograph, DermError):
        raise
    except dicom.UnreadableDicom as reason:
        raise UnreadablePhotograph(str(reason)) from None
    except FileNotFoundError:
        raise RefusedPhotograph("the file is not there") from None
    except PermissionError:
        raise RefusedPhotograph("no permission to read the file") from None
    except MemoryError:
        raise RefusedPhotograph("there is not enough memory to decode it") from None
    except Image.DecompressionBombError:
        raise UnreadablePhotograph(f"more than {LARGEST} pixels") from None
    except UnidentifiedImageError:
        raise UnreadablePhotograph(_reason_it_is_no_image(path)) from None
    # Pillow's decoders raise whatever they stumble on in a damaged file.
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise RefusedPhotograph(f"it cannot be read ({error.strerror})") from None
        # What a DICOM file holds may name a patient.  As a text, for an error that its own frame holds is a circle,
        # which keeps a whole photograph.
        said = "DICOM" if _is_dicom(path) else str(error)
        raise UnreadablePhotograph(f"damaged or cut short ({said})") from None


def share_large_photograph_lock(lock: Path | None) -> None:
    """Decode large photographs alone not only in this process, but in all that name the same file; None: no more."""
    _shared_locks[:] = [FileLock(lock)] if lock else []


@contextmanager
def _exclusively() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(_large_photograph_lock)
        for lock in _shared_locks:
            stack.enter_context(lock)
        yield


def turn_upright(image: Image.Image) -> Image.Image:
    """Turn a decoded image as its EXIF (or XMP) orientation says; one that cannot be understood turns nothing."""
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _image_of(file: BinaryIO) -> Image.Image:
    head = file.read(dicom.HEAD)
    file.seek(0)
    if dicom.is_dicom(head):
        if not dicom.dicom_is_read():
            raise UnreadablePhotograph(dicom.DICOM_NOT_READ)
        return dicom.dicom_image(file, LARGEST)
    return Image.open(file, formats=_formats(file))


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return dicom.is_dicom(file.read(dicom.HEAD))


def _formats(file: BinaryIO) -> tuple[str, ...]:
    """Return what Pillow may take a file for, which is at its beginning."""
    head = file.read(12)
    file.seek(0)
    return (heif.FORMAT,) if heif.is_heif(head) and heif.heif_is_read() else FORMATS


class _BoundedFile(io.BufferedReader):
    """A file of which no more is read at once than there is: what a damaged one says of itself may be gigabytes."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._size = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if size is None or size < 0 else min(size, self._size))


def _require_regular(path: Path) -> Path:
    # Opening a pipe would wait for ever.
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadablePhotograph("not a file")
    return path


def _refuse_unusable(image: Image.Image) -> None:
    width, height = image.size
    if width * height > LARGEST:
        raise UnreadablePhotograph(f"{width}x{height} is more than {LARGEST} pixels")
    if min(width, height) < SMALLEST:
        raise UnreadablePhotograph(f"{width}x{height} is too small; the shorter side must be {SMALLEST} pixels or more")
    # Phones store a photograph with its preview or its depth as MPO or HEIC; the first is the photograph.
    # To count a GIF's frames, all of them are read, which may be a hundred thousand.
    animated = getattr(image, "is_animated", False) and (image.format == "GIF" or getattr(image, "n_frames", 1) > 1)
    if animated and image.format not in ("MPO", heif.FORMAT):
        raise UnreadablePhotograph("animated or of several pages")


def _reason_it_is_no_image(path: Path) -> str:
    with path.open("rb") as file:
        return _named(file)


def _named(file: BinaryIO) -> str:
    start = file.read(12)
    if not start:
        return "empty file"
    if not heif.is_heif(start):
        return "not an image"
    return "damaged or cut short (HEIC)" if heif.heif_is_read() else heif.HEIC_NOT_READ


class _WithoutWarnings:
    """Holds Python's warnings back while any thread decodes: the filters are the whole process's."""

    def __init__(self) -> None:
        self._lock, self._active, self._before = threading.Lock(), 0, warnings.catch_warnings()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._active == 0:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.simplefilter("ignore")
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1
                if self._active == 0:
                    self._before.__exit__(None, None, None)


_without_warnings = _WithoutWarnings()
