// A file of safetensors, as io/weights.py reads it: eight bytes that say how long the header is, the
// header as JSON, then the arrays.

const READERS = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => half(view.getUint16(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
};
const BYTES = { F64: 8, F32: 4, F16: 2, I32: 4, I64: 8 };

// Return {name: {shape, data}} of the bytes of a file.
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const arrays = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets;
    const read = READERS[entry.dtype];
    const step = BYTES[entry.dtype];
    if (!read) throw new Error(`numbers of the type ${entry.dtype} cannot be read`);
    const data = new (entry.dtype === "F64" ? Float64Array : Float32Array)((end - start) / step);
    for (let k = 0; k < data.length; k++) data[k] = read(view, 8 + length + start + k * step);
    arrays[name] = { shape: entry.shape, data };
  }
  return arrays;
}

// Return the number that 16 bits stand for.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// Return the bytes that a text of base64 stands for.
export function fromBase64(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  return bytes;
}
