// What is poor about a photograph: measured on a small grey square, as derm_cli/data/facts.py does.
import { reduced, resized } from "./resize.js";

const GAP = 1.5;

// Returns the names of the faults of a photograph {width, height, rgb} by the manifest's `quality`.
export function faultsOf(photograph, quality) {
  const measured = measures(photograph, quality.side);
  const outside = ({ measure, least, most }) => !(least <= measured[measure] && measured[measure] <= most);
  return quality.limits.filter(outside).map(({ fault }) => fault);
}

// Returns {side, contrast, focus, brightness}: the shorter side in pixels; of luma, 0 to 255, the standard deviation
// and the mean; and the variance of its Laplacian.
export function measures(photograph, side) {
  const { width, height } = photograph;
  const [across, down] = [width, height].map((each) => Math.max(1, Math.trunc(each / side / GAP)));
  const small = reduced(photograph, across, down);
  const box = { left: 0, top: 0, across: width / across, down: height / down };
  const { rgb } = resized(small, box, side, side, "bilinear");
  const grey = Float64Array.from({ length: side * side }, (_, pixel) => {
    const [red, green, blue] = rgb.subarray(3 * pixel, 3 * pixel + 3);
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  });
  const edges = [];
  for (let row = 1; row < side - 1; row += 1) {
    for (let place = row * side + 1; place < (row + 1) * side - 1; place += 1) {
      edges.push(grey[place - side] + grey[place + side] + grey[place - 1] + grey[place + 1] - 4 * grey[place]);
    }
  }
  const brightness = mean(grey);
  return { side: Math.min(width, height), contrast: Math.sqrt(variance(grey)), focus: variance(edges), brightness };
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values) {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
}
