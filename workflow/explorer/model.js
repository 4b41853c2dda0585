// The texture model: (theta, J, D) to the textures and energies of both branches.
// textures/model.py, textures/model_files.py and textures/drawing.py.

import { buildWaves, COARSE_GRID, FINE_GRID, makeCellGrid } from "./cell.js";
import { LEAST_ROOT, REGISTRY_WAVES } from "./networks.js";
import { addProducts, dense, features, withOrder, withoutAnisotropy } from "./networks.js";
import { orderParameter, roughOrder } from "./order.js";
import { addRest, readRest, refinedOrder } from "./rest.js";
import { readSafetensors } from "./safetensors.js";

export const PHASES = ["FM", "NCD", "MD"];
const [FERROMAGNETIC, NONCOLLINEAR, DOMAIN] = [0, 1, 2];
// Gaps below this are less than the networks resolve (meV per spin).
export const RESOLVED_MEV = 2e-4;
const ENERGY_SCALE = 0.1;
// drawing.SAME_ANGLE_DEG, angles.RESOLVED_RATIO
const SAME_ANGLE_DEG = 5e-4;
const RESOLVED_RATIO = 4.2;
// model_files.OLD_LEAST_ORDER
const OLD_LEAST_ORDER = 0.07;

// model_files.load_model, of the bytes of a model's file and its record.
export function loadModel(bytes, about) {
  const arrays = readSafetensors(bytes);
  const networks = {};
  const bases = {};
  for (const name of Object.keys(arrays)) {
    const [kind, own, place] = name.split("/");
    if (kind === "networks" && name.endsWith("/weights")) {
      const { shape, data } = arrays[name];
      const bias = arrays[name.replace("weights", "bias")].data;
      networks[own] ??= [];
      const weights = new Float64Array(data);
      networks[own][Number(place)] = { inputs: shape[0], outputs: shape[1], weights, bias };
    } else if (kind === "bases" && place === "mean") {
      const part = (word) => arrays[`bases/${own}/${word}`].data;
      bases[own] = { mean: part("mean"), modes: [part("strong"), part("weak")], scale: part("scale") };
    }
  }
  const stars = buildWaves(about.reach);
  const { exchange, registries } = arrays;
  const rows = registries.shape[0];
  return {
    about,
    networks,
    bases,
    rest: readRest(arrays),
    leastOrder: about.least_order ?? OLD_LEAST_ORDER,
    waves: 2 * stars.length - 1,
    cell: makeCellGrid(stars, FINE_GRID),
    coarseCell: makeCellGrid(stars, COARSE_GRID),
    exchange: exchange.data,
    angles: Array.from(arrays.twist_indices.data, twistAngleDeg),
    registries: Array.from({ length: rows }, (_, row) =>
      registries.data.subarray(row * REGISTRY_WAVES, (row + 1) * REGISTRY_WAVES)),
  };
}

// lattice.twist_angle_deg
export function twistAngleDeg(m) {
  const n = m + 1;
  const cosine = (m * m + 4 * m * n + n * n) / (2 * (m * m + m * n + n * n));
  return (Math.acos(cosine) * 180) / Math.PI;
}

// The commensurate index whose angle is nearest.
export function nearestIndex(angleDeg) {
  const guess = Math.round(1 / (2 * Math.sqrt(3) * Math.sin((angleDeg * Math.PI) / 360)) - 0.5);
  const about = [guess - 1, guess, guess + 1].filter((m) => m >= 2);
  return about.reduce((best, m) =>
    Math.abs(twistAngleDeg(m) - angleDeg) < Math.abs(twistAngleDeg(best) - angleDeg) ? m : best);
}

// drawing.effective: the parameters and the registry that the model is evaluated at, or an error
// with the same sentence.
export function effective(model, angleDeg, exchangeMev, anisotropyMev) {
  const { ranges, smallest_trained_deg: smallest, least_exchange_mev: least } = model.about;
  const checks = [
    ["twist angle", ranges.twist_angle, angleDeg, "degrees"],
    ["exchange J", ranges.exchange, exchangeMev, "meV"],
    ["anisotropy D", ranges.anisotropy, anisotropyMev, "meV"],
  ];
  for (const [name, [lowest, highest], value, unit] of checks) {
    if (!(lowest <= value && value <= highest)) {
      throw new RangeError(
        `the ${name} is ${short(value)} ${unit}, but this texture model knows` +
        ` ${short(lowest)} to ${short(highest)} ${unit}`);
    }
  }
  let [angle, exchange] = [angleDeg, exchangeMev];
  if (angle < smallest) {
    exchange *= (angle / smallest) ** 2;
    angle = smallest;
  }
  const needed = Math.max(RESOLVED_RATIO * anisotropyMev, least);
  if (exchange < needed && angle === smallest) {
    throw new RangeError(
      "walls would be narrower than this texture model resolves: at this angle and D, J must be" +
      ` at least ${short(needed / exchange)} times as large`);
  }
  let registry = new Float64Array(REGISTRY_WAVES);
  const own = model.angles.findIndex((known) => Math.abs(known - angle) < SAME_ANGLE_DEG);
  if (own >= 0) registry = model.registries[own];
  return { parameters: [angle, exchange, anisotropyMev], registry };
}

function short(value) {
  return String(Number(value.toPrecision(4)));
}

// model.stability_limit: D_c (meV), below which the ferromagnet is unstable.
export function stabilityLimit(model, inputs) {
  return Math.exp(dense(model.networks.limit, withoutAnisotropy(inputs))[0]);
}

// model.root_of_distance
function rootOfDistance(model, parameters, inputs) {
  const share = 1 - parameters[2] / stabilityLimit(model, inputs);
  return Math.sqrt(Math.max(share, LEAST_ROOT ** 2));
}

// model.energies
export function energies(model, parameters, registry) {
  const inputs = features(parameters, registry);
  const root = rootOfDistance(model, parameters, inputs);
  const depth = dense(model.networks.noncollinear, inputs)[0];
  const noncollinear = root > LEAST_ROOT ? -ENERGY_SCALE * root ** 4 * Math.exp(depth) : 0;
  const order = orderParameter(model.networks.order, inputs, model.leastOrder);
  const gain = dense(model.networks.gain, withOrder(inputs, order))[0];
  return { noncollinear, domain: noncollinear + ENERGY_SCALE * order ** 4 * gain, order };
}

// model.phase
export function phase({ noncollinear, domain, order }) {
  if (order > 0 && domain < noncollinear) return DOMAIN;
  return noncollinear < 0 ? NONCOLLINEAR : FERROMAGNETIC;
}

// A number that is positive just where model.phase says MD, and continuous: its zeros are the phase
// line. Domains must exist, and win by their energy.
export function domainMargin(model, inputs) {
  const { order, margin } = roughOrder(model.networks.order, inputs, model.leastOrder);
  if (order === 0) return margin;
  return Math.min(margin, -dense(model.networks.gain, withOrder(inputs, order))[0]);
}

// model._expand, times `factor`, added to `total` (channel, wave).
function addExpanded(total, basis, components, start, factor) {
  const length = total.length;
  for (let k = 0; k < length; k++) total[k] += factor * basis.mean[k];
  const weights = Float64Array.from(basis.scale, (scale, mode) =>
    factor * components[start + mode] * scale);
  const strong = basis.modes[0].length / length;
  addProducts(total, weights.subarray(0, strong), basis.modes[0]);
  addProducts(total, weights.subarray(strong), basis.modes[1]);
}

// model.tilt, of a branch whose order parameter the networks gave: the waves of the tilt (rad) of both
// layers, each (channel, wave).
function tilt(model, parameters, registry, { branch, order }) {
  const length = 2 * model.waves;
  const [top, bottom] = [new Float64Array(length), new Float64Array(length)];
  const inputs = features(parameters, registry);
  if (branch === NONCOLLINEAR) {
    // model.noncollinear_tilt
    const outputs = dense(model.networks.noncollinear, inputs);
    addExpanded(top, model.bases.noncollinear, outputs, 1, rootOfDistance(model, parameters, inputs));
    for (let k = 0; k < length; k++) bottom[k] = -top[k];
  } else if (branch === DOMAIN) {
    // model.drawn_order, model.domain_tilt
    const drawn = refinedOrder(model.networks.order, model.rest, parameters, inputs,
      { order, least: model.leastOrder });
    const outputs = dense(model.networks.domain, withOrder(inputs, drawn));
    addRest(outputs, model.rest, parameters, drawn);
    const [even, odd] = [new Float64Array(length), new Float64Array(length)];
    addExpanded(even, model.bases.even, outputs, 0, 1);
    addExpanded(odd, model.bases.odd, outputs, model.bases.even.scale.length, drawn);
    for (let k = 0; k < length; k++) [top[k], bottom[k]] = [odd[k] + even[k], odd[k] - even[k]];
  }
  return [top, bottom];
}

// drawing.draw: phase, energy and gap (meV per spin), and the tilt of both layers.
export function draw(model, angleDeg, exchangeMev, anisotropyMev) {
  const { parameters, registry } = effective(model, angleDeg, exchangeMev, anisotropyMev);
  const found = energies(model, parameters, registry);
  const own = phase(found);
  const uniform = model.exchange[0] + registry[0] - 1.5 * exchangeMev - anisotropyMev;
  const branches = [0];
  if (found.noncollinear < 0) branches.push(found.noncollinear);
  if (found.order > 0) branches.push(found.domain);
  const energy = [0, found.noncollinear, found.domain][own];
  const others = branches.filter((other) => other !== energy);
  return {
    phase: PHASES[own],
    energyMev: uniform + energy,
    gapMev: others.length ? Math.min(...others) - energy : null,
    limitMev: stabilityLimit(model, features(parameters, registry)),
    tilt: tilt(model, parameters, registry, { branch: own, order: found.order }),
  };
}
