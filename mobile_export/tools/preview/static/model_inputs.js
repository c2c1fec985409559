// Makes an input of an ONNX network that has a default one that must be given: onnxruntime-web knows no other inputs,
// while a program that knows of no answers relies on the default.  The file is a message of protobuf (onnx.proto).
const GRAPH = 7; // of ModelProto
const INITIALIZER = 5; // of GraphProto
const NAME = 8; // of TensorProto

// Returns the bytes of the network without the default of the input `name`; as they are, where it has none.
export function withoutDefault(bytes, name) {
  const graph = fieldsOf(bytes, 0, bytes.length).find(({ number }) => number === GRAPH);
  if (!graph) return bytes;
  const isDefault = (field) => field.number === INITIALIZER && nameOf(bytes, field) === name;
  const left = fieldsOf(bytes, graph.content, graph.end).find(isDefault);
  if (!left) return bytes;
  const length = graph.end - graph.content - (left.end - left.start);
  const head = [GRAPH * 8 + 2, ...varint(length)];
  return joined([
    bytes.subarray(0, graph.start),
    Uint8Array.from(head),
    bytes.subarray(graph.content, left.start),
    bytes.subarray(left.end),
  ]);
}

function nameOf(bytes, field) {
  const found = fieldsOf(bytes, field.content, field.end).find(({ number }) => number === NAME);
  return found ? new TextDecoder().decode(bytes.subarray(found.content, found.end)) : "";
}

// Returns {number, start, content, end} of each field: where it begins, where its content does, and where both end.
function fieldsOf(bytes, from, to) {
  const fields = [];
  for (let place = from; place < to; ) {
    const start = place;
    let tag;
    [tag, place] = readVarint(bytes, place);
    const kind = tag % 8;
    let content = place;
    if (kind === 0) [, place] = readVarint(bytes, place);
    else if (kind === 1) place += 8;
    else if (kind === 5) place += 4;
    else if (kind === 2) {
      let length;
      [length, content] = readVarint(bytes, place);
      place = content + length;
    } else throw new Error("the network is damaged");
    if (place > to) throw new Error("the network is damaged");
    fields.push({ number: Math.floor(tag / 8), start, content, end: place });
  }
  return fields;
}

// Not by shifts, which have 32 bits.
function readVarint(bytes, place) {
  let value = 0;
  for (let factor = 1; place < bytes.length; factor *= 128) {
    const byte = bytes[place];
    place += 1;
    value += (byte & 127) * factor;
    if (byte < 128) break;
  }
  return [value, place];
}

function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}
