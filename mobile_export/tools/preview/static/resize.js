// Resizes as Pillow does, to the last level: its filters NEAREST, BILINEAR and BOX with eight bits a channel
// (Pillow 12, src/libImaging/Resample.c and Geometry.c), the width first, rounded to eight bits, then the height.
const PRECISION = 22;
const FILTERS = {
  area: { support: 0.5, weight: (t) => (t > -0.5 && t <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (t) => Math.max(0, 1 - Math.abs(t)) },
};

// Returns {width, height, rgb}: the part of a picture from `left`, `top`, of the size `across` by `down` (which need
// not be whole numbers), as `columns` by `rows` pixels.
export function resized(picture, { left, top, across, down }, columns, rows, interpolation) {
  const wide = takesFrom(picture.width, Math.fround(left), Math.fround(across), columns, interpolation);
  const high = takesFrom(picture.height, Math.fround(top), Math.fround(down), rows, interpolation);
  const narrowed = alongRows(picture, wide, columns);
  return alongColumns(narrowed, high, rows);
}

// Returns for each new pixel where its sources begin and their weights, whole numbers of 2 to the power of -22.
function takesFrom(length, start, span, count, interpolation) {
  if (interpolation === "nearest") return nearestSources(length, start, span, count);
  const { support, weight } = FILTERS[interpolation];
  const scale = span / count;
  const widened = Math.max(scale, 1);
  const reach = support * widened;
  return Array.from({ length: count }, (_, pixel) => {
    const centre = start + (pixel + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(length, Math.trunc(centre + reach + 0.5));
    const weights = [];
    for (let source = first; source < last; source += 1) weights.push(weight((source - centre + 0.5) * (1 / widened)));
    const sum = weights.reduce((total, each) => total + each, 0) || 1;
    return { first, weights: weights.map((each) => Math.trunc(0.5 + (each / sum) * 2 ** PRECISION)) };
  });
}

// Added up, not multiplied: some pixels of some sizes would differ.
function nearestSources(length, start, span, count) {
  const scale = span / count;
  const sources = [];
  for (let pixel = 0, place = start + scale * 0.5; pixel < count; pixel += 1, place += scale) {
    const first = Math.trunc(place);
    sources.push({ first, weights: place >= 0 && first < length ? [2 ** PRECISION] : [] });
  }
  return sources;
}

function alongRows({ width, height, rgb }, sources, columns) {
  const narrowed = new Uint8Array(3 * columns * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      weigh(rgb, 3 * (row * width + sources[column].first), 3, sources[column].weights, narrowed, 3 * (row * columns + column));
    }
  }
  return { width: columns, height, rgb: narrowed };
}

function alongColumns({ width, rgb }, sources, rows) {
  const squared = new Uint8Array(3 * width * rows);
  for (let row = 0; row < rows; row += 1) {
    const { first, weights } = sources[row];
    for (let column = 0; column < width; column += 1) {
      weigh(rgb, 3 * (first * width + column), 3 * width, weights, squared, 3 * (row * width + column));
    }
  }
  return { width, height: rows, rgb: squared };
}

function weigh(from, start, step, weights, to, place) {
  let [red, green, blue] = [2 ** (PRECISION - 1), 2 ** (PRECISION - 1), 2 ** (PRECISION - 1)];
  for (let i = 0, source = start; i < weights.length; i += 1, source += step) {
    red += from[source] * weights[i];
    green += from[source + 1] * weights[i];
    blue += from[source + 2] * weights[i];
  }
  to[place] = clipped(red);
  to[place + 1] = clipped(green);
  to[place + 2] = clipped(blue);
}

function clipped(sum) {
  return Math.min(255, Math.floor(sum / 2 ** PRECISION));
}

// Returns a picture whose pixels are the means of `across` by `down` ones each, the last ones of what is left: Pillow's
// Image.reduce (src/libImaging/Reduce.c).
export function reduced({ width, height, rgb }, across, down) {
  if (across === 1 && down === 1) return { width, height, rgb };
  const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
  const small = new Uint8Array(3 * columns * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [right, bottom] = [Math.min(width, (column + 1) * across), Math.min(height, (row + 1) * down)];
      const sums = [0, 0, 0];
      for (let y = row * down; y < bottom; y += 1) {
        for (let from = 3 * (y * width + column * across); from < 3 * (y * width + right); from += 3) {
          sums[0] += rgb[from];
          sums[1] += rgb[from + 1];
          sums[2] += rgb[from + 2];
        }
      }
      const count = (right - column * across) * (bottom - row * down);
      const factor = Math.floor(2 ** 32 / (256 * count));
      const to = 3 * (row * columns + column);
      for (let channel = 0; channel < 3; channel += 1) {
        small[to + channel] = Math.floor(((sums[channel] + Math.floor(count / 2)) * factor) / 2 ** 24);
      }
    }
  }
  return { width: columns, height: rows, rgb: small };
}
