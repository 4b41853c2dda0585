// The images on their canvases: colours, moire cell, stackings, arrows, scale bar.

import { fitCanvas, INK } from "./dom.js";
import { moirePeriodNm } from "./texture.js";
import { seeLayer, turned } from "./window.js";

const ARROWS = 15; // along a side
const SHORTEST_ARROW = 0.05;
const DARK_BEYOND = 0.6; // |S^z| whose colour hides a dark arrow
const LABEL = "600 13px system-ui, sans-serif";

// Return the colours of a map, (entry, 3), of a text with two letters for each byte.
export function readColors(text) {
  return Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
}

// Colour a canvas with a pixel for each of an image's, and return it: `limit` is what the ends of the
// colour map stand for.
export function colored(canvas, image, { pixels, limit, colors }) {
  if (canvas.width !== pixels || canvas.height !== pixels) {
    [canvas.width, canvas.height] = [pixels, pixels];
  }
  const context = canvas.getContext("2d");
  const data = context.createImageData(pixels, pixels);
  const words = new Uint32Array(data.data.buffer);
  const entries = colors.length / 3;
  const packed = new Uint32Array(entries);
  for (let k = 0; k < entries; k++) {
    packed[k] = 0xff000000 | (colors[3 * k + 2] << 16) | (colors[3 * k + 1] << 8) | colors[3 * k];
  }
  for (let row = 0; row < pixels; row++) {
    // Rows of an image run upwards, those of a canvas downwards.
    const from = (pixels - 1 - row) * pixels;
    for (let column = 0; column < pixels; column++) {
      const share = 0.5 + (0.5 * image[from + column]) / limit;
      const entry = Math.min(Math.max(Math.floor(share * entries), 0), entries - 1);
      words[row * pixels + column] = packed[entry];
    }
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

// Paint an image and what is asked for on top of it.
//
// `layer` is whose spins the arrows show; null for none.
export function paint(context, side, { small, texture, pose, layer, marks }) {
  context.imageSmoothingEnabled = side / small.width < 6;
  context.drawImage(small, 0, 0, side, side);
  const toScreen = screenMap(pose, side);
  context.save();
  context.beginPath();
  context.rect(0, 0, side, side);
  context.clip();
  if (marks.arrows && layer !== null) paintArrows(context, side, texture, pose, layer);
  if (marks.cell) paintCell(context, side, texture, pose, toScreen);
  context.restore();
  paintScale(context, side, pose.sideNm);
}

// Return the function from a place on the sample (nm) to the canvas.
function screenMap({ sideNm, rotationDeg, xNm, yNm }, side) {
  const angle = (rotationDeg * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => {
    const [dx, dy] = [x - xNm, y - yNm];
    const along = cosine * dx + sine * dy;
    const up = cosine * dy - sine * dx;
    return [side * (0.5 + along / sideNm), side * (0.5 - up / sideNm)];
  };
}

// The moire cell about the common hexagon centre that is nearest to the middle, with its stackings.
function paintCell(context, side, texture, pose, toScreen) {
  const period = moirePeriodNm(texture);
  const vectors = [[(period * Math.sqrt(3)) / 2, period / 2], [0, period]];
  const place = (u, v) => [0, 1].map((axis) => u * vectors[0][axis] + v * vectors[1][axis]);
  const u = Math.round(pose.xNm / vectors[0][0]);
  const v = Math.round((pose.yNm - u * vectors[0][1]) / period);
  const corner = (p, q) => toScreen(place(u + p, v + q));
  const corners = [corner(-0.5, -0.5), corner(0.5, -0.5), corner(0.5, 0.5), corner(-0.5, 0.5)];
  for (const [style, width] of [["rgba(255,255,255,0.75)", 3.5], [INK, 1.3]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    corners.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.stroke();
  }
  if ((side * period) / pose.sideNm < 110) return;
  // fig02.find_stackings
  context.font = "11px system-ui, sans-serif";
  for (const [name, third] of [["AA", 0], ["AB", -1 / 3], ["BA", 1 / 3]]) {
    plate(context, name, corner(third, third), "center");
  }
}

// Write a word on a light plate.
function plate(context, text, [x, y], align) {
  const width = context.measureText(text).width + 10;
  const left = align === "center" ? x - width / 2 : x;
  context.fillStyle = "rgba(255,255,255,0.82)";
  context.beginPath();
  context.roundRect(left, y - 9, width, 18, 4);
  context.fill();
  context.fillStyle = INK;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, left + width / 2, y + 0.5);
}

// The in-plane spins along the axes of the window; an arrow as long as the spacing is a spin in the
// plane.
function paintArrows(context, side, texture, pose, layer) {
  const coarse = { ...pose, pixels: ARROWS };
  const alongX = seeLayer(texture, texture.inPlane[layer], layer, coarse);
  const alongZ = seeLayer(texture, texture.outOfPlane[layer], layer, coarse);
  const spacing = side / ARROWS;
  // One path for each colour: a path of its own for each arrow would cost three times as much.
  const [dark, light] = [new Path2D(), new Path2D()];
  alongX.forEach((value, k) => {
    if (Math.abs(value) < SHORTEST_ARROW) return;
    const [x, y] = turned(pose, value * spacing);
    const column = (k % ARROWS) + 0.5;
    const row = ARROWS - Math.floor(k / ARROWS) - 0.5;
    const path = Math.abs(alongZ[k]) > DARK_BEYOND ? light : dark;
    addArrow(path, column * spacing, row * spacing, x, -y);
  });
  context.lineWidth = 1.6;
  for (const [style, path] of [[INK, dark], ["#ffffff", light]]) {
    context.strokeStyle = style;
    context.stroke(path);
  }
}

function addArrow(path, x, y, dx, dy) {
  const length = Math.hypot(dx, dy);
  const head = Math.min(6, 0.45 * length);
  const [ux, uy] = [dx / length, dy / length];
  const [endX, endY] = [x + dx / 2, y + dy / 2];
  path.moveTo(x - dx / 2, y - dy / 2);
  path.lineTo(endX, endY);
  path.moveTo(endX - head * (ux - 0.6 * uy), endY - head * (uy + 0.6 * ux));
  path.lineTo(endX, endY);
  path.lineTo(endX - head * (ux + 0.6 * uy), endY - head * (uy - 0.6 * ux));
}

// A bar of a round length in the lower left corner.
function paintScale(context, side, sideNm) {
  const wanted = 0.3 * sideNm;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = [5, 2, 1].find((step) => step * power <= wanted) * power;
  const width = (side * length) / sideNm;
  context.font = LABEL;
  const text = `${Number(length.toPrecision(3))} nm`;
  const plateWidth = Math.max(width, context.measureText(text).width) + 16;
  context.fillStyle = "rgba(255,255,255,0.82)";
  context.beginPath();
  context.roundRect(8, side - 42, plateWidth, 34, 5);
  context.fill();
  context.fillStyle = INK;
  context.fillRect(16, side - 17, width, 3);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillText(text, 16, side - 24);
}

// Paint the scale of colours with its ends.
export function paintColorBar(canvas, colors) {
  const { context, width, height } = fitCanvas(canvas);
  const entries = colors.length / 3;
  for (let k = 0; k < entries; k++) {
    context.fillStyle = `rgb(${colors.subarray(3 * k, 3 * k + 3).join(",")})`;
    context.fillRect((k * width) / entries, 0, width / entries + 1, height);
  }
}
