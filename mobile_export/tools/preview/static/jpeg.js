// Decodes JPEG by the browser, of what is the picture alone: without its EXIF and colour profile the browser neither
// turns nor converts it, which is done here as derm does it.  ITU-T T.81, annex B.
import { exifOrientation, xmpOrientation } from "./orientation.js";
import { Refusal } from "./refusal.js";

const STRIP_ROWS = 512;
const XMP = "http://ns.adobe.com/xap/1.0/\0";
const PROFILE = "ICC_PROFILE\0";
const FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

export function isJpeg(bytes) {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

// Returns what decodePng of png.js does.  `checkSize` is told of the size before anything is decoded.
export async function decodeJpeg(bytes, checkSize) {
  const found = readSegments(bytes);
  checkSize(found.width, found.height);
  if (found.components > 3) throw new Refusal("in the colours of a printer (CMYK): save it as RGB");
  const rgba = await pixelsOf(new Blob(found.kept, { type: "image/jpeg" }), found.width, found.height);
  const { width, height, orientation, profile } = found;
  return { width, height, orientation, profile, space: found.components === 1 ? "GRAY" : "RGB ", rgba };
}

function readSegments(bytes) {
  const found = { kept: [bytes.subarray(0, 2)], width: 0, height: 0, components: 0, orientation: 1, profile: null };
  const profiles = [];
  let [exif, xmp, place] = [null, null, 2];
  for (;;) {
    while (bytes[place] === 0xff && bytes[place + 1] === 0xff) place += 1;
    const [mark, kind] = bytes.subarray(place, place + 2);
    const length = (bytes[place + 2] << 8) | bytes[place + 3];
    if (mark !== 0xff || !(length >= 2) || place + 2 + length > bytes.length) throw new Refusal("damaged or cut short");
    const segment = bytes.subarray(place, place + 2 + length);
    const content = segment.subarray(4);
    if (kind === 0xda) break;
    if (kind === 0xe1) {
      if (startsWith(content, "Exif\0\0")) exif ??= content;
      else if (startsWith(content, XMP)) xmp ??= content;
    } else if (kind === 0xe2) {
      if (startsWith(content, PROFILE)) profiles.push(content.subarray(PROFILE.length));
    } else found.kept.push(segment);
    if (FRAMES.includes(kind)) {
      [found.height, found.width] = [(content[1] << 8) | content[2], (content[3] << 8) | content[4]];
      found.components = content[5];
    }
    place += 2 + length;
  }
  if (found.components === 0) throw new Refusal("damaged");
  const end = endOfPicture(bytes, place);
  found.kept.push(bytes.subarray(place, end));
  found.orientation = exifOrientation(exif) ?? xmpOrientation(xmp) ?? 1;
  found.profile = joined(profiles);
  return found;
}

// Behind the picture a phone may put others, such as a preview: the first is the photograph.
function endOfPicture(bytes, start) {
  for (let place = start; place + 1 < bytes.length; place += 1) {
    if (bytes[place] === 0xff && bytes[place + 1] === 0xd9) return place + 2;
  }
  throw new Refusal("cut short");
}

function startsWith(bytes, text) {
  return Array.from(text).every((character, place) => bytes[place] === character.charCodeAt(0));
}

// A profile comes in numbered pieces (ICC.1, B.4).
function joined(pieces) {
  if (pieces.length === 0) return null;
  const inOrder = pieces.toSorted((one, other) => one[0] - other[0]).map((piece) => piece.subarray(2));
  const whole = new Uint8Array(inOrder.reduce((sum, piece) => sum + piece.length, 0));
  let place = 0;
  for (const piece of inOrder) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}

async function pixelsOf(blob, width, height) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    throw new Refusal("damaged, or not decoded by this browser");
  }
  if (bitmap.width !== width || bitmap.height !== height) throw new Refusal("damaged");
  const rgba = new Uint8Array(4 * width * height);
  // In strips: browsers limit the area of a canvas.
  const canvas = new OffscreenCanvas(width, Math.min(height, STRIP_ROWS));
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb", alpha: false });
  for (let top = 0; top < height; top += STRIP_ROWS) {
    const rows = Math.min(STRIP_ROWS, height - top);
    context.drawImage(bitmap, 0, -top);
    rgba.set(context.getImageData(0, 0, width, rows).data, 4 * top * width);
  }
  bitmap.close();
  return rgba;
}
