// How a photograph has to be turned: EXIF's tag 274 (CIPA DC-008), else XMP's tiff:Orientation; and the turning.
const ORIENTATION = 274;

// Returns the orientation of a block of EXIF (a Uint8Array that begins with its TIFF header, or with "Exif"); null
// where it tells none, or is damaged.
export function exifOrientation(block) {
  if (!block) return null;
  const bytes = String.fromCharCode(...block.subarray(0, 6)) === "Exif\0\0" ? block.subarray(6) : block;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const mark = view.getUint16(0);
    if (mark !== 0x4949 && mark !== 0x4d4d) return null;
    const isLittle = mark === 0x4949;
    const directory = view.getUint32(4, isLittle);
    const count = view.getUint16(directory, isLittle);
    for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) {
      if (view.getUint16(entry, isLittle) !== ORIENTATION) continue;
      const kind = view.getUint16(entry + 2, isLittle);
      if (kind === 3) return view.getUint16(entry + 8, isLittle);
      return kind === 4 ? view.getUint32(entry + 8, isLittle) : 1;
    }
  } catch {
    // It points outside of itself.
  }
  return null;
}

export function xmpOrientation(block) {
  const found = block && /tiff:Orientation(?:="|>)([0-9])/.exec(new TextDecoder().decode(block));
  return found ? Number(found[1]) : null;
}

// Returns {width, height, rgb} turned upright; orientations but 2 to 8 turn nothing.
export function upright({ width, height, rgb }, orientation) {
  if (!(orientation >= 2 && orientation <= 8)) return { width, height, rgb };
  const isTransposed = orientation >= 5;
  const [across, down] = isTransposed ? [height, width] : [width, height];
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isFlipped = [3, 4, 6, 7].includes(orientation);
  const turned = new Uint8Array(rgb.length);
  for (let y = 0, to = 0; y < down; y += 1) {
    for (let x = 0; x < across; x += 1, to += 3) {
      const [column, row] = isTransposed ? [y, x] : [x, y];
      const from = 3 * ((isFlipped ? height - 1 - row : row) * width + (isMirrored ? width - 1 - column : column));
      turned[to] = rgb[from];
      turned[to + 1] = rgb[from + 1];
      turned[to + 2] = rgb[from + 2];
    }
  }
  return { width: across, height: down, rgb: turned };
}
