// A texture through a square window, in any pose: images/window.py and textures/placement.py.
//
// A window is {sideNm, pixels, rotationDeg, xNm, yNm}; an image is a Float64Array of pixels x pixels
// with rows upwards.

import { moirePeriodNm } from "./texture.js";

const SQRT3 = Math.sqrt(3);
// Corners of a hexagon, counter-clockwise: the cells (first, second) whose A and B sites they are,
// in turn. raster.hexagon_corners
const CORNER_FIRST = new Int8Array([0, -1, -1, -1, 0, 0]);
const CORNER_SECOND = new Int8Array([0, 0, 0, -1, -1, -1]);
// In a table with more entries for a pixel hardly any is looked up twice.
const MOST_KEPT_PER_PIXEL = 15;
// One table serves all images in turn: a new one for each would have to be cleared away.
let keptSpins = new Float64Array(0);

// Return where the pixel centres lie on the sample: window.sample_points, as an affine map.
export function pixelMap({ sideNm, pixels, rotationDeg, xNm, yNm }) {
  const step = sideNm / pixels;
  const cosine = Math.cos((rotationDeg * Math.PI) / 180);
  const sine = Math.sin((rotationDeg * Math.PI) / 180);
  const start = 0.5 * step - sideNm / 2;
  return {
    origin: [xNm + cosine * start - sine * start, yNm + sine * start + cosine * start],
    right: [cosine * step, sine * step],
    up: [-sine * step, cosine * step],
  };
}

// window.pixel_centres (nm)
export function pixelCentres({ sideNm, pixels }) {
  return Float64Array.from({ length: pixels }, (_, k) => ((k + 0.5) / pixels - 0.5) * sideNm);
}

// placement.fractional: the coordinates of a point in the moire cell, in the frame of a layer.
export function fractional(texture, layer, [x, y]) {
  const period = moirePeriodNm(texture);
  const first = (2 / SQRT3) * (x / period);
  const second = y / period - 0.5 * first;
  return layer ? [-first, first + second] : [first, second];
}

// placement.interpolate: a grid (u1, u2) at one point, cubic (Lagrange) on 4 x 4 points.
export function interpolate(grid, size, first, second) {
  const mask = size - 1;
  const x = first * size;
  const y = second * size;
  const i = Math.floor(x);
  const j = Math.floor(y);
  const s = x - i;
  const t = y - j;
  const t0 = (-t * (t - 1) * (t - 2)) / 6;
  const t1 = ((t + 1) * (t - 1) * (t - 2)) / 2;
  const t2 = (-(t + 1) * t * (t - 2)) / 2;
  const t3 = ((t + 1) * t * (t - 1)) / 6;
  const j0 = (j - 1) & mask;
  const j1 = j & mask;
  const j2 = (j + 1) & mask;
  const j3 = (j + 2) & mask;
  let row = ((i - 1) & mask) * size;
  let total = ((-s * (s - 1) * (s - 2)) / 6) *
    (t0 * grid[row + j0] + t1 * grid[row + j1] + t2 * grid[row + j2] + t3 * grid[row + j3]);
  row = (i & mask) * size;
  total += (((s + 1) * (s - 1) * (s - 2)) / 2) *
    (t0 * grid[row + j0] + t1 * grid[row + j1] + t2 * grid[row + j2] + t3 * grid[row + j3]);
  row = ((i + 1) & mask) * size;
  total += ((-(s + 1) * s * (s - 2)) / 2) *
    (t0 * grid[row + j0] + t1 * grid[row + j1] + t2 * grid[row + j2] + t3 * grid[row + j3]);
  row = ((i + 2) & mask) * size;
  return total + (((s + 1) * s * (s - 1)) / 6) *
    (t0 * grid[row + j0] + t1 * grid[row + j1] + t2 * grid[row + j2] + t3 * grid[row + j3]);
}

// placement.layer_vectors, as what turns cells of a layer into coordinates of the moire cell, in the
// layer's frame, and places (nm) into cells.
function layerLattice(texture, layer) {
  const turn = ((layer ? 0.5 : -0.5) * texture.angleDeg * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const a = texture.latticeNm;
  const vectors = [[1, 0], [0.5, SQRT3 / 2]].map(([x, y]) =>
    [a * (cosine * x - sine * y), a * (sine * x + cosine * y)]);
  const toCells = ([x, y]) => {
    const along = (cosine * x + sine * y) / a;
    const second = ((2 / SQRT3) * (cosine * y - sine * x)) / a;
    return [along - 0.5 * second, second];
  };
  return { toCells, steps: vectors.map((vector) => fractional(texture, layer, vector)) };
}

// Return the function (first cell, second cell, part) -> spin of a layer's sites, where the part is a
// sublattice, or 2 for the mean of the hexagon's corners. What was asked for once is kept.
function siteSpins(texture, grids, lattice, window) {
  const { size } = texture;
  const [one, two] = lattice.steps;
  const evaluate = (first, second, part) => {
    if (part === 2) {
      let mean = 0;
      for (let k = 0; k < 6; k++) mean += kept(first + CORNER_FIRST[k], second + CORNER_SECOND[k], k & 1) / 6;
      return mean;
    }
    const shift = (1 + part) / 3;
    const u = (first + shift) * one[0] + (second + shift) * two[0];
    const v = (first + shift) * one[1] + (second + shift) * two[1];
    return interpolate(grids[part], size, u, v);
  };
  const { origin, right, up } = pixelMap(window);
  const ends = [0, 1, 2, 3].map((k) => lattice.toCells([0, 1].map((axis) =>
    origin[axis] + window.pixels * ((k & 1) * right[axis] + (k >> 1) * up[axis]))));
  const [low, under] = [0, 1].map((axis) => Math.floor(Math.min(...ends.map((end) => end[axis]))) - 2);
  const [length, width] = [low, under].map((start, axis) =>
    Math.ceil(Math.max(...ends.map((end) => end[axis]))) + 3 - start);
  const entries = 3 * length * width;
  const few = entries <= MOST_KEPT_PER_PIXEL * window.pixels ** 2;
  if (few && keptSpins.length < entries) keptSpins = new Float64Array(entries);
  const table = few ? keptSpins.fill(NaN, 0, entries) : null;
  function kept(first, second, part) {
    if (!table) return evaluate(first, second, part);
    const at = 3 * ((first - low) * width + second - under) + part;
    const found = table[at];
    // NaN for what nobody has asked for yet.
    return found === found ? found : (table[at] = evaluate(first, second, part));
  }
  return kept;
}

// placement.see and raster.hexagon_corners, for one layer and one component of its spins: sites,
// interpolated linearly between the centre of a hexagon and two neighbouring corners.
export function seeLayer(texture, grids, layer, window) {
  const { pixels } = window;
  const lattice = layerLattice(texture, layer);
  const spinAt = siteSpins(texture, grids, lattice, window);
  const corner = (first, second, k) =>
    spinAt(first + CORNER_FIRST[k], second + CORNER_SECOND[k], k & 1);
  const map = pixelMap(window);
  const [origin, right, up] = [map.origin, map.right, map.up].map(lattice.toCells);
  const image = new Float64Array(pixels * pixels);
  for (let row = 0, at = 0; row < pixels; row++) {
    for (let column = 0; column < pixels; column++, at++) {
      const x = origin[0] + column * right[0] + row * up[0];
      const y = origin[1] + column * right[1] + row * up[1];
      let first = Math.floor(x) | 0;
      let second = Math.floor(y) | 0;
      let p = x - first;
      let q = y - second;
      // The hexagon's centre is one of the four translations around the point.
      if (2 * p + q > 1 || p + 2 * q > 1) {
        const opposite = 2 * p + q >= 2 && p + 2 * q >= 2;
        const besides = p >= q;
        if (opposite || besides) { first++; p--; }
        if (opposite || !besides) { second++; q--; }
      }
      // In sector k the point is the centre + s corner k + t corner (k + 1).
      const alpha = 2 * p + q;
      const beta = p + 2 * q;
      const gamma = q - p;
      let k = 0;
      let s = alpha;
      let t = gamma;
      if (alpha >= 0 && gamma < 0) {
        if (beta >= 0) { k = 5; s = -gamma; t = beta; } else { k = 4; s = -beta; t = alpha; }
      } else if (alpha < 0) {
        if (gamma < 0) { k = 3; s = -alpha; t = -gamma; }
        else if (beta >= 0) { k = 1; s = beta; t = -alpha; }
        else { k = 2; s = gamma; t = -beta; }
      }
      image[at] = (1 - s - t) * spinAt(first, second, 2) +
        s * corner(first, second, k) + t * corner(first, second, (k + 1) % 6);
    }
  }
  return image;
}

// A field given on a grid of the cell, in the frame of the sample, at the pixels: no sites.
export function seeField(texture, grid, window) {
  const { pixels } = window;
  const map = pixelMap(window);
  const [origin, right, up] = [map.origin, map.right, map.up].map((point) =>
    fractional(texture, 0, point));
  const image = new Float64Array(pixels * pixels);
  for (let row = 0, at = 0; row < pixels; row++) {
    for (let column = 0; column < pixels; column++, at++) {
      const u = origin[0] + column * right[0] + row * up[0];
      const v = origin[1] + column * right[1] + row * up[1];
      image[at] = interpolate(grid, texture.size, u, v);
    }
  }
  return image;
}

// Return the in-plane spin along the axes of the window, of spins along x of the sample.
export function turned({ rotationDeg }, alongX) {
  const angle = (rotationDeg * Math.PI) / 180;
  return [alongX * Math.cos(angle), -alongX * Math.sin(angle)];
}
