// What is looked at, and how: one plain object, which the address bar holds as #theta=1.1&J=2.01...

// Names in the address, units in the labels of page.html; `digits` is what an address keeps.
export const FIELDS = {
  theta: { digits: 7, initial: 1.1 },
  J: { digits: 7, initial: 2.01 },
  D: { digits: 7, initial: 0.22 },
  window: { digits: 5, lowest: 1, highest: 5000, initial: 100 },
  pixels: { digits: 4, lowest: 16, highest: 512, initial: 200, whole: true },
  rotation: { digits: 5, lowest: -180, highest: 180, initial: 0 },
  x: { digits: 6, lowest: -1e5, highest: 1e5, initial: 0 },
  y: { digits: 6, lowest: -1e5, highest: 1e5, initial: 0 },
  probe: { words: ["both", "net", "top", "stray-field"], initial: "both" },
  height: { digits: 4, lowest: 0.1, highest: 1000, initial: 20 },
  polar: { digits: 4, lowest: 0, highest: 180, initial: 0 },
  azimuth: { digits: 4, lowest: -180, highest: 180, initial: 0 },
  psf: { digits: 4, lowest: 0, highest: 1000, initial: 0 },
  aperture: { digits: 4, lowest: 0, highest: 1000, initial: 0 },
  noise: { words: ["off", "on"], initial: "off" },
  snr: { digits: 3, lowest: -10, highest: 60, initial: 20 },
  seed: { digits: 6, lowest: 0, highest: 99999, initial: 1, whole: true },
  cell: { words: ["off", "on"], initial: "on" },
  arrows: { words: ["off", "on"], initial: "off" },
};
const RANGES = { theta: "twist_angle", J: "exchange", D: "anisotropy" };
// A slider or a click gives no more digits than one reads.
const STEPS = { theta: 0.001, J: 0.01, D: 0.001 };

// Take the ranges of theta, J and D from the model's record, and a start within them.
export function setRanges(ranges) {
  for (const [name, range] of Object.entries(RANGES)) {
    [FIELDS[name].lowest, FIELDS[name].highest] = ranges[range];
    FIELDS[name].initial = bound(name, FIELDS[name].initial);
  }
}

export function initialView() {
  return Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, field.initial]));
}

// Return a value as the field allows it: within its bounds; the initial one for what is none.
export function bound(name, value) {
  const { words, lowest, highest, initial, whole } = FIELDS[name];
  if (words) return words.includes(value) ? value : initial;
  const number = value === "" || value === null ? NaN : Number(value);
  if (!Number.isFinite(number)) return initial;
  const inside = Math.min(Math.max(number, lowest), highest);
  return whole ? Math.round(inside) : inside;
}

// Return a number with the digits that its slider has, within its bounds.
export function rounded(name, value) {
  const step = STEPS[name];
  return bound(name, Number((Math.round(value / step) * step).toFixed(6)));
}

// Return the part of the address behind #; what is as in the beginning is left out, but for theta,
// J and D.
export function toHash(view) {
  const shown = Object.entries(FIELDS).filter(([name, { initial }]) =>
    name in RANGES || view[name] !== initial);
  return `#${shown.map(([name]) => `${name}=${written(name, view[name])}`).join("&")}`;
}

// Return a number as the address and the commands write it.
export function written(name, value) {
  const { words, digits } = FIELDS[name];
  return words ? value : String(Number(value.toPrecision(digits)));
}

// Return the view that an address says.
export function fromHash(hash) {
  const view = initialView();
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (name in FIELDS) view[name] = bound(name, text);
  }
  return view;
}

// Turns between the position of a slider, 0 to 1000, and theta, which has equal ratios along it.
export function angleAt(position) {
  const { lowest, highest } = FIELDS.theta;
  return rounded("theta", lowest * (highest / lowest) ** (position / 1000));
}

export function positionOf(angleDeg) {
  const { lowest, highest } = FIELDS.theta;
  return (1000 * Math.log(angleDeg / lowest)) / Math.log(highest / lowest);
}

export function windowOf(view) {
  const { window: sideNm, pixels, rotation: rotationDeg, x: xNm, y: yNm } = view;
  return { sideNm, pixels, rotationDeg, xNm, yNm };
}

export function probeOf({ probe, psf, aperture, height, polar, azimuth }, magnet) {
  return {
    channel: probe,
    pointSpreadNm: psf,
    apertureNm: aperture,
    heightNm: height,
    polarDeg: polar,
    azimuthDeg: azimuth,
    magnet,
  };
}
