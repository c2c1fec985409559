// Follows an embedded ICC profile (ISO 15076-1) to sRGB: those of three colours and three curves, as cameras and phones
// embed, and of grey.  In fixed point, as Little CMS computes them (cmsopt.c, OptimizeMatrixShaper).
import { Refusal } from "./refusal.js";

const LARGEST_PROFILE = 2 ** 24;
const UNSEEN = 2;
const ONE = 2 ** 14;
// From XYZ under D50 to linear sRGB: the inverse of the primaries of IEC 61966-2-1, adapted by Bradford's matrix.
const TO_LINEAR_SRGB = [
  [3.13418636, -1.61720896, -0.49069406],
  [-0.9787485, 1.9161301, 0.0334334],
  [0.07196393, -0.22899387, 1.40575373],
];
const ENCODED = Uint8Array.from({ length: ONE + 1 }, (_, value) => {
  const wide = Math.floor(encodedSrgb(value / ONE) * 65535 + 0.5);
  return Math.floor((wide * 65281 + 8388608) / 2 ** 24);
});

// Converts `decoded.rgba` where it stands.  A profile that is damaged, is for other channels, or is sRGB itself changes
// nothing; one that is a table is refused.
export function followProfile(decoded) {
  const profile = readProfile(decoded.profile);
  if (profile === null || profile.space !== decoded.space) return;
  if (profile.isTable) throw new Refusal("its colour profile is a table, which this page does not follow: save it as sRGB");
  const convert = profile.space === "GRAY" ? greyConversion(profile) : colourConversion(profile);
  if (profile.space === "RGB " && changesNothing(convert)) return;
  const { rgba } = decoded;
  const colour = [0, 0, 0];
  for (let place = 0; place < rgba.length; place += 4) {
    convert(rgba[place], rgba[place + 1], rgba[place + 2], colour);
    rgba.set(colour, place);
  }
}

// Returns {space, isTable, curves, colorants} of a profile, or null where it is damaged.
function readProfile(bytes) {
  if (bytes.length < 132 || bytes.length > LARGEST_PROFILE) return null;
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = (place) => String.fromCharCode(...bytes.subarray(place, place + 4));
    if (text(36) !== "acsp") return null;
    const tags = {};
    for (let entry = 132, left = view.getUint32(128); left > 0; entry += 12, left -= 1) {
      tags[text(entry)] = view.getUint32(entry + 4);
    }
    const space = text(16);
    const isTable = ["A2B0", "A2B1", "D2B0", "D2B1"].some((name) => name in tags) || text(20) !== "XYZ ";
    if (isTable && space !== "GRAY") return { space, isTable };
    const names = space === "GRAY" ? ["k"] : ["r", "g", "b"];
    const curves = names.map((name) => readCurve(view, text, tags[`${name}TRC`]));
    const number = (place) => view.getInt32(place) / 65536;
    const colorants = space === "GRAY" ? [] : names.map((name) => [8, 12, 16].map((at) => number(tags[`${name}XYZ`] + at)));
    return { space, isTable: false, curves, colorants };
  } catch {
    return null;
  }
}

// Returns a curve of ICC (10.6 curveType, 10.18 parametricCurveType) as a function from 0..1 to 0..1.
function readCurve(view, text, place) {
  const kind = text(place);
  if (kind === "curv") {
    const count = view.getUint32(place + 8);
    if (count === 0) return (x) => x;
    if (count === 1) return (x) => x ** (view.getUint16(place + 12) / 256);
    const values = Array.from({ length: count }, (_, i) => view.getUint16(place + 12 + 2 * i) / 65535);
    return (x) => {
      const at = x * (count - 1);
      const low = Math.min(Math.floor(at), count - 2);
      return values[low] + (at - low) * (values[low + 1] - values[low]);
    };
  }
  if (kind !== "para") throw new RangeError("no curve");
  const form = view.getUint16(place + 8);
  const sizes = [1, 3, 4, 5, 7];
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: sizes[form] },
    (_, i) => view.getInt32(place + 12 + 4 * i) / 65536,
  );
  const clamped = (value) => Math.min(1, Math.max(0, value));
  if (form === 0) return (x) => x ** g;
  if (form === 1) return (x) => clamped(x >= -b / a ? (a * x + b) ** g : 0);
  if (form === 2) return (x) => clamped(x >= -b / a ? (a * x + b) ** g + c : c);
  if (form === 3) return (x) => clamped(x >= d ? (a * x + b) ** g : c * x);
  return (x) => clamped(x >= d ? (a * x + b) ** g + e : c * x + f);
}

function colourConversion({ curves, colorants }) {
  const tables = curves.map((curve) => Array.from({ length: 256 }, (_, value) => fixed(curve(value / 255))));
  const matrix = TO_LINEAR_SRGB.map((row) =>
    colorants.map((colorant) => fixed(row[0] * colorant[0] + row[1] * colorant[1] + row[2] * colorant[2])),
  );
  return (red, green, blue, to) => {
    const [r, g, b] = [tables[0][red], tables[1][green], tables[2][blue]];
    for (let channel = 0; channel < 3; channel += 1) {
      const row = matrix[channel];
      const sum = (row[0] * r + row[1] * g + row[2] * b + ONE / 2) / ONE;
      to[channel] = ENCODED[Math.min(ONE, Math.max(0, Math.floor(sum)))];
    }
  };
}

function greyConversion({ curves }) {
  const table = Array.from({ length: 256 }, (_, value) => Math.round(255 * encodedSrgb(curves[0](value / 255))));
  return (grey, _green, _blue, to) => to.fill(table[grey]);
}

function changesNothing(convert) {
  const colour = [0, 0, 0];
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 15) {
        convert(red, green, blue, colour);
        const moved = [colour[0] - red, colour[1] - green, colour[2] - blue];
        if (moved.some((each) => Math.abs(each) > UNSEEN)) return false;
      }
    }
  }
  return true;
}

function fixed(value) {
  return Math.floor(value * ONE + 0.5);
}

function encodedSrgb(value) {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
