// From a photograph's file to the square that the network sees: docs/explanation/preprocessing.md, step by step.
import { followProfile } from "./colour_profile.js";
import { decodeJpeg, isJpeg } from "./jpeg.js";
import { upright } from "./orientation.js";
import { decodePng, isPng } from "./png.js";
import { Refusal } from "./refusal.js";
import { resized } from "./resize.js";

const LARGEST = 178956970;
const SMALLEST = 16;
const NORM = 6;

// Returns {width, height, rgb} of a file's bytes: upright, eight bits, sRGB where `rule` follows profiles, on white.
// Throws a Refusal that says why where it is not read.
export async function readPhotograph(bytes, rule) {
  if (bytes.length === 0) throw new Refusal("empty file");
  const decode = isPng(bytes) ? decodePng : isJpeg(bytes) ? decodeJpeg : null;
  if (decode === null) throw new Refusal("neither a JPEG nor a PNG, which are what this page reads");
  const decoded = await decode(bytes, checkSize);
  if (rule.profile === "srgb" && decoded.profile) followProfile(decoded);
  const { width, height, orientation } = decoded;
  return upright({ width, height, rgb: onWhite(decoded) }, orientation);
}

// Returns the square of `rule.size` as a Uint8Array in the order red, green, blue, row by row.
export function toSquare(photograph, rule) {
  const square = shaped(photograph, rule);
  return rule.constancy === "shades-of-grey" ? shadesOfGrey(square) : square;
}

function checkSize(width, height) {
  if (width * height > LARGEST) throw new Refusal(`${width}x${height} is more than ${LARGEST} pixels`);
  if (Math.min(width, height) < SMALLEST) {
    throw new Refusal(`${width}x${height} is too small; the shorter side must be ${SMALLEST} pixels or more`);
  }
}

// As Pillow's alpha_composite rounds (src/libImaging/AlphaComposite.c).
function onWhite({ width, height, rgba }) {
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3];
    for (let channel = 0; channel < 3; channel += 1) {
      const level = rgba[from + channel];
      const sum = level * alpha * 128 + 255 * (255 - alpha) * 128 + (0x80 << 7);
      rgb[to + channel] = alpha === 255 ? level : (((sum >> 8) + sum) >> 8) >> 7;
    }
  }
  return rgb;
}

function shaped(photograph, rule) {
  const { width, height } = photograph;
  const side = rule.size;
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  if (rule.resize === "crop") {
    const box = { left: (width - shorter) / 2, top: (height - shorter) / 2, across: shorter, down: shorter };
    return resized(photograph, box, side, side, rule.interpolation).rgb;
  }
  const whole = { left: 0, top: 0, across: width, down: height };
  if (rule.resize === "squash") return resized(photograph, whole, side, side, rule.interpolation).rgb;
  const other = Math.max(1, roundedToEven((shorter / longer) * side));
  const [columns, rows] = width > height ? [side, other] : [other, side];
  const fitted = resized(photograph, whole, columns, rows, rule.interpolation);
  const ground = new Uint8Array(3 * side * side);
  const [left, top] = [roundedToEven((side - columns) / 2), roundedToEven((side - rows) / 2)];
  for (let row = 0; row < rows; row += 1) {
    ground.set(fitted.rgb.subarray(3 * row * columns, 3 * (row + 1) * columns), 3 * ((top + row) * side + left));
  }
  return ground;
}

function roundedToEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

// In whole numbers, as derm counts: they have no order in which they are added.
function shadesOfGrey(square) {
  const lights = [0, 1, 2].map((channel) => {
    let sum = 0n;
    const histogram = new Array(256).fill(0);
    for (let place = channel; place < square.length; place += 3) histogram[square[place]] += 1;
    histogram.forEach((count, value) => (sum += BigInt(count) * BigInt(value) ** BigInt(NORM)));
    return (Number(sum) / (square.length / 3)) ** (1 / NORM);
  });
  const white = Math.sqrt(lights.reduce((sum, light) => sum + light ** 2, 0) / 3);
  const tables = lights.map((light) =>
    Array.from({ length: 256 }, (_, value) => Math.min(255, roundedToEven(value * (light ? white / light : 1)))),
  );
  return square.map((value, place) => tables[place % 3][value]);
}
