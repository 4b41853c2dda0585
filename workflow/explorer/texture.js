// A drawn state over one moire cell: spins of both layers on a grid, and what follows from them.

import { draw } from "./model.js";

// Return the state at some parameters with its spins on a grid of the cell: `outOfPlane` and
// `inPlane` hold, for top and bottom, S^z and S^x of both sublattices, each in the frame of its
// layer. A coarse texture is for the eye while something moves.
export function drawTexture(model, angleDeg, exchangeMev, anisotropyMev, coarse = false) {
  const drawn = draw(model, angleDeg, exchangeMev, anisotropyMev);
  const { size, transform, evaluate } = coarse ? model.coarseCell : model.cell;
  const angles = drawn.tilt.map((waves) =>
    evaluate(waves.subarray(0, model.waves), waves.subarray(model.waves)));
  const spins = (component) => angles.map(([mean, half]) => [1, -1].map((sign) => {
    const grid = new Float32Array(mean.length);
    for (let k = 0; k < grid.length; k++) grid[k] = component(mean[k] + sign * half[k]);
    return grid;
  }));
  let inPlane = null;
  return {
    ...drawn,
    angleDeg,
    exchangeMev,
    anisotropyMev,
    coarse,
    size,
    transform,
    latticeNm: model.about.lattice.lattice_constant_nm,
    spacingNm: model.about.lattice.layer_spacing_nm,
    outOfPlane: spins(Math.cos),
    // Only arrows, stray fields and tables need it.
    get inPlane() {
      inPlane ??= spins(Math.sin);
      return inPlane;
    },
  };
}

// placement.moire_vectors: the length of both (nm).
export function moirePeriodNm({ angleDeg, latticeNm }) {
  return latticeNm / (2 * Math.sin((angleDeg * Math.PI) / 360));
}

// drawing.cell_magnetization: the mean S^z of each layer.
export function magnetization(texture) {
  const mean = (values) => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[k];
    return sum / values.length;
  };
  return texture.outOfPlane.map(([a, b]) => 0.5 * (mean(a) + mean(b)));
}

// The width of a wall alone (nm), from tanh -1 to +1: sqrt(J / 2 D) lattice constants.
export function isolatedWallNm({ exchangeMev, anisotropyMev, latticeNm }) {
  return latticeNm * Math.sqrt(exchangeMev / (2 * anisotropyMev));
}

// The width of the walls in the top layer (nm): the median of 2 / |grad S^z| where S^z changes its
// sign, which for a wall alone is `isolatedWallNm`. null without a wall.
export function wallWidthNm(texture) {
  const { size } = texture;
  const [a, b] = texture.outOfPlane[0];
  const period = moirePeriodNm(texture);
  const mask = size - 1;
  const spin = (i, j) => {
    const at = (i & mask) * size + (j & mask);
    return 0.5 * (a[at] + b[at]);
  };
  const widths = [];
  // Every second point in both directions has walls enough.
  for (let i = 0; i < size; i += 2) {
    for (let j = 0; j < size; j += 2) {
      const here = spin(i, j);
      if (here > 0 === spin(i + 1, j) > 0 && here > 0 === spin(i, j + 1) > 0) continue;
      const first = (size / 2) * (spin(i + 1, j) - spin(i - 1, j));
      const second = (size / 2) * (spin(i, j + 1) - spin(i, j - 1));
      // The moire vectors are 60 degrees apart.
      const squared = (4 / 3) * (first * first + second * second - first * second);
      widths.push((2 * period) / Math.sqrt(squared));
    }
  }
  return widths.length ? widths.sort((x, y) => x - y)[widths.length >> 1] : null;
}
