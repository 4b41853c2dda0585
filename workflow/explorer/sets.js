// The relaxed sets of a run beside the diagram: hover shows them, a click or a key jumps there.

import { element } from "./dom.js";
import { twistAngleDeg } from "./model.js";
import { bound } from "./view.js";


// Return the sets as rows, by twist index. `columns` is {m, J, D, phase, top, bottom}.
export function readSets(columns) {
  const rows = new Map();
  columns.m.forEach((m, k) => {
    const point = { m, theta: twistAngleDeg(m) };
    for (const name of ["number", "J", "D", "top", "bottom"]) point[name] = columns[name][k];
    point.phase = columns.phases[columns.phase[k]];
    if (!rows.has(m)) rows.set(m, []);
    rows.get(m).push(point);
  });
  return rows;
}

// Return the sampled twist index whose angle is nearest, or null.
export function nearestSampled(rows, angleDeg) {
  let best = null;
  for (const m of rows.keys()) {
    const off = Math.abs(twistAngleDeg(m) - angleDeg);
    if (best === null || off < Math.abs(twistAngleDeg(best) - angleDeg)) best = m;
  }
  return best;
}

// Join the diagram to the view. `jump` changes theta, J and D; `preview` paints a set's texture on a
// canvas; `repaint` draws the diagram with the set that is shown.
export function joinDiagram(canvas, diagram, { read, points, jump, preview, repaint }) {
  let shown = null;
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const show = (point) => {
    if (point === shown) return;
    shown = point;
    const tip = element("tip");
    tip.hidden = !point;
    repaint(shown);
    if (!point) return;
    element("tip-text").textContent = describe(point);
    preview(point, element("tip-image"));
    const [x, y] = diagram.placeOf(point);
    const { clientWidth } = canvas;
    tip.style.left = `${Math.max(0, Math.min(x + 12, clientWidth - tip.offsetWidth))}px`;
    tip.style.top = y > tip.offsetHeight + 14 ? `${y - tip.offsetHeight - 12}px` : `${y + 14}px`;
  };
  const goTo = (point) => jump({ theta: point.theta, J: point.J, D: point.D });
  const toPlace = (at) => {
    const [j, d] = diagram.boxAt(at);
    jump({ J: bound("J", Number(j.toFixed(2))), D: bound("D", Number(d.toFixed(3))) });
  };
  const act = (event) => {
    const point = diagram.pointAt(place(event));
    if (point) goTo(point);
    else toPlace(place(event));
    return point;
  };
  let dragging = false;
  let touched = false;
  canvas.addEventListener("pointerdown", (event) => {
    touched = event.pointerType !== "mouse";
    if (touched) return;
    canvas.setPointerCapture(event.pointerId);
    dragging = !act(event);
  });
  // A finger may be there to scroll: it acts when it has tapped.
  canvas.addEventListener("click", (event) => {
    if (touched) act(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragging) toPlace(place(event));
    else show(diagram.pointAt(place(event)));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => { dragging = false; });
  }
  canvas.addEventListener("pointerleave", () => show(null));
  canvas.addEventListener("blur", () => show(null));

  // The next or previous set of the angle, from the present one, or from the nearest.
  const step = (by) => {
    const all = points();
    if (!all.length) return;
    const { theta, J, D } = read();
    const here = all.findIndex((point) => point.J === J && point.D === D &&
      Math.abs(point.theta - theta) < 1e-4);
    const next = here < 0 ? 0 : (here + by + all.length) % all.length;
    goTo(all[next]);
    show(null);
  };
  element("next").addEventListener("click", () => step(1));
  element("previous").addEventListener("click", () => step(-1));
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { J, D } = read();
    const far = event.shiftKey ? 5 : 1;
    const moves = {
      ArrowLeft: { J: J - 0.1 * far }, ArrowRight: { J: J + 0.1 * far },
      ArrowDown: { D: D - 0.005 * far }, ArrowUp: { D: D + 0.005 * far },
    };
    if (event.key in moves) {
      const [[name, value]] = Object.entries(moves[event.key]);
      jump({ [name]: bound(name, Number(value.toFixed(4))) });
    } else if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else return;
    event.preventDefault();
  });
}

function describe({ m, number, phase, J, D, top, bottom }) {
  return `${phase}: J = ${J.toFixed(3)} meV, D = ${D.toFixed(4)} meV; mean Sᶻ ${top.toFixed(3)},` +
    ` ${bottom.toFixed(3)}. Set ${number} at m = ${m}, relaxed.`;
}
