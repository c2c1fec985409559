// Decodes PNG to the very numbers that are stored: a browser's own decoder multiplies colours by their transparency and
// brings 16 bits to 8 by a rule of its own.  W3C, Portable Network Graphics, third edition.
import { exifOrientation, xmpOrientation } from "./orientation.js";
import { Refusal } from "./refusal.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
// Left, top, and steps across and down of each pass of an interlaced picture.
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function isPng(bytes) {
  return SIGNATURE.every((byte, place) => bytes[place] === byte);
}

// Returns {width, height, orientation, profile, space, rgba} of a PNG; `profile` is that of ICC or null, `space` the
// channels that it is for ("RGB " or "GRAY"), `rgba` a Uint8Array, as stored: not turned, not multiplied.
export async function decodePng(bytes, checkSize) {
  const { header, chunks, data } = readChunks(bytes);
  checkSize(header.width, header.height);
  if (chunks.acTL) throw new Refusal("animated or of several pages");
  if (chunks.tRNS && header.colour !== 3 && header.depth !== 8) {
    throw new Refusal("a colour of it is transparent, and it has no eight bits: save it anew, as eight bits");
  }
  const samples = unfilter(header, await inflate(data, "damaged or cut short"));
  const rgba = toRgba(header, samples, chunks.PLTE, chunks.tRNS);
  const profile = chunks.iCCP ? await embeddedProfile(chunks.iCCP) : null;
  const orientation = exifOrientation(chunks.eXIf) ?? xmpOrientation(chunks.xmp) ?? 1;
  const isGrey = (header.colour === 0 && header.depth > 1) || (header.colour === 4 && header.depth === 8);
  const space = isGrey ? "GRAY" : "RGB ";
  return { width: header.width, height: header.height, orientation, profile, space, rgba };
}

function readChunks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = {};
  const data = [];
  let header = null;
  let place = 8;
  for (let name = ""; name !== "IEND"; ) {
    if (place + 12 > bytes.length) throw new Refusal("damaged or cut short");
    const length = view.getUint32(place);
    name = String.fromCharCode(...bytes.subarray(place + 4, place + 8));
    const content = bytes.subarray(place + 8, place + 8 + length);
    if (place + 12 + length > bytes.length) throw new Refusal("damaged or cut short");
    const isNeeded = name[0] <= "Z";
    if (isNeeded && crc(bytes.subarray(place + 4, place + 8 + length)) !== view.getUint32(place + 8 + length)) {
      throw new Refusal("damaged");
    }
    if (name === "IDAT") data.push(content);
    else if (name === "IHDR") header = readHeader(content);
    else if (name === "iTXt" && new TextDecoder("latin1").decode(content.subarray(0, 18)) === "XML:com.adobe.xmp\0") {
      chunks.xmp = content;
    } else if (isNeeded || ["acTL", "eXIf", "iCCP", "tRNS"].includes(name)) chunks[name] ??= content;
    place += 12 + length;
  }
  if (header === null || data.length === 0) throw new Refusal("damaged");
  return { header, chunks, data };
}

function readHeader(content) {
  if (content.length !== 13) throw new Refusal("damaged");
  const view = new DataView(content.buffer, content.byteOffset, 13);
  const [depth, colour, packing, filter, interlace] = content.subarray(8);
  if (!DEPTHS[colour]?.includes(depth) || packing !== 0 || filter !== 0 || interlace > 1) throw new Refusal("damaged");
  return { width: view.getUint32(0), height: view.getUint32(4), depth, colour, interlace };
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC_TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

async function inflate(pieces, reason) {
  try {
    const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new Refusal(reason);
  }
}

async function embeddedProfile(content) {
  const end = content.indexOf(0);
  if (end < 0 || content[end + 1] !== 0) return null;
  // One that is damaged changes nothing.
  return inflate([content.subarray(end + 2)], "").catch(() => null);
}

// Returns one sample a channel, of its stored bits, row by row, from what was packed.
function unfilter(header, packed) {
  const { width, height, depth, colour, interlace } = header;
  const channels = CHANNELS[colour];
  const samples = depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  const pixelBytes = Math.max(1, (channels * depth) >> 3);
  let place = 0;
  for (const [left, top, across, down] of interlace ? PASSES : [[0, 0, 1, 1]]) {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    if (columns <= 0 || rows <= 0) continue;
    const rowBytes = Math.ceil((columns * channels * depth) / 8);
    let above = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row += 1) {
      if (place + 1 + rowBytes > packed.length) throw new Refusal("cut short");
      const line = packed.subarray(place + 1, place + 1 + rowBytes);
      unfilterLine(packed[place], line, above, pixelBytes);
      place += 1 + rowBytes;
      above = line;
      spread(line, depth, channels, columns, samples, ((top + row * down) * width + left) * channels, across);
    }
  }
  return samples;
}

function unfilterLine(kind, line, above, step) {
  if (kind > 4) throw new Refusal("damaged");
  if (kind === 0) return;
  for (let i = 0; i < line.length; i += 1) {
    const left = i >= step ? line[i - step] : 0;
    const corner = i >= step ? above[i - step] : 0;
    if (kind === 1) line[i] += left;
    else if (kind === 2) line[i] += above[i];
    else if (kind === 3) line[i] += (left + above[i]) >> 1;
    else line[i] += nearest(left, above[i], corner);
  }
}

function nearest(left, above, corner) {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function spread(line, depth, channels, columns, samples, start, across) {
  const perByte = 8 / depth;
  for (let column = 0, i = 0; column < columns; column += 1) {
    for (let channel = 0; channel < channels; channel += 1, i += 1) {
      const to = start + column * across * channels + channel;
      if (depth === 8) samples[to] = line[i];
      else if (depth === 16) samples[to] = (line[2 * i] << 8) | line[2 * i + 1];
      else samples[to] = (line[Math.floor(i / perByte)] >> (8 - depth * ((i % perByte) + 1))) & ((1 << depth) - 1);
    }
  }
}

// Grey of 16 bits is divided by 257 and rounded, where it has a value above 255; colours of 16 bits keep the upper 8.
function toRgba(header, samples, palette, transparency) {
  const { width, height, depth, colour } = header;
  const rgba = new Uint8Array(width * height * 4);
  const channels = CHANNELS[colour];
  const isDeepGrey = depth === 16 && colour === 0;
  const isWide = isDeepGrey && samples.some((value) => value > 255);
  const level = (value) => {
    if (depth === 8 || colour === 3) return value;
    if (isDeepGrey) return isWide ? Math.round(value / 257) : value;
    return depth === 16 ? value >> 8 : (value * 255) / ((1 << depth) - 1);
  };
  const hidden = transparency && colour !== 3 ? sixteenBits(transparency) : null;
  for (let pixel = 0, from = 0, to = 0; pixel < width * height; pixel += 1, from += channels, to += 4) {
    let alpha = 255;
    if (colour === 3) {
      const index = samples[from];
      for (let channel = 0; channel < 3; channel += 1) rgba[to + channel] = palette?.[3 * index + channel] ?? 0;
      alpha = transparency?.[index] ?? 255;
    } else {
      const isColour = channels > 2;
      for (let channel = 0; channel < 3; channel += 1) rgba[to + channel] = level(samples[from + (isColour ? channel : 0)]);
      if (colour & 4) alpha = level(samples[from + channels - 1]);
      else if (hidden && hidden.every((value, channel) => samples[from + channel] === value)) alpha = 0;
    }
    rgba[to + 3] = alpha;
  }
  return rgba;
}

function sixteenBits(bytes) {
  return Array.from({ length: bytes.length >> 1 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1]);
}
