// The page: what is asked, and what is shown.  All that is told by the bundle is shown as text, never as markup.
import { showClassMap } from "./class_map.js";
import { answersGiven, clearAnswers, showQuestions } from "./questions.js";

const at = (id) => document.getElementById(id);
const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
const NO_DRAWING = "";
let manifest;
let hasClassMap = false;
let seen = null;
// The latest choice counts: what was asked before it is not shown any more.
let turn = 0;

worker.addEventListener("message", ({ data: { id, result, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(Object.assign(new Error(error.message), { isRefusal: error.isRefusal }));
  else resolve(result);
});
worker.addEventListener("error", (event) => say(`The page cannot compute (${event.message}).`, true));

function ask(task, content, given = []) {
  return new Promise((resolve, reject) => {
    const id = crypto.randomUUID();
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, task, ...content }, given);
  });
}

function say(text, isProblem = false) {
  at("status").textContent = isProblem ? "" : text;
  at("problem").textContent = isProblem ? text : "";
  at("advice").textContent = "";
  document.body.dataset.state = isProblem ? "problem" : "busy";
}

async function start() {
  try {
    manifest = await (await fetch("bundle/manifest.json")).json();
    showFacts();
    const onnx = manifest.models.filter(({ file }) => file.endsWith(".onnx"));
    const { file } = onnx.find(({ variant }) => variant === "") ?? onnx[0];
    ({ hasClassMap } = await ask("load", { manifest, model: `bundle/${encodeURI(file)}` }));
    say("Take or choose a photograph.");
    document.body.dataset.state = "ready";
  } catch (error) {
    say(`The model cannot be loaded (${error.message}).`, true);
  }
}

function showFacts() {
  const { warning, medical_device: device, run, classes, preprocessing, views, intended_use: use, licences } = manifest;
  at("warning").textContent = warning;
  at("warning").hidden = warning === "";
  at("device").textContent = device;
  const averaged = views.name === "none" ? "" : `, the mean of several views (${views.name})`;
  at("model").textContent = `Run ${run.id}: ${run.backbone}, ${classes.length} classes of ${run.target}${averaged}.`;
  at("use").textContent = use;
  at("licences").textContent = licences.datasets.map(({ title, name, licence }) => `${title || name}: ${licence}`).join("; ");
  at("margin").hidden = preprocessing.crop !== "lesion";
  at("margin").textContent =
    "The model learnt from photographs that were cut out around the lesion, with a margin of " +
    `${Math.round(100 * preprocessing.crop_margin)} % of its longer side: let the photograph show the lesion as large.`;
  if (manifest.questions) {
    showQuestions(at("fields"), manifest.questions);
    at("questions").hidden = false;
  }
  const drawn = Object.keys(manifest.files).filter((name) => /^vectors\/.*\.(png|jpg)$/.test(name)).sort();
  at("example").append(...drawn.map((name) => new Option(name.slice("vectors/".length), name)));
  at("drawn").hidden = drawn.length === 0;
}

async function read(bytes, name) {
  const mine = (turn += 1);
  at("result").hidden = true;
  seen = null;
  say(`'${name}' is being read …`);
  try {
    const read_ = await ask("read", { bytes }, [bytes]);
    if (mine !== turn) return;
    seen = { ...read_, name };
    await answer();
  } catch (error) {
    if (mine === turn) say(`'${name}' is not answered: ${error.message}.`, true);
  }
}

async function answer() {
  if (seen === null) return;
  const mine = (turn += 1);
  const { given, wrong } = answersGiven(at("fields"), manifest.questions);
  if (wrong !== null) {
    at("result").hidden = true;
    say(wrong, true);
    return;
  }
  say("The model is being asked …");
  try {
    const told = await ask("answer", { given });
    if (mine === turn) show(told, Object.keys(given).length);
  } catch (error) {
    if (mine === turn) say(`The model does not answer: ${error.message}.`, true);
  }
}

function show({ probabilities, faults, advice, map }, answered) {
  const byProbability = manifest.classes.toSorted((one, other) => probabilities[other.name] - probabilities[one.name]);
  const [best] = byProbability;
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  at("faults").hidden = faults.length === 0;
  at("faults").replaceChildren(...faults.map((fault) => element("li", `The photograph is ${fault}.`)));
  at("classes").replaceChildren(
    ...byProbability.map((each) => {
      const row = element("tr", "", each === best ? "first" : "");
      row.dataset.name = each.name;
      row.dataset.probability = probabilities[each.name];
      const title = element("th", each.title);
      title.scope = "row";
      const bar = element("div", "", "bar");
      bar.style.width = `${100 * probabilities[each.name]}%`;
      title.append(bar);
      row.append(title, element("td", percent(probabilities[each.name]), "number"));
      return row;
    }),
  );
  seen = { ...seen, map, shown: manifest.classes.indexOf(best) };
  at("map-choice").hidden = !hasClassMap || map === null;
  draw();
  at("result").hidden = false;
  const known = manifest.questions ? `, by the photograph and ${answered} of ${manifest.questions.fields.length} answers` : "";
  say(`Most probable${known}: ${best.title}, ${percent(probabilities[best.name])}.`);
  at("advice").textContent = advice.text;
  document.body.dataset.state = "answered";
}

function draw() {
  const { square, side, map, shown } = seen;
  const canvas = at("seen");
  [canvas.width, canvas.height] = [side, side];
  const pixels = new ImageData(side, side);
  for (let from = 0, to = 0; from < square.length; from += 3, to += 4) {
    pixels.data.set(square.subarray(from, from + 3), to);
    pixels.data[to + 3] = 255;
  }
  if (map !== null && at("map").checked) showClassMap(pixels, side, map, shown, manifest.classes.length);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

for (const id of ["camera", "file"]) {
  at(id).addEventListener("change", async () => {
    const [file] = at(id).files;
    if (!file) return;
    at(id === "camera" ? "file" : "camera").value = "";
    at("example").value = NO_DRAWING;
    await read(await file.arrayBuffer(), file.name);
  });
}
at("example").addEventListener("change", async () => {
  const name = at("example").value;
  if (name === NO_DRAWING) return;
  [at("camera").value, at("file").value] = ["", ""];
  await read(await (await fetch(`bundle/${encodeURI(name)}`)).arrayBuffer(), name);
});
at("fields").addEventListener("change", answer);
at("clear").addEventListener("click", () => {
  clearAnswers(at("fields"));
  answer();
});
at("map").addEventListener("change", draw);
at("form").addEventListener("submit", (event) => event.preventDefault());
start();
