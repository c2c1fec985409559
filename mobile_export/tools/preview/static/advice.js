// The advice by the manifest's rules: the first whose classes' probabilities sum to its threshold or more.

// Returns {name, text} of the advice; `probabilities` are by the classes' names, `faults` what is poor about the
// photograph, which then has to be taken again.
export function adviceFor(advice, probabilities, faults) {
  if (faults.length > 0) return advice.retake;
  const holds = (rule) => rule.classes.reduce((sum, name) => sum + probabilities[name], 0) >= rule.threshold;
  return advice.rules.find(holds) ?? advice.otherwise;
}
