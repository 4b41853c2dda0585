// Fields over the moire cell: symmetric plane waves, and their values on a grid by a fast Fourier
// transform. textures/cell.py, and placement.cell_grid.
//
// A grid is an array of size x size points, (u1, u2), in the frame of its layer.

import { makeTransform } from "./fft.js";

// Points of the grid for the largest index of the waves. With the first number the cubic
// interpolation is good to less than 0.001 of S^z. The second is for what moves; two are the least
// that keep the waves apart.
export const [FINE_GRID, COARSE_GRID] = [6, 3];

// cell.build_waves: one wavevector of each star, the shortest first, as {first, second}.
export function buildWaves(reach) {
  const end = Math.trunc(1.2 * reach) + 1;
  const rows = 4 * (2 * end + 1);
  const stars = [];
  for (let first = -end; first <= end; first++) {
    for (let second = -end; second <= end; second++) {
      const squared = first * first + second * second - first * second;
      if (squared > reach * reach + 1e-9) continue;
      const keys = turns([first, second]).flatMap(([g, h]) => [g * rows + h, -g * rows - h]);
      if (first * rows + second === Math.max(...keys)) stars.push([squared, first, second]);
    }
  }
  stars.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return stars.map(([, first, second]) => [first, second]);
}

// cell._turns: a wavevector and its two three-fold turns.
function turns([first, second]) {
  return [
    [first, second],
    [second - first, -first],
    [-second, first - second],
  ];
}

// Return what puts two fields, given by their waves, on a grid: the first is the real and the
// second the imaginary part of one transform.
export function makeCellGrid(stars, pointsPerIndex) {
  const largest = Math.max(...stars.flat().map(Math.abs));
  const size = 2 ** Math.ceil(Math.log2(Math.max(pointsPerIndex * largest, 32)));
  const transform = makeTransform(size);
  const wrap = (g) => ((g % size) + size) % size;
  const places = stars.slice(1).flatMap((star) => turns(star).map(([g, h]) => [
    wrap(g) * size + wrap(h),
    wrap(-g) * size + wrap(-h),
  ]));
  const filled = new Set(places.flat().map((place) => Math.floor(place / size)).concat(0));

  // placement.cell_grid, of amplitudes (wave,) of both fields.
  function evaluate(one, other) {
    const real = new Float64Array(size * size);
    const imaginary = new Float64Array(size * size);
    real[0] = one[0];
    imaginary[0] = other[0];
    const share = 1 / Math.sqrt(6);
    for (let k = 0; k < places.length; k++) {
      const wave = 1 + 2 * Math.trunc(k / 3);
      const [there, opposite] = places[k];
      const a = share * one[wave];
      const b = -share * one[wave + 1];
      const c = share * other[wave];
      const d = -share * other[wave + 1];
      real[there] = a - d;
      imaginary[there] = b + c;
      real[opposite] = a + d;
      imaginary[opposite] = c - b;
    }
    transform.backward(real, imaginary, filled);
    return [real, imaginary];
  }
  return { size, evaluate, transform };
}
