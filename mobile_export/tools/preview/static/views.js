// Arrangements of a square whose answers are averaged, and the mean: docs/guides/export.md, Views.
const SMALLEST = 1e-38;

// Returns the squares (Uint8Array, side by side by 3) that the views of this name look at.
export function viewsOf(name, square, side) {
  if (name === "none") return [square];
  const mirrored = arranged(square, side, (row, column) => [row, side - 1 - column]);
  if (name === "flips") return [square, mirrored];
  return [square, mirrored].flatMap((base) => {
    const turns = [base];
    // Counterclockwise, as NumPy's rot90.
    while (turns.length < 4) turns.push(arranged(turns.at(-1), side, (row, column) => [column, side - 1 - row]));
    return turns;
  });
}

// Returns the geometric mean of probabilities, whose sum is 1; of a single answer that answer.
export function meanAnswer(answers) {
  if (answers.length === 1) return Array.from(answers[0]);
  const logarithms = Array.from(answers[0], (_, i) =>
    answers.reduce((sum, each) => sum + Math.fround(Math.log(Math.max(each[i], SMALLEST))), 0) / answers.length,
  );
  const greatest = Math.max(...logarithms);
  const powers = logarithms.map((each) => Math.exp(each - greatest));
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}

function arranged(square, side, source) {
  const turned = new Uint8Array(square.length);
  for (let row = 0, to = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1, to += 3) {
      const [fromRow, fromColumn] = source(row, column);
      const from = 3 * (fromRow * side + fromColumn);
      turned.set(square.subarray(from, from + 3), to);
    }
  }
  return turned;
}
