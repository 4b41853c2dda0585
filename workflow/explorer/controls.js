// The inputs of the page: what they show follows the view, and what one does to them changes it.

import { element } from "./dom.js";
import { angleAt, bound, FIELDS, positionOf, rounded, written } from "./view.js";

const NUMBERS = Object.keys(FIELDS).filter((name) => !FIELDS[name].words);
const CHECKS = ["noise", "cell", "arrows"];
const ZOOM_STEP = 1.25;
const TURN_DEG = 5;

// Join the inputs to `change`, which takes the fields that change.
export function joinControls(change) {
  for (const name of NUMBERS) {
    const input = element(name);
    input.min = FIELDS[name].lowest;
    input.max = FIELDS[name].highest;
    // While one types, numbers that are not allowed yet are left alone.
    input.addEventListener("input", () => {
      if (input.value !== "" && bound(name, input.value) === Number(input.value)) {
        change({ [name]: Number(input.value) });
      }
    });
    input.addEventListener("change", () => change({ [name]: bound(name, input.value) }, true));
  }
  const angle = element("theta-slider");
  angle.addEventListener("input", () => change({ theta: angleAt(Number(angle.value)) }));
  for (const name of ["J", "D"]) {
    const slider = element(`${name}-slider`);
    slider.min = FIELDS[name].lowest;
    slider.max = FIELDS[name].highest;
    slider.addEventListener("input", () => change({ [name]: rounded(name, Number(slider.value)) }));
  }
  for (const name of CHECKS) {
    element(name).addEventListener("change", (event) =>
      change({ [name]: event.target.checked ? "on" : "off" }));
  }
  element("probe").addEventListener("change", (event) => change({ probe: event.target.value }));
}

// Let the inputs show a view; the one that is being typed in keeps its text unless `all`.
export function showView(view, all) {
  for (const name of NUMBERS) {
    const input = element(name);
    if (all || input !== document.activeElement) input.value = written(name, view[name]);
  }
  const sliders = { theta: positionOf(view.theta), J: view.J, D: view.D };
  const units = { theta: "degrees", J: "milli electron volts", D: "milli electron volts" };
  for (const [name, value] of Object.entries(sliders)) {
    const slider = element(`${name}-slider`);
    slider.value = value;
    slider.setAttribute("aria-valuetext", `${written(name, view[name])} ${units[name]}`);
  }
  for (const name of CHECKS) element(name).checked = view[name] === "on";
  element("probe").value = view.probe;
  const hide = (kind, hidden) => {
    for (const part of document.querySelectorAll(`.${kind}`)) part.hidden = hidden;
  };
  hide("stray", view.probe !== "stray-field");
  hide("noise", view.noise !== "on");
  element("arrows").disabled = view.probe === "net" || view.probe === "stray-field";
}

// Let an image be dragged, pinched, scrolled and moved by keys. `read` gives the view.
export function joinImage(canvas, read, change, point) {
  const fingers = new Map();
  const place = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [(event.clientX - left) / width - 0.5, 0.5 - (event.clientY - top) / width];
  };
  const inspect = (event) => point(event ? place(event) : null);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    inspect(event);
    if (!fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, place(event));
    const after = [...fingers.values()];
    const middle = (all) => [0, 1].map((k) => all.reduce((sum, one) => sum + one[k], 0) / all.length);
    const spread = (all) => Math.hypot(all[0][0] - all[1][0], all[0][1] - all[1][1]);
    const factor = after.length === 2 ? spread(before) / Math.max(spread(after), 1e-3) : 1;
    change(moved(read(), middle(before), middle(after), factor));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("pointerleave", () => inspect(null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const here = place(event);
    change(moved(read(), here, here, Math.exp(0.0015 * event.deltaY)));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.25 : 0.05;
    const view = read();
    const shifts = {
      ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
    };
    const wanted = {
      "+": () => zoomed(view, 1 / ZOOM_STEP),
      "=": () => zoomed(view, 1 / ZOOM_STEP),
      "-": () => zoomed(view, ZOOM_STEP),
      "[": () => ({ rotation: bound("rotation", view.rotation + TURN_DEG) }),
      "]": () => ({ rotation: bound("rotation", view.rotation - TURN_DEG) }),
      Home: () => home(),
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in shifts) change(moved(view, [0, 0], shifts[event.key], 1));
    else if (event.key in wanted) change(wanted[event.key]());
    else return;
    event.preventDefault();
  });
}

// Return the window that shows at `after` what was at `before`, both in units of the side from the
// middle, with its side multiplied by `factor`.
function moved(view, before, after, factor) {
  const side = bound("window", view.window * factor);
  const angle = (view.rotation * Math.PI) / 180;
  const shift = [0, 1].map((k) => before[k] * view.window - after[k] * side);
  const x = view.x + Math.cos(angle) * shift[0] - Math.sin(angle) * shift[1];
  const y = view.y + Math.sin(angle) * shift[0] + Math.cos(angle) * shift[1];
  return { window: side, x: bound("x", x), y: bound("y", y) };
}

export function zoomed(view, factor) {
  return moved(view, [0, 0], [0, 0], factor);
}

export function home() {
  return Object.fromEntries(["window", "rotation", "x", "y"].map((name) => [name, FIELDS[name].initial]));
}

export { ZOOM_STEP };
