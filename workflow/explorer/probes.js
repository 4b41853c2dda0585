// What an instrument makes of a texture: probes/instrument.py and probes/stray_field.py, on the grid
// of the moire cell instead of a list of waves.

import { moirePeriodNm } from "./texture.js";
import { seeField, seeLayer } from "./window.js";

// The word of `moirespin infer --channel`, what it is called here, and its unit.
export const CHANNELS = {
  both: { name: "both layers", images: ["top layer", "bottom layer"], unit: "" },
  net: { name: "net, mean of both layers", images: ["net"], unit: "" },
  top: { name: "top layer only", images: ["top layer"], unit: "" },
  "stray-field": { name: "stray field", images: ["stray field"], unit: "µT" },
};
const BOHR_MAGNETON_A_M2 = 9.2740100657e-24;
const VACUUM_PERMEABILITY_T_M_PER_A = 1.25663706127e-6;
const ATOMS_PER_CELL = 2;

// Return the images (pixel,) of a texture. `probe` is {channel, pointSpreadNm, apertureNm, heightNm,
// polarDeg, azimuthDeg, magnet: {spin, g_factor}}; the axis of the sensor is along the window's.
//
// Both layers at full resolution are sites, as `moirespin draw` shows them; all else is the smooth
// texture that `moirespin infer` fits, and so are coarse textures whose pixels hide the sites.
export function observe(texture, probe, window) {
  const { channel, pointSpreadNm, apertureNm } = probe;
  const { transform } = texture;
  const sharp = pointSpreadNm === 0 && apertureNm === 0;
  const hidden = texture.coarse && window.sideNm / window.pixels > 0.5 * texture.latticeNm;
  if (channel === "both" && sharp && !hidden) {
    return texture.outOfPlane.map((grids, layer) => seeLayer(texture, grids, layer, window));
  }
  const stray = channel === "stray-field";
  const spectrum = stray ? strayField(texture, probe, window) : signals(texture, channel);
  if (!stray && !sharp) transform.forward(...spectrum);
  // The response is real and even in the wavevector: it keeps both parts, two images, apart.
  if (!sharp) respond(texture, probe, window, spectrum);
  if (stray || !sharp) transform.backward(...spectrum);
  return CHANNELS[channel].images.map((_, k) => seeField(texture, spectrum[k], window));
}

// instrument.CHANNELS but for the stray field: one image on the grid, or two.
function signals(texture, channel) {
  const [top, bottom] = [0, 1].map((layer) => inSampleFrame(texture, texture.outOfPlane, layer));
  if (channel === "both") return [top, bottom];
  const image = channel === "top" ? top : top.map((value, k) => 0.5 * (value + bottom[k]));
  return [image, new Float64Array(image.length)];
}

// The mean of both sublattices of a layer on the grid, in the frame of the sample: that of the
// bottom layer is mirrored, MIRROR_POINT, which takes points of the grid to points of the grid.
function inSampleFrame({ size }, component, layer) {
  const [a, b] = component[layer];
  const mask = size - 1;
  const mean = new Float64Array(size * size);
  for (let i = 0, at = 0; i < size; i++) {
    for (let j = 0; j < size; j++, at++) {
      const from = layer ? ((size - i) & mask) * size + ((i + j) & mask) : at;
      mean[at] = 0.5 * (a[from] + b[from]);
    }
  }
  return mean;
}

// instrument.resolution: multiply a spectrum by what the point spread and the pixel's extent leave,
// and by the scale of the transform there and back.
function respond(texture, { channel, pointSpreadNm, apertureNm }, window, [real, imaginary]) {
  const scale = channel === "stray-field" ? 1 : 1 / real.length;
  wavevectors(texture, window, (kx, ky, at) => {
    const blurred = Math.exp(-0.5 * pointSpreadNm ** 2 * (kx * kx + ky * ky));
    const averaged = sinc((apertureNm * kx) / 2) * sinc((apertureNm * ky) / 2);
    real[at] *= scale * blurred * averaged;
    imaginary[at] *= scale * blurred * averaged;
  });
}

// Call `visit` with every wavevector of the grid, along the axes of the window, and its place.
function wavevectors(texture, window, visit) {
  const { size } = texture;
  const step = (2 * Math.PI) / moirePeriodNm(texture);
  const angle = radians(window.rotationDeg);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (let row = 0, at = 0; row < size; row++) {
    const first = row < size / 2 ? row : row - size;
    for (let column = 0; column < size; column++, at++) {
      const second = column < size / 2 ? column : column - size;
      // Reciprocal vectors at 0 and 120 degrees.
      const x = (step * (2 * first - second)) / Math.sqrt(3);
      const y = step * second;
      visit(cosine * x + sine * y, cosine * y - sine * x, at, row, column);
    }
  }
}

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

function sinc(x) {
  return Math.abs(x) < 1e-9 ? 1 : Math.sin(x) / x;
}

// stray_field.field_waves along the sensor's axis (uT), as a spectrum over the cell. Spins lie along
// x of the sample.
function strayField(texture, probe, window) {
  const { latticeNm, spacingNm, size } = texture;
  const areaM2 = Math.sqrt(0.75) * (latticeNm * 1e-9) ** 2;
  const moment = probe.magnet.g_factor * BOHR_MAGNETON_A_M2 * probe.magnet.spin;
  const density = (ATOMS_PER_CELL * moment) / areaM2;
  const scale = (0.5 * VACUUM_PERMEABILITY_T_M_PER_A * density * 1e9 * 1e6) / (size * size);
  const [polar, azimuth] = [probe.polarDeg, probe.azimuthDeg].map(radians);
  const axis = [
    Math.sin(polar) * Math.cos(azimuth),
    Math.sin(polar) * Math.sin(azimuth),
    Math.cos(polar),
  ];
  // S^z and S^x are the real and the imaginary part of one transform.
  const layers = [0, 1].map((layer) => {
    const both = [texture.outOfPlane, texture.inPlane].map((component) =>
      inSampleFrame(texture, component, layer));
    texture.transform.forward(...both);
    return both;
  });
  const [cosine, sine] = [Math.cos(radians(window.rotationDeg)), Math.sin(radians(window.rotationDeg))];
  const real = new Float64Array(size * size);
  const imaginary = new Float64Array(size * size);
  const mask = size - 1;
  wavevectors(texture, window, (kx, ky, at, row, column) => {
    const length = Math.hypot(kx, ky);
    if (length === 0) return;
    const opposite = ((size - row) & mask) * size + ((size - column) & mask);
    // Along x of the sample, from the window's axes.
    const direction = (cosine * kx - sine * ky) / length;
    let chargeReal = 0;
    let chargeImaginary = 0;
    for (let layer = 0; layer < 2; layer++) {
      const [re, im] = layers[layer];
      const decay = 0.5 * Math.exp(-(probe.heightNm + layer * spacingNm) * length);
      // S^z - i direction S^x
      chargeReal += decay * (re[at] + re[opposite] + direction * (re[opposite] - re[at]));
      chargeImaginary += decay * (im[at] - im[opposite] - direction * (im[at] + im[opposite]));
    }
    // axis . (-i kx, -i ky, |k|)
    const along = axis[2] * length;
    const across = -(axis[0] * kx + axis[1] * ky);
    real[at] = scale * (along * chargeReal - across * chargeImaginary);
    imaginary[at] = scale * (along * chargeImaginary + across * chargeReal);
  });
  return [real, imaginary];
}

// noise.add_noise: white noise of variance P_S / SNR, eqs. (7)-(10), on one image; the seed names it.
export function addNoise(image, snrDb, seed) {
  const power = image.reduce((sum, value) => sum + value * value, 0) / image.length;
  const deviation = Math.sqrt(power * 10 ** (-snrDb / 10));
  const random = uniform(seed);
  const noisy = new Float64Array(image.length);
  for (let k = 0; k < noisy.length; k += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    noisy[k] = image[k] + radius * Math.cos(angle);
    if (k + 1 < noisy.length) noisy[k + 1] = image[k + 1] + radius * Math.sin(angle);
  }
  return noisy;
}

// The generator mulberry32: numbers from 0 up to 1.
function uniform(seed) {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
