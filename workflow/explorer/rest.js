// What the networks of domain textures leave, interpolated: textures/rest.py.

import { addProducts, REGISTRY_WAVES } from "./networks.js";
import { beyond, MOST_ORDER, REACH, withoutExchange } from "./order.js";

const REST_LENGTHS = [0.04, 0.3, 0.1];
const [REFINING_STEPS, LONGEST_STEP, LEAST_REST_SLOPE] = [3, 0.03, 0.03];

// The rest of a model's arrays: centres (centre, 3), weights of the equation and of the components.
// Models of format 2 have none.
export function readRest(arrays) {
  if (!("rest/centres" in arrays)) return { count: 0, first: 0 };
  const { data: centres, shape } = arrays["rest/centres"];
  const components = arrays["rest/components"];
  return {
    centres,
    count: shape[0],
    first: components.shape[0],
    equation: arrays["rest/equation"].data,
    components: components.data,
  };
}

// rest.kernel, of the first centres: calls `use` with the number of each, the kernel there and its
// derivative with the order parameter. Far centres, whose kernel rounds to nothing, are left out.
function eachKernel({ centres }, count, [angle, , anisotropy], order, use) {
  const place = [order, Math.log(anisotropy), angle].map((own, k) => own / REST_LENGTHS[k]);
  for (let k = 0; k < count; k++) {
    const apart = place[0] - centres[3 * k];
    const second = place[1] - centres[3 * k + 1];
    const third = place[2] - centres[3 * k + 2];
    const squared = 5 * (apart * apart + second * second + third * third) + 1e-12;
    if (squared > 1600) continue;
    const scaled = Math.sqrt(squared);
    const decay = Math.exp(-scaled);
    const slope = (-5 / 3) * (1 + scaled) * decay * apart / REST_LENGTHS[0];
    use(k, (1 + scaled + squared / 3) * decay, slope);
  }
}

// rest.refined_order
export function refinedOrder(layers, rest, parameters, inputs, { order, least }) {
  if (!rest.count || order === 0) return order;
  const others = withoutExchange(inputs);
  const wanted = inputs[REGISTRY_WAVES];
  let root = order;
  for (let step = 0; step < REFINING_STEPS; step++) {
    const [left, here, right] = [-REACH, 0, REACH].map((shift) =>
      beyond(layers, others, root + shift, wanted));
    let [value, slope] = [here, (right - left) / (2 * REACH)];
    eachKernel(rest, rest.count, parameters, root, (k, kernel, change) => {
      value += kernel * rest.equation[k];
      slope += change * rest.equation[k];
    });
    const move = -value / Math.min(slope, -LEAST_REST_SLOPE);
    root += Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, move));
    root = Math.max(least, Math.min(MOST_ORDER, root));
  }
  return root;
}

// rest.rest_of_components, added to `outputs`.
export function addRest(outputs, rest, parameters, order) {
  if (!rest.first) return;
  const kernels = new Float64Array(rest.first);
  eachKernel(rest, rest.first, parameters, order, (k, kernel) => { kernels[k] = kernel; });
  addProducts(outputs, kernels, rest.components);
}
