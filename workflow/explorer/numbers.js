// The numbers of a state as words for the page, and as a record to take along.

import { nearestIndex, RESOLVED_MEV, twistAngleDeg } from "./model.js";
import { isolatedWallNm, magnetization, moirePeriodNm, wallWidthNm } from "./texture.js";

// Return all that follows from a texture, with names as `moirespin draw --json` has them.
export function collect(texture) {
  const [top, bottom] = magnetization(texture);
  return {
    twist_angle_deg: texture.angleDeg,
    exchange_mev: texture.exchangeMev,
    anisotropy_mev: texture.anisotropyMev,
    phase: texture.phase,
    energy_per_spin_mev: texture.energyMev,
    gap_per_spin_mev: texture.gapMev,
    magnetization_top: top,
    magnetization_bottom: bottom,
    moire_period_nm: moirePeriodNm(texture),
    wall_width_nm: wallWidthNm(texture),
    isolated_wall_width_nm: isolatedWallNm(texture),
    ferromagnetic_above_anisotropy_mev: texture.limitMev,
    nearest_twist_index: nearestIndex(texture.angleDeg),
  };
}

export function signed(value, digits = 3) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

// Return {id: [text, note]} for the elements of the page.
export function inWords(numbers) {
  const gap = numbers.gap_per_spin_mev;
  const wall = numbers.wall_width_nm;
  const alone = `${numbers.isolated_wall_width_nm.toFixed(2)} nm for a wall alone`;
  return {
    gap: gap === null ? ["none", "no other branch"]
      : gap < RESOLVED_MEV ? ["< 0.2 µeV", "not resolved"]
        : [`${(1000 * gap).toPrecision(3)} µeV`, "per spin"],
    top: [signed(numbers.magnetization_top), ""],
    bottom: [signed(numbers.magnetization_bottom), ""],
    period: [`${numbers.moire_period_nm.toFixed(2)} nm`, ""],
    wall: wall === null ? ["no wall", alone] : [`${wall.toFixed(2)} nm`, alone],
    energy: [`${numbers.energy_per_spin_mev.toFixed(4).replace("-", "−")} meV`, "per spin"],
    limit: [`D = ${numbers.ferromagnetic_above_anisotropy_mev.toFixed(3)} meV`, "at this θ and J"],
  };
}

// Return one sentence for a screen reader.
export function spoken(numbers) {
  const { gap, wall } = inWords(numbers);
  const [top, bottom] = [numbers.magnetization_top, numbers.magnetization_bottom];
  return `Phase ${numbers.phase}, gap ${gap[0]}, mean spin of the top layer ${top.toFixed(2)}, of` +
    ` the bottom layer ${bottom.toFixed(2)}, wall width ${wall[0]}.`;
}

// Return what the button beside the angle says: the nearest commensurate angle.
export function nearestAngle(angleDeg) {
  const m = nearestIndex(angleDeg);
  return { m, angleDeg: twistAngleDeg(m) };
}
