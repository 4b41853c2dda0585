// The lines that give the same elsewhere: on the command line, and in a run's config.

import { nearestIndex, twistAngleDeg } from "./model.js";
import { written } from "./view.js";

// moirespin draw: the texture model, by `model`, the path of its file; "" for the shipped one.
export function drawLine(view, model) {
  const parts = [
    "moirespin draw",
    `--twist-deg ${written("theta", view.theta)}`,
    ...physics(view),
    ...pose(view),
    ...(model ? [`--model ${model}`] : []),
    "--out drawn.png",
  ];
  return parts.join(" ");
}

// moirespin state: the relaxation, at the nearest commensurate angle.
export function stateLine(view) {
  const m = nearestIndex(view.theta);
  return [`moirespin state --m ${m}`, ...physics(view), ...pose(view), "--out state.png"].join(" ");
}

// A config file to lay over config.yaml: images and figure 2 of a run show this state.
export function configLines(view) {
  const m = nearestIndex(view.theta);
  const phase = view.phase.toLowerCase();
  const numbers = ["J", "D"].map((name) => written(name, view[name]));
  return [
    "# view.yaml, for: snakemake --configfile config.yaml view.yaml -- fig02",
    `run: theta${twistAngleDeg(m).toFixed(2).replace(".", "-")}`,
    "sweep:",
    `  twist_indices: [${m}] # ${twistAngleDeg(m).toFixed(4)} degrees`,
    "images:",
    `  window_nm: ${decimal(written("window", view.window))}`,
    `  pixels: ${view.pixels}`,
    `  generator_pixels: ${view.pixels - 3}`,
    "figures:",
    "  fig02:",
    `    twist_index: ${m}`,
    `    ${phase}:`,
    `      exchange_mev: ${decimal(numbers[0])}`,
    `      anisotropy_mev: ${decimal(numbers[1])}`,
  ].join("\n");
}

function physics(view) {
  return [
    `--exchange-mev ${written("J", view.J)}`,
    `--anisotropy-mev ${written("D", view.D)}`,
  ];
}

function pose(view) {
  const parts = [`--window-nm ${written("window", view.window)}`, `--pixels ${view.pixels}`];
  if (view.rotation) parts.push(`--rotation-deg ${written("rotation", view.rotation)}`);
  if (view.x || view.y) parts.push(`--offset-nm ${written("x", view.x)} ${written("y", view.y)}`);
  return parts;
}

function decimal(text) {
  return text.includes(".") || text.includes("e") ? text : `${text}.0`;
}
