// Draws over a photograph what speaks for a class: the scores of the model's class map, from the least to the greatest.
const COLOUR = [255, 196, 0];
const MOST = 0.65;

// Colours `pixels`, an ImageData of `side` by `side`, by the scores (rows, columns, classes) of the class `shown`.
export function showClassMap(pixels, side, { rows, columns, scores }, shown, classes) {
  const values = Array.from({ length: rows * columns }, (_, place) => scores[place * classes + shown]);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const share = (row, column) => {
    const value = values[Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))];
    return greatest > least ? (value - least) / (greatest - least) : 0;
  };
  for (let y = 0, to = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1, to += 4) {
      const [down, across] = [((y + 0.5) / side) * rows - 0.5, ((x + 0.5) / side) * columns - 0.5];
      const [row, column] = [Math.floor(down), Math.floor(across)];
      const [low, right] = [down - row, across - column];
      const above = share(row, column) * (1 - right) + share(row, column + 1) * right;
      const below = share(row + 1, column) * (1 - right) + share(row + 1, column + 1) * right;
      const strength = MOST * (above * (1 - low) + below * low);
      for (let channel = 0; channel < 3; channel += 1) {
        pixels.data[to + channel] = pixels.data[to + channel] * (1 - strength) + COLOUR[channel] * strength;
      }
    }
  }
}
