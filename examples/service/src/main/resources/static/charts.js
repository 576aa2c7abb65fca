// Drawings: curves as SVG, matrices and comparisons as tables.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => value !== undefined && node.setAttribute(key, value));
  node.append(...children);
  return node;
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  node.append(...children);
  return node;
}

const percent = share => `${(100 * share).toFixed(1)} %`;

function panel(root, top, title, epochs, total, lines, format, most) {
  const left = 48, width = 360, height = 130;
  const values = lines.flatMap(line => epochs.map(line.of)).filter(v => v !== null);
  const limit = most ?? Math.max(...values, 1e-9) * 1.05;
  const x = epoch => left + (total <= 1 ? width / 2 : (epoch - 1) / (total - 1) * width);
  const y = value => top + height - Math.min(value, limit) / limit * height;
  [0, .5, 1].forEach(part => {
    root.append(svg("line", {class: "axis", x1: left, x2: left + width, y1: y(part * limit), y2: y(part * limit)}));
    root.append(svg("text", {x: left - 6, y: y(part * limit) + 4, "text-anchor": "end"}, format(part * limit)));
  });
  lines.forEach((line, n) => {
    const points = epochs.filter(e => line.of(e) !== null).map(e => [x(e.epoch), y(line.of(e))]);
    root.append(svg("polyline", {class: line.style, points: points.map(p => p.join(",")).join(" ")}));
    points.forEach(([cx, cy]) => root.append(svg("circle", {class: line.style, cx, cy, r: 3})));
    root.append(svg("line", {class: line.style, x1: left + 120 + n * 110, x2: left + 140 + n * 110, y1: top - 14, y2: top - 14, "stroke-width": 3}));
    root.append(svg("text", {class: "key", x: left + 145 + n * 110, y: top - 10}, line.name));
  });
  root.append(svg("text", {class: "key", x: left, y: top - 10}, title));
}

/** Loss and accuracy of the epochs so far. */
export function curves(epochs, total) {
  const last = epochs[epochs.length - 1];
  const root = svg("svg", {viewBox: "0 0 420 372", role: "img"});
  root.append(svg("title", {}, `Epoch ${last.epoch} of ${total}: ${percent(last.heldOutAccuracy)} of the pictures held out recognised`));
  panel(root, 34, "Accuracy", epochs, total, [
    {name: "held out", style: "a", of: e => e.heldOutAccuracy},
    {name: "trained on", style: "b dashed", of: e => e.trainAccuracy}], v => `${Math.round(100 * v)} %`, 1);
  panel(root, 212, "Loss", epochs, total, [
    {name: "held out", style: "a", of: e => e.heldOutLoss},
    {name: "trained on", style: "b dashed", of: e => e.trainLoss}], v => v.toFixed(2));
  root.append(svg("text", {x: 48, y: 362}, "epoch 1"));
  root.append(svg("text", {x: 408, y: 362, "text-anchor": "end"}, `${total}`));
  return root;
}

/** A table whose cells are the darker the more pictures they have. */
export function confusion(labels, counts) {
  const head = element("tr", {}, element("td", {}), ...labels.map(l => element("th", {scope: "col", title: l}, l)));
  const rows = counts.map((row, is) => {
    const all = row.reduce((a, b) => a + b, 0);
    return element("tr", {}, element("th", {scope: "row"}, labels[is]), ...row.map((count, taken) => {
      const cell = element("td", {class: is === taken ? "right" : undefined,
        title: `${labels[is]} taken for ${labels[taken]}: ${count} of ${all}`}, count ? String(count) : "");
      const hue = is === taken ? "var(--main)" : "var(--second)";
      cell.style.background = `color-mix(in srgb, ${hue} ${all ? Math.round(45 * count / all) : 0}%, transparent)`;
      return cell;
    }));
  });
  return element("table", {class: "matrix"}, element("thead", {}, head), element("tbody", {}, ...rows));
}

export const shown = {
  share: v => v === null ? "–" : percent(v),
  count: v => v === null ? "–" : Math.round(v).toLocaleString("en"),
  ms: v => v === null ? "–" : `${v.toFixed(2)} ms`
};

/** Before and after of a compression or a comparison. */
export function beforeAfter(result) {
  const rows = result.rows.map(row => element("tr", {}, element("th", {scope: "row"}, row.what),
    element("td", {class: "n"}, shown[row.unit](row.before)), element("td", {class: "n"}, shown[row.unit](row.after)),
    element("td", {class: "n"}, row.unit === "share" || !row.after ? "" : `${(row.before / row.after).toFixed(2)} x`)));
  const stages = (result.stages ?? []).map(s => `${s.name} ${shown.share(s.accuracy)}`).join(", ");
  return [element("table", {}, element("thead", {}, element("tr", {}, element("td", {}),
    element("th", {scope: "col", class: "n"}, result.before), element("th", {scope: "col", class: "n"}, result.model),
    element("th", {scope: "col", class: "n"}, "times less"))), element("tbody", {}, ...rows)),
    element("p", {class: "hint"}, stages && `Accuracy after each stage: ${stages}.`)];
}
