// The dense networks of the texture model, from parameters to a few numbers that fix a texture:
// textures/networks.py, for one sample.

export const REGISTRY_WAVES = 8;
const LOG_SCALED = [2.5, 1.2];
const LOG_ANISOTROPY = [-2.3, 0.9];
const ANISOTROPY = [0.15, 0.09];
const ANGLE = [2.0, 0.9];
const REGISTRY_SCALE = 20;
const ORDER = [0.5, 0.2];
export const LEAST_ROOT = 1e-4;

// networks.dense: layers of {inputs, outputs, weights, bias} with SiLU between them.
export function dense(layers, inputs) {
  let values = inputs;
  for (const layer of layers) {
    const next = new Float64Array(layer.bias);
    addProducts(next, values, layer.weights);
    if (layer !== layers[layers.length - 1]) {
      for (let j = 0; j < next.length; j++) next[j] /= 1 + Math.exp(-next[j]);
    }
    values = next;
  }
  return values;
}

// Add the product of some values and a matrix, whose rows belong to the values, to a total. Four rows
// at once halve the time: the total is read and written a quarter as often.
export function addProducts(total, values, matrix) {
  const width = total.length;
  const [count, fours] = [values.length, values.length & ~3];
  let row = 0;
  for (; row < fours; row += 4) {
    const [a, b, c, d] = [values[row], values[row + 1], values[row + 2], values[row + 3]];
    const first = row * width;
    const second = first + width;
    const third = second + width;
    const fourth = third + width;
    for (let k = 0; k < width; k++) {
      total[k] += a * matrix[first + k] + b * matrix[second + k] +
        (c * matrix[third + k] + d * matrix[fourth + k]);
    }
  }
  for (; row < count; row++) {
    const value = values[row];
    for (let k = 0, at = row * width; k < width; k++, at++) total[k] += value * matrix[at];
  }
}

// networks.features, of parameters [theta (degree), J, D (meV)].
export function features([angle, intralayer, anisotropy], registry) {
  const inputs = new Float64Array(REGISTRY_WAVES + 4);
  for (let k = 0; k < REGISTRY_WAVES; k++) inputs[k] = REGISTRY_SCALE * registry[k];
  const smooth = [
    (Math.log(intralayer * angle * angle) - LOG_SCALED[0]) / LOG_SCALED[1],
    (angle - ANGLE[0]) / ANGLE[1],
    (Math.log(anisotropy) - LOG_ANISOTROPY[0]) / LOG_ANISOTROPY[1],
    (anisotropy - ANISOTROPY[0]) / ANISOTROPY[1],
  ];
  inputs.set(smooth, REGISTRY_WAVES);
  return inputs;
}

// networks.without_anisotropy
export function withoutAnisotropy(inputs) {
  return inputs.subarray(0, inputs.length - 2);
}

// networks.with_order
export function withOrder(inputs, order) {
  const more = new Float64Array(inputs.length + 2);
  more.set(inputs);
  more.set([(order - ORDER[0]) / ORDER[1], 5 * (order * order - 0.25)], inputs.length);
  return more;
}
