// Answers as the numbers that the model takes beside the photograph: docs/metadata.md, The vector of answers.

// Returns a Float32Array by the manifest's `questions`; `given` has a number, a choice, "yes" or "no" by the name of
// each question that is answered.  What is not known is 0.
export function encoded(questions, given) {
  return Float32Array.from(questions.vector, ({ question, is, less, over }) => {
    const answer = given[question];
    if (answer === undefined) return 0;
    const value = is === "" ? answer : Number(answer === is);
    return (value - less) / over;
  });
}
