// The page: what is drawn when, and what its buttons do.

import { copy, element, fitCanvas, INK, save } from "./dom.js";
import { configLines, drawLine, stateLine } from "./commands.js";
import { home, joinControls, joinImage, showView, zoomed, ZOOM_STEP } from "./controls.js";
import { makeDiagram, marker, paintTraced, phaseMap } from "./diagram.js";
import { loadModel, PHASES } from "./model.js";
import { collect, inWords, nearestAngle, spoken } from "./numbers.js";
import { colored, paint, paintColorBar, readColors } from "./picture.js";
import { addNoise, CHANNELS, observe } from "./probes.js";
import { fromBase64 } from "./safetensors.js";
import { joinDiagram, nearestSampled, readSets } from "./sets.js";
import { pixelTable } from "./table.js";
import { drawTexture, moirePeriodNm } from "./texture.js";
import { bound, fromHash, probeOf, setRanges, toHash, windowOf, written } from "./view.js";

// Points along a side of the phase diagram while theta moves, and at rest.
const [COARSE_POINTS, FINE_POINTS] = [12, 56];
const REST_MS = 250;
// While theta moves the diagram follows less often than the images: it takes a fifth of the time.
const [LEAST_MAP_MS, MAP_SHARE] = [150, 0.2];
// While something moves, textures are coarse where a frame takes longer.
const LONGEST_FRAME_MS = 30;
const PREVIEW_PIXELS = 72;

const record = JSON.parse(element("record").textContent);
const model = loadModel(fromBase64(element("weights").textContent), record.about);
element("weights").remove();
const colors = { spin: readColors(record.colors.spin), field: readColors(record.colors.field) };
const sets = readSets(record.sets);
const diagram = makeDiagram(element("diagram"), model.about.ranges, record.colors);

setRanges(model.about.ranges);
// Images before they are scaled to their place on the page.
const smalls = [0, 1].map(() => document.createElement("canvas"));
let view = fromHash(location.hash);
let state = null; // {texture, images, numbers, limit}, or null where the model refuses
let mapped = null; // angle and points of the phase map, and when the next is due
let barred = null; // colours of the bar
let hovered = null;
let pointed = null;
let waiting = false;
let rest = 0;
let slow = false;

function change(fields, all = false) {
  view = { ...view, ...fields };
  showView(view, all);
  if (!waiting) requestAnimationFrame(render);
  waiting = true;
  clearTimeout(rest);
  rest = setTimeout(settle, REST_MS);
}

// Return the texture, the images and the numbers of a view; what has not changed is kept.
function evaluate(wanted, coarse, before) {
  const same = before && before.texture.coarse === coarse &&
    before.texture.angleDeg === wanted.theta && before.texture.exchangeMev === wanted.J &&
    before.texture.anisotropyMev === wanted.D;
  const texture = same ? before.texture
    : drawTexture(model, wanted.theta, wanted.J, wanted.D, coarse);
  const pose = windowOf(wanted);
  const clean = observe(texture, probeOf(wanted, record.magnet), pose);
  const noisy = wanted.noise === "on";
  const images = noisy
    ? clean.map((image, k) => addNoise(image, wanted.snr, 2 * wanted.seed + k)) : clean;
  const largest = clean[0].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const limit = wanted.probe === "stray-field" ? Number(largest.toPrecision(2)) : 1;
  return { texture, images, pose, limit, numbers: same ? before.numbers : collect(texture) };
}

function render() {
  const begun = performance.now();
  waiting = false;
  drawState(slow);
  showPlane(COARSE_POINTS);
  slow ||= performance.now() - begun > LONGEST_FRAME_MS;
}

// A coarse state has half the pixels along a side.
function drawState(coarse) {
  try {
    const pixels = coarse ? Math.ceil(view.pixels / 2) : view.pixels;
    state = evaluate({ ...view, pixels }, coarse, state);
    element("refusal").hidden = true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    state = null;
    element("refusal").textContent = error.message;
    element("refusal").hidden = false;
  }
  // Texts first: each measure of a canvas after a new text would lay the page out once more.
  showNumbers();
  showLegend();
  paintImages();
}

function showLegend() {
  const { images: names, unit } = CHANNELS[view.probe];
  document.querySelector(".images").classList.toggle("single", names.length === 1);
  names.forEach((name, k) => {
    element(`name${k}`).textContent = name;
    element(`image${k}`).setAttribute("aria-label", state ? `${name}, ${state.numbers.phase},` +
      ` window of ${written("window", view.window)} nanometres` : name);
  });
  element("plane-angle").textContent = `θ = ${written("theta", view.theta)}°`;
  const limit = state && unit ? state.limit : 1;
  element("low").textContent = `−${limit}`;
  element("high").textContent = `+${limit}`;
  showReadout();
  const palette = unit ? colors.field : colors.spin;
  if (palette === barred) return;
  barred = palette;
  element("quantity").innerHTML = unit ? `field along the sensor (${unit})` : "S<sup>z</sup>";
  paintColorBar(element("bar"), palette);
}

function paintImages() {
  const { images: names, unit } = CHANNELS[view.probe];
  names.forEach((_, k) => {
    const canvas = element(`image${k}`);
    canvas.classList.toggle("faded", !state);
    if (!state) return;
    const { context, width } = fitCanvas(canvas);
    paint(context, width, picture(k, unit ? colors.field : colors.spin));
  });
}

function picture(k, palette) {
  return {
    small: colored(smalls[k], state.images[k], {
      pixels: state.pose.pixels, limit: state.limit, colors: palette,
    }),
    texture: state.texture,
    pose: state.pose,
    layer: view.probe === "both" || view.probe === "top" ? k : null,
    marks: { cell: view.cell === "on", arrows: view.arrows === "on" },
  };
}

// The place and the values under the pointer.
function showReadout() {
  const { unit } = CHANNELS[view.probe];
  if (!pointed || !state) {
    element("readout").textContent = "";
    return;
  }
  const { window: side, rotation, x, y } = view;
  const { pixels } = state.pose;
  const angle = (rotation * Math.PI) / 180;
  const [u, v] = pointed.map((share) => share * side);
  const place = [
    x + Math.cos(angle) * u - Math.sin(angle) * v,
    y + Math.sin(angle) * u + Math.cos(angle) * v,
  ];
  const [column, row] = pointed.map((share) =>
    Math.min(Math.max(Math.floor((share + 0.5) * pixels), 0), pixels - 1));
  const values = state.images.map((image) => image[row * pixels + column].toFixed(unit ? 1 : 3));
  element("readout").textContent =
    `${place.map((part) => part.toFixed(1)).join(", ")} nm: ${values.join(", ")} ${unit}`;
}

function showNumbers() {
  if (!state) {
    for (const cell of document.querySelectorAll(".numbers dd")) cell.textContent = "–";
    return;
  }
  const { phase } = state.numbers;
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = record.colors.phases[phase];
  element("phase").replaceChildren(swatch, phase);
  for (const [id, [value, more]] of Object.entries(inWords(state.numbers))) {
    const small = document.createElement("small");
    small.textContent = more;
    element(id).replaceChildren(`${value} `, small);
  }
  const near = nearestAngle(view.theta);
  element("snap").textContent = `commensurate: m = ${near.m}, ${near.angleDeg.toFixed(4)}°`;
}

function showPlane(points) {
  const begun = performance.now();
  const fresh = mapped?.theta === view.theta && mapped.points >= points;
  const soon = points < FINE_POINTS && mapped && begun < mapped.next;
  const due = !fresh && !soon;
  if (due) diagram.setMap(phaseMap(model, view.theta, points));
  diagram.setPoints(presentSets(), record.lines[nearestSampled(sets, view.theta)] ?? []);
  diagram.draw(view, hovered);
  if (!due) return;
  const taken = performance.now() - begun;
  mapped = { theta: view.theta, points, next: begun + Math.max(LEAST_MAP_MS, taken / MAP_SHARE) };
}

function presentSets() {
  return sets.get(nearestSampled(sets, view.theta)) ?? [];
}

// What need not follow every frame.
function settle() {
  clearTimeout(rest);
  [rest, slow] = [0, false];
  if (state?.texture.coarse) drawState(false);
  showPlane(FINE_POINTS);
  const hash = toHash(view);
  if (hash !== location.hash) {
    try {
      history.replaceState(null, "", hash);
    } catch {
      // Some browsers refuse this for files.
      location.replace(hash);
    }
  }
  const m = nearestSampled(sets, view.theta);
  element("sets").hidden = m === null;
  element("sets-text").textContent = `${presentSets().length} relaxed sets at m = ${m},` +
    ` ${nearestAngle(view.theta).m === m ? "the nearest angle" : "the nearest angle of the run"}`;
  showCommand("draw-line", drawLine(view, record.model_path));
  showCommand("state-line", stateLine(view));
  const phase = state?.numbers.phase ?? "MD";
  element("config-lines").textContent = configLines({ ...view, phase });
  element("spoken").textContent = state ? spoken(state.numbers) : "";
}

// Each option is an element of its own, so that lines break between options.
function showCommand(id, text) {
  const parts = text.split(" --");
  element(id).replaceChildren(...parts.map((part, k) => {
    const span = document.createElement("span");
    span.textContent = `${k ? "--" : ""}${part}${k + 1 < parts.length ? " " : ""}`;
    return span;
  }));
}

function preview(point, canvas) {
  const { context, width, height } = fitCanvas(canvas);
  const side = 1.6 * moirePeriodNm({ angleDeg: point.theta, latticeNm: model.about.lattice.lattice_constant_nm });
  const pose = { sideNm: side, pixels: PREVIEW_PIXELS, rotationDeg: 0, xNm: 0, yNm: 0 };
  context.clearRect(0, 0, width, height);
  try {
    const texture = drawTexture(model, point.theta, point.J, point.D);
    const sharp = { ...probeOf(view, record.magnet), channel: "both", pointSpreadNm: 0, apertureNm: 0 };
    observe(texture, sharp, pose).forEach((image, k) => {
      const small = colored(smalls[k], image, { pixels: PREVIEW_PIXELS, limit: 1, colors: colors.spin });
      context.drawImage(small, (k * width) / 2 + k, 0, width / 2 - 1, height);
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

// The name of a file that holds this view.
function fileName(ending) {
  const parts = ["theta", "J", "D"].map((name) => `${name}${written(name, view[name])}`);
  return `moire_${parts.join("_")}.${ending}`;
}

function savePicture() {
  const side = 900;
  const canvas = document.createElement("canvas");
  const { images: names, unit } = CHANNELS[view.probe];
  const [gap, head] = [24, 64];
  [canvas.width, canvas.height] = [names.length * (side + gap) - gap, side + head];
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  names.forEach((name, k) => {
    context.setTransform(1, 0, 0, 1, k * (side + gap), 0);
    context.fillStyle = "#14202b";
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.font = "600 24px system-ui, sans-serif";
    context.fillText(name, 0, 26);
    context.font = "18px system-ui, sans-serif";
    const scale = unit ? `±${state.limit} ${unit}` : "Sᶻ from −1 to +1";
    const words = ["θ = $theta°", "J = $J meV", "D = $D meV"].map((text) =>
      text.replace(/\$(\w+)/, (_, field) => written(field, view[field])));
    context.fillText(`${[...words, state.numbers.phase, scale].join(", ")}`, 0, 52);
    context.setTransform(1, 0, 0, 1, k * (side + gap), head);
    paint(context, side, picture(k, unit ? colors.field : colors.spin));
  });
  canvas.toBlob((blob) => save(fileName("png"), blob));
}

function saveTable() {
  const text = pixelTable(state.texture, state.pose, state.images, {
    spins: view.probe === "both" && view.noise === "off" && view.psf === 0 && view.aperture === 0,
    names: view.probe === "both" ? ["top_sz", "bottom_sz"]
      : [{ net: "net_sz", top: "top_sz", "stray-field": "field_ut" }[view.probe]],
  });
  save(fileName("csv"), new Blob([text], { type: "text/csv" }));
}

function saveNumbers() {
  const { made, sha256 } = model.about;
  const all = {
    ...state.numbers,
    view: Object.fromEntries(Object.entries(view)),
    texture_model: { sha256, moirespin_version: made?.moirespin_version, code: made?.code },
    draw: drawLine(view, record.model_path),
  };
  save(fileName("json"), new Blob([`${JSON.stringify(all, null, 1)}\n`], { type: "application/json" }));
}

// What the marks of the diagram mean: phases, lines, and the points of a run.
function showKey() {
  const dash = (context, pattern) => {
    context.strokeStyle = INK;
    context.lineWidth = 1.8;
    context.setLineDash(pattern);
    context.beginPath();
    context.moveTo(0, 7);
    context.lineTo(14, 7);
    context.stroke();
  };
  const entries = PHASES.map((name) => [`${name} ${record.colors.words[name]}`, (context) => {
    context.fillStyle = record.colors.tints[name];
    context.fillRect(0, 0, 14, 14);
    if (sets.size) marker(context, [7, 7], name, record.colors.phases[name]);
  }]);
  entries.push(["equal energies of NCD and MD", (context) => dash(context, [])]);
  entries.push(["limit of the ferromagnet", (context) => dash(context, [5, 3])]);
  if (Object.keys(record.lines).length) {
    entries.push(["the same, traced by relaxation", (context) => paintTraced(context, [[7, 7]])]);
  }
  element("key").replaceChildren(...entries.map(([words, draw]) => {
    const item = document.createElement("li");
    const canvas = document.createElement("canvas");
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [14 * ratio, 14 * ratio];
    canvas.style.width = canvas.style.height = "14px";
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    draw(context);
    item.append(canvas, words);
    return item;
  }));
}

joinControls(change);
for (const k of [0, 1]) {
  joinImage(element(`image${k}`), () => view, change, (place) => {
    pointed = place;
    showReadout();
  });
}
joinDiagram(element("diagram"), diagram, {
  read: () => view,
  points: presentSets,
  jump: (fields) => change(fields, true),
  preview,
  repaint: (point) => {
    hovered = point;
    diagram.draw(view, hovered);
  },
});
const clicks = {
  snap: () => change({ theta: bound("theta", nearestAngle(view.theta).angleDeg) }, true),
  "zoom-in": () => change(zoomed(view, 1 / ZOOM_STEP)),
  "zoom-out": () => change(zoomed(view, ZOOM_STEP)),
  fit: () => change({ ...home(), window: bound("window", Number((2 * moirePeriodNm({
    angleDeg: view.theta, latticeNm: model.about.lattice.lattice_constant_nm,
  })).toPrecision(4))) }),
  home: () => change(home(), true),
  "save-png": () => state && savePicture(),
  "save-csv": () => state && saveTable(),
  "save-json": () => state && saveNumbers(),
  "copy-link": () => { settle(); copy(location.href, "link"); },
};
for (const [id, act] of Object.entries(clicks)) element(id).addEventListener("click", act);
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(element(button.dataset.copy).textContent, "lines"));
}
addEventListener("hashchange", () => {
  if (location.hash !== toHash(view)) change(fromHash(location.hash), true);
});
addEventListener("resize", () => {
  barred = null;
  change({});
});
showKey();
element("about").textContent = record.words;
showView(view, true);
render();
settle();

// For the console, and for tests: images() are the pixels, rows upwards, before they are coloured.
window.explorer = {
  model,
  diagram,
  change,
  drawState,
  atRest: () => rest === 0,
  images: () => state?.images,
  numbers: () => state?.numbers,
  phaseMap: (angleDeg, count) => phaseMap(model, angleDeg, count),
};
