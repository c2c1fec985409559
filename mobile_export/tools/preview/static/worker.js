// Answers photographs away from the page, which stays at hand meanwhile: reading, the network, quality and advice.
import * as ort from "./onnxruntime/ort.wasm.bundle.min.mjs";
import { adviceFor } from "./advice.js";
import { encoded } from "./answers.js";
import { withoutDefault } from "./model_inputs.js";
import { readPhotograph, toSquare } from "./preprocessing.js";
import { faultsOf } from "./quality.js";
import { Refusal } from "./refusal.js";
import { meanAnswer, viewsOf } from "./views.js";

const ANSWERS = "answers";
const SETTINGS = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
let manifest;
let session;
let photograph = null;

const handlers = { load, read, answer };

// One after the other: a network answers one question at a time.
let last = Promise.resolve();
self.addEventListener("message", ({ data }) => {
  last = last.then(() => handle(data));
});

async function handle({ id, task, ...rest }) {
  try {
    self.postMessage({ id, result: await handlers[task](rest) });
  } catch (error) {
    self.postMessage({ id, error: { isRefusal: error instanceof Refusal, message: error.message } });
  }
}

async function load({ manifest: told, model }) {
  manifest = told;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  const response = await fetch(model);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const network = withoutDefault(new Uint8Array(await response.arrayBuffer()), ANSWERS);
  session = await ort.InferenceSession.create(network, SETTINGS);
  return { hasClassMap: session.outputNames.includes("class_map") };
}

async function read({ bytes }) {
  photograph = null;
  const rule = manifest.preprocessing;
  const whole = await readPhotograph(new Uint8Array(bytes), rule);
  photograph = { square: toSquare(whole, rule), faults: faultsOf(whole, manifest.quality) };
  return { square: photograph.square, side: rule.size };
}

// Returns probabilities by class, their order that of the manifest, faults, advice, and the class map where there is one:
// {rows, columns, scores}, the scores by position and class, of the photograph as it is.
async function answer({ given }) {
  const { classes, preprocessing, questions, views } = manifest;
  const side = preprocessing.size;
  const told = [];
  let map = null;
  for (const view of viewsOf(views.name, photograph.square, side)) {
    const asked = await ask(view, side, questions ? encoded(questions, given) : null);
    told.push(asked.probabilities.data);
    map ??= asked.class_map ? mapOf(asked.class_map) : null;
  }
  const values = meanAnswer(told);
  // A mean of several views would hide what is infinite in one.
  if (values.length !== classes.length || ![values, ...told].every((each) => each.every(Number.isFinite))) {
    throw new Error("the model answers with what is no number: it is broken");
  }
  const probabilities = Object.fromEntries(classes.map(({ name }, i) => [name, values[i]]));
  return { probabilities, faults: photograph.faults, advice: adviceFor(manifest.advice, probabilities, photograph.faults), map };
}

async function ask(view, side, answers) {
  const shape = [1, side, side, 3];
  const isFloat = session.inputMetadata?.[session.inputNames.indexOf("image")]?.type === "float32";
  const image = isFloat ? new ort.Tensor("float32", Float32Array.from(view), shape) : new ort.Tensor("uint8", view, shape);
  const feeds = answers === null ? { image } : { image, answers: new ort.Tensor("float32", answers, [1, answers.length]) };
  return session.run(feeds);
}

function mapOf({ dims, data }) {
  const [, rows, columns] = dims;
  return { rows, columns, scores: Float32Array.from(data) };
}
