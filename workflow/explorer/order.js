// The order parameter of domain textures, from an equation of state: textures/order.py.

import { dense, REGISTRY_WAVES, withOrder } from "./networks.js";

export const MOST_ORDER = 1.03;
const [POINTS, LEVELS, NEWTON_STEPS] = [25, 2, 2];
export const REACH = 1e-3;

// order.without_exchange
export function withoutExchange(inputs) {
  const others = new Float64Array(inputs.length - 1);
  others.set(inputs.subarray(0, REGISTRY_WAVES));
  others.set(inputs.subarray(REGISTRY_WAVES + 1), REGISTRY_WAVES);
  return others;
}

// order.beyond
export function beyond(layers, others, order, wanted) {
  return dense(layers, withOrder(others, order))[0] - wanted;
}

function onGrid(layers, others, low, width) {
  return Array.from({ length: POINTS }, (_, k) =>
    dense(layers, withOrder(others, low + (width * k) / (POINTS - 1)))[0]);
}

// The first grid does not depend on J: it is kept for the next point of a row of the diagram.
let kept = { layers: null, key: "", values: [] };
function firstGrid(layers, others, least) {
  const key = others.join();
  if (kept.layers !== layers || kept.key !== key) {
    kept = { layers, key, values: onGrid(layers, others, least, MOST_ORDER - least) };
  }
  return kept.values;
}

// The last interval of a grid in which the equation falls through `wanted`; -1 for none.
function lastFall(values, wanted) {
  for (let k = POINTS - 2; k >= 0; k--) {
    if (values[k] > wanted && values[k + 1] <= wanted) return k;
  }
  return -1;
}

// order.order_parameter
export function orderParameter(layers, inputs, least) {
  const others = withoutExchange(inputs);
  const wanted = inputs[REGISTRY_WAVES];
  let [low, width] = [least, MOST_ORDER - least];
  for (let level = 0; level < LEVELS; level++) {
    const values = level ? onGrid(layers, others, low, width) : firstGrid(layers, others, least);
    let last = lastFall(values, wanted);
    if (last < 0 && level === 0) return 0;
    // Rounding may move a root across the end of an interval.
    if (last < 0) last = values[0] > wanted ? POINTS - 2 : 0;
    width /= POINTS - 1;
    low += width * last;
  }
  let root = low + 0.5 * width;
  const at = (order) => beyond(layers, others, order, wanted);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const slope = (at(root + REACH) - at(root - REACH)) / (2 * REACH);
    const move = -at(root) / Math.min(slope, -REACH);
    root += Math.max(-width, Math.min(width, move));
  }
  return root;
}

// Whether there are domains, as a number that is positive where there are and continuous; and their
// order parameter to some thousandths, from the first grid alone.
export function roughOrder(layers, inputs, least) {
  const values = firstGrid(layers, withoutExchange(inputs), least);
  const wanted = inputs[REGISTRY_WAVES];
  const last = lastFall(values, wanted);
  const most = Math.max(...values) - wanted;
  if (last < 0) return { order: 0, margin: Math.min(most, 0) };
  const share = (values[last] - wanted) / (values[last] - values[last + 1]);
  const step = (MOST_ORDER - least) / (POINTS - 1);
  return { order: least + step * (last + share), margin: most };
}
