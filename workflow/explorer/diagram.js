// The phase diagram at the present angle: J along, D up. The lines are the texture model's, the
// points are relaxed sets of a run.

import { fitCanvas, INK } from "./dom.js";
import { domainMargin, effective, PHASES, stabilityLimit } from "./model.js";
import { features } from "./networks.js";

const MARGIN = { left: 46, right: 10, top: 10, bottom: 38 };
const MUTED = "#4a5863";
const UNKNOWN = "#e4e6e8";
export const MARKERS = { FM: "square", NCD: "circle", MD: "triangle" };
const CATCH_PX = 14;
const MOST_PER_POINT = 12; // pixels of the ground for a point of the map

// Evaluate the model on a grid of the box at one angle: `limit` (J,) is D_c, `margin` (D, J) is
// positive in MD, and NaN where the model does not know the state.
export function phaseMap(model, angleDeg, count) {
  const { exchange, anisotropy } = model.about.ranges;
  const steps = Array.from({ length: count }, (_, k) => k / (count - 1));
  const along = ([low, high]) => steps.map((step) => low + step * (high - low));
  const [exchanges, anisotropies] = [along(exchange), along(anisotropy)];
  const known = (j, d) => {
    try {
      return effective(model, angleDeg, j, d);
    } catch {
      return null;
    }
  };
  const limit = exchanges.map((j) => {
    const found = known(j, anisotropy[0]);
    return found ? stabilityLimit(model, features(found.parameters, found.registry)) : NaN;
  });
  const margin = new Float64Array(count * count);
  anisotropies.forEach((d, row) => exchanges.forEach((j, column) => {
    const found = known(j, d);
    margin[row * count + column] = found
      ? domainMargin(model, features(found.parameters, found.registry)) : NaN;
  }));
  return { angleDeg, count, exchanges, anisotropies, limit, margin };
}

// Return the pieces of the NCD-MD line, [[J, D], [J, D]] each, where `margin` changes its sign.
export function domainLine({ count, exchanges, anisotropies, margin }) {
  const pieces = [];
  const corners = [[0, 0], [0, 1], [1, 1], [1, 0]];
  for (let row = 0; row + 1 < count; row++) {
    for (let column = 0; column + 1 < count; column++) {
      const crossed = [];
      corners.forEach(([r, c], k) => {
        const [s, d] = corners[(k + 1) % 4];
        const one = margin[(row + r) * count + column + c];
        const two = margin[(row + s) * count + column + d];
        if (one > 0 === two > 0 || Number.isNaN(one + two)) return;
        const share = one / (one - two);
        const between = (values, from, to) => values[from] + share * (values[to] - values[from]);
        crossed.push([
          between(exchanges, column + c, column + d),
          between(anisotropies, row + r, row + s),
        ]);
      });
      for (let k = 0; k + 1 < crossed.length; k += 2) pieces.push([crossed[k], crossed[k + 1]]);
    }
  }
  return pieces;
}

// Return what draws a diagram on a canvas and finds what is under the pointer.
export function makeDiagram(canvas, ranges, colors) {
  let map = null;
  let points = [];
  let traced = [];
  let ground = null;

  function frame() {
    const { context, width, height } = fitCanvas(canvas);
    const { left, right, top, bottom } = MARGIN;
    const size = [width - left - right, height - top - bottom];
    const [[j0, j1], [d0, d1]] = [ranges.exchange, ranges.anisotropy];
    return {
      context, width, height, size,
      toScreen: ([j, d]) => [
        left + (size[0] * (j - j0)) / (j1 - j0),
        top + size[1] * (1 - (d - d0) / (d1 - d0)),
      ],
      toBox: ([x, y]) => [
        j0 + ((j1 - j0) * (x - left)) / size[0],
        d0 + (d1 - d0) * (1 - (y - top) / size[1]),
      ],
    };
  }

  // Colour every pixel of the box by its phase; a coarse map has no use for all of them.
  function paintGround({ size }) {
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = size.map((side) =>
      Math.max(2, Math.round(Math.min(side * ratio, MOST_PER_POINT * map.count))));
    ground = document.createElement("canvas");
    [ground.width, ground.height] = [across, down];
    ground.side = size[0];
    const context = ground.getContext("2d");
    const data = context.createImageData(across, down);
    const words = new Uint32Array(data.data.buffer);
    const tint = [...PHASES.map((name) => colors.tints[name]), UNKNOWN].map((hex) => {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
      return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    });
    const { count, limit, margin } = map;
    const [[d0, d1]] = [ranges.anisotropy];
    for (let y = 0; y < down; y++) {
      const v = ((down - 1 - y) / (down - 1)) * (count - 1);
      const row = Math.min(Math.floor(v), count - 2);
      const d = d0 + ((d1 - d0) * v) / (count - 1);
      for (let x = 0; x < across; x++) {
        const u = (x / (across - 1)) * (count - 1);
        const column = Math.min(Math.floor(u), count - 2);
        const at = row * count + column;
        const [s, t] = [u - column, v - row];
        const value = (1 - t) * ((1 - s) * margin[at] + s * margin[at + 1]) +
          t * ((1 - s) * margin[at + count] + s * margin[at + count + 1]);
        const critical = (1 - s) * limit[column] + s * limit[column + 1];
        let phase = 1;
        if (Number.isNaN(value)) phase = 3;
        else if (value > 0) phase = 2;
        else if (d >= critical) phase = 0;
        words[y * across + x] = tint[phase];
      }
    }
    context.putImageData(data, 0, 0);
  }

  function paintLines({ context, toScreen }) {
    const { exchanges, anisotropies, limit, margin, count } = map;
    const top = anisotropies[count - 1];
    const step = top - anisotropies[0];
    context.strokeStyle = INK;
    context.lineCap = "round";
    context.lineWidth = 1.8;
    context.beginPath();
    for (const [one, two] of domainLine(map)) {
      context.moveTo(...toScreen(one));
      context.lineTo(...toScreen(two));
    }
    context.stroke();
    // The limit is a phase line where no domains win.
    context.setLineDash([7, 4]);
    context.beginPath();
    let drawing = false;
    for (let k = 0; k < 4 * (count - 1) + 1; k++) {
      const column = Math.min(Math.floor(k / 4), count - 2);
      const share = k / 4 - column;
      const j = exchanges[column] + share * (exchanges[column + 1] - exchanges[column]);
      const d = limit[column] + share * (limit[column + 1] - limit[column]);
      const row = Math.round(((d - anisotropies[0]) / step) * (count - 1));
      const inside = d <= top && d >= anisotropies[0] &&
        !(margin[Math.min(Math.max(row, 0), count - 1) * count + column] > 0);
      if (inside && drawing) context.lineTo(...toScreen([j, d]));
      else if (inside) context.moveTo(...toScreen([j, d]));
      drawing = inside;
    }
    context.stroke();
    context.setLineDash([]);
  }

  function paintAxes({ context, size, toScreen, height }) {
    const { left, top } = MARGIN;
    context.strokeStyle = MUTED;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, size[0] - 1, size[1] - 1);
    context.fillStyle = INK;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    for (const j of ticks(ranges.exchange)) {
      context.fillText(String(j), toScreen([j, 0])[0], height - MARGIN.bottom + 16);
    }
    context.fillText("J (meV)", left + size[0] / 2, height - 5);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const d of ticks(ranges.anisotropy)) {
      context.fillText(String(d), left - 6, toScreen([0, d])[1]);
    }
    context.save();
    context.translate(11, top + size[1] / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText("D (meV)", 0, 0);
    context.restore();
  }

  return {
    setMap(next) {
      map = next;
      ground = null;
    },
    // Relaxed sets, and the traced points [J, D] of both lines, of the nearest angle.
    setPoints(next, lines) {
      points = next;
      traced = lines;
    },
    // Draw all, with a mark at the present J and D, and a ring about the point under the pointer.
    draw({ J, D }, hovered) {
      const here = frame();
      const { context, width, height, size, toScreen } = here;
      if (size[0] < 10 || !map) return;
      if (ground?.side !== size[0]) paintGround(here);
      context.clearRect(0, 0, width, height);
      context.drawImage(ground, MARGIN.left, MARGIN.top, ...size);
      context.save();
      context.beginPath();
      context.rect(MARGIN.left, MARGIN.top, ...size);
      context.clip();
      paintLines(here);
      for (const line of traced) paintTraced(context, line.map(toScreen));
      for (const point of points) {
        marker(context, toScreen([point.J, point.D]), point.phase, colors.phases[point.phase]);
      }
      context.restore();
      paintAxes(here);
      if (hovered) ring(context, toScreen([hovered.J, hovered.D]));
      target(context, toScreen([J, D]));
    },
    // The point at a place of the canvas, or null.
    pointAt(place) {
      const { toScreen } = frame();
      let best = null;
      let nearest = CATCH_PX;
      for (const point of points) {
        const [x, y] = toScreen([point.J, point.D]);
        const distance = Math.hypot(x - place[0], y - place[1]);
        if (distance < nearest) [best, nearest] = [point, distance];
      }
      return best;
    },
    boxAt: (place) => frame().toBox(place),
    placeOf: (point) => frame().toScreen([point.J, point.D]),
  };
}

// Points of a line that was traced by relaxation: small diamonds.
export function paintTraced(context, places) {
  context.fillStyle = "#ffffff";
  context.strokeStyle = INK;
  context.lineWidth = 1.1;
  for (const [x, y] of places) {
    context.beginPath();
    for (const [dx, dy] of [[0, -3.6], [3.6, 0], [0, 3.6], [-3.6, 0]]) context.lineTo(x + dx, y + dy);
    context.closePath();
    context.fill();
    context.stroke();
  }
}

function ticks([low, high]) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k++) {
    found.push(Number((k * step).toPrecision(6)));
  }
  return found;
}

export function marker(context, [x, y], phase, color) {
  context.fillStyle = color;
  context.strokeStyle = INK;
  context.lineWidth = 0.9;
  context.beginPath();
  if (MARKERS[phase] === "square") context.rect(x - 3.2, y - 3.2, 6.4, 6.4);
  else if (MARKERS[phase] === "circle") context.arc(x, y, 3.6, 0, 2 * Math.PI);
  else if (MARKERS[phase] === "triangle") {
    context.moveTo(x, y - 4.4);
    context.lineTo(x + 4.1, y + 3);
    context.lineTo(x - 4.1, y + 3);
    context.closePath();
  } else context.rect(x - 1.2, y - 4, 2.4, 8);
  context.fill();
  context.stroke();
}

function ring(context, [x, y]) {
  context.strokeStyle = INK;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 8, 0, 2 * Math.PI);
  context.stroke();
}

// The mark of the present parameters: a cross in a ring, on white.
function target(context, [x, y]) {
  for (const [style, width] of [["#ffffff", 5], ["#b3163a", 2.2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 6, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 6 * dx, y + 6 * dy);
      context.lineTo(x + 12 * dx, y + 12 * dy);
    }
    context.stroke();
  }
}
