// Fast Fourier transform of a square grid whose side is a power of two.

// Return {forward, backward}, which replace real and imaginary parts (row, column) by their
// transform with exp(-i...) and exp(+i...), neither of them scaled.
export function makeTransform(size) {
  const reversed = new Uint16Array(size);
  for (let k = 0, bits = Math.log2(size); k < size; k++) {
    for (let bit = 0; bit < bits; bit++) reversed[k] |= ((k >> bit) & 1) << (bits - 1 - bit);
  }
  const cosines = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sines = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));

  function alongRow(real, imaginary, start, sign) {
    for (let k = 0; k < size; k++) {
      if (reversed[k] > k) {
        swap(real, start + k, start + reversed[k]);
        swap(imaginary, start + k, start + reversed[k]);
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let k = 0; k < half; k++) {
        const c = cosines[k * step];
        const s = sign * sines[k * step];
        for (let i = start + k; i < start + size; i += 2 * half) {
          const j = i + half;
          const x = real[j] * c - imaginary[j] * s;
          const y = real[j] * s + imaginary[j] * c;
          real[j] = real[i] - x;
          imaginary[j] = imaginary[i] - y;
          real[i] += x;
          imaginary[i] += y;
        }
      }
    }
  }

  // All columns at once: the inner loops run along rows, as the memory does.
  function alongColumns(real, imaginary, sign) {
    for (let k = 0; k < size; k++) {
      if (reversed[k] > k) {
        for (let column = 0; column < size; column++) {
          swap(real, k * size + column, reversed[k] * size + column);
          swap(imaginary, k * size + column, reversed[k] * size + column);
        }
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let first = 0; first < size; first += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cosines[k * step];
          const s = sign * sines[k * step];
          const shift = half * size;
          const end = (first + k + 1) * size;
          for (let i = end - size; i < end; i++) {
            const j = i + shift;
            const x = real[j] * c - imaginary[j] * s;
            const y = real[j] * s + imaginary[j] * c;
            real[j] = real[i] - x;
            imaginary[j] = imaginary[i] - y;
            real[i] += x;
            imaginary[i] += y;
          }
        }
      }
    }
  }

  function run(real, imaginary, sign, rows) {
    for (const row of rows ?? Array(size).keys()) alongRow(real, imaginary, row * size, sign);
    alongColumns(real, imaginary, sign);
  }

  return {
    size,
    forward: (real, imaginary) => run(real, imaginary, -1),
    // `rows` are those that hold anything but zeros.
    backward: (real, imaginary, rows) => run(real, imaginary, 1, rows),
  };
}

function swap(values, i, j) {
  const kept = values[i];
  values[i] = values[j];
  values[j] = kept;
}
