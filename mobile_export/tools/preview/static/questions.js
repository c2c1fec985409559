// The questions of the manifest as fields of a form, and what is answered.
const UNKNOWN = "";
const ASKED = { doctor: "For a doctor.", camera: "The camera knows." };

export function showQuestions(place, { fields }) {
  place.replaceChildren(...fields.map(questionOf));
}

// Returns {given, wrong}: the answers by question, those that are not known left out, and a sentence where one is none.
export function answersGiven(place, questions) {
  const given = {};
  for (const field of questions?.fields ?? []) {
    const input = place.querySelector(`[name="${CSS.escape(field.name)}"]`);
    const isWrong = !input.checkValidity();
    input.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) return { given: {}, wrong: `'${field.title}' must be answered by ${expected(field)}, or not at all.` };
    if (input.value !== UNKNOWN) given[field.name] = field.kind === "number" ? Number(input.value) : input.value;
  }
  return { given, wrong: null };
}

export function clearAnswers(place) {
  for (const input of place.querySelectorAll("select, input")) input.value = UNKNOWN;
}

function questionOf(field) {
  const place = document.createElement("div");
  place.className = "question";
  const label = document.createElement("label");
  label.htmlFor = `question-${field.name}`;
  label.textContent = field.unit ? `${field.title} (${field.unit})` : field.title;
  const input = field.kind === "number" ? numberInput(field) : choiceInput(field);
  [input.id, input.name] = [label.htmlFor, field.name];
  const hints = [ASKED[field.known_by] ?? "", field.caution ?? ""].filter(Boolean);
  place.append(label, input);
  if (hints.length > 0) {
    const hint = document.createElement("p");
    [hint.id, hint.className, hint.textContent] = [`hint-${field.name}`, "hint", hints.join(" ")];
    input.setAttribute("aria-describedby", hint.id);
    place.append(hint);
  }
  return place;
}

function numberInput({ range }) {
  const input = document.createElement("input");
  [input.type, input.step, input.inputMode] = ["number", "any", "decimal"];
  if (range) [input.min, input.max] = range;
  input.placeholder = "not known";
  return input;
}

function choiceInput({ kind, choices }) {
  const select = document.createElement("select");
  const names = kind === "yes-no" ? ["yes", "no"] : choices;
  select.append(new Option("not known", UNKNOWN), ...names.map((name) => new Option(name, name)));
  return select;
}

function expected({ range, unit }) {
  const of = unit ? ` of ${unit}` : "";
  return range ? `a number${of} from ${range[0]} to ${range[1]}` : `a number${of}`;
}
