// The numbers of a view as text.

import { pixelCentres, seeLayer, turned } from "./window.js";

// Return the text of a .csv with a row for each pixel, as `moirespin draw --out x.csv` writes it;
// with `shown.spins` false one column for each image, by `shown.names`.
export function pixelTable(texture, pose, images, shown) {
  const centres = pixelCentres(pose);
  let columns;
  if (shown.spins) {
    columns = ["top", "bottom"].flatMap((name, layer) => {
      const across = seeLayer(texture, texture.inPlane[layer], layer, pose);
      const parts = Array.from(across, (value) => turned(pose, value));
      return [
        [`${name}_sx`, parts.map(([x]) => x)],
        [`${name}_sy`, parts.map(([, y]) => y)],
        [`${name}_sz`, images[layer]],
      ];
    });
  } else {
    columns = images.map((image, k) => [shown.names[k], image]);
  }
  const lines = [["x_nm", "y_nm", ...columns.map(([name]) => name)].join(",")];
  for (let at = 0; at < images[0].length; at++) {
    const place = [centres[at % pose.pixels], centres[Math.floor(at / pose.pixels)]];
    lines.push([...place, ...columns.map(([, values]) => values[at])]
      .map((value) => Number(value.toPrecision(8))).join(","));
  }
  return `${lines.join("\n")}\n`;
}
