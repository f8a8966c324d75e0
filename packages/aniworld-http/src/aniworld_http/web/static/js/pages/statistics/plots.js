// Plots as SVG with a title and a description; the table beside each has all values.

import { make, shape } from "../../dom.js";
import { t } from "../../texts.js";

const [WIDTH, HEIGHT] = [600, 160];
const ROW = 26;
let numbers = 0;

/** Return an SVG that screen readers announce with its title and its description. */
function drawing(name, description, height) {
  numbers += 1;
  const ids = [`plot-${numbers}-title`, `plot-${numbers}-desc`];
  const svg = shape("svg", {
    class: "plot",
    viewBox: `0 0 ${WIDTH} ${height}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-labelledby": ids.join(" "),
  });
  const [title, desc] = [shape("title", { id: ids[0] }), shape("desc", { id: ids[1] })];
  title.textContent = name;
  desc.textContent = description;
  svg.append(title, desc);
  return svg;
}

function describe(points) {
  const highest = points.reduce((best, each) => (each.value > best.value ? each : best));
  const [first, last] = [points[0], points.at(-1)];
  return t("statistics.describe", {
    first: first.name,
    last: last.name,
    now: last.text,
    top: highest.text,
    when: highest.name,
  });
}

function grid(svg) {
  for (const y of [1, HEIGHT / 2, HEIGHT - 1]) {
    svg.append(shape("line", { class: "grid", x1: 0, x2: WIDTH, y1: y, y2: y }));
  }
}

/** Show first and last name below the plot, and the value of its top above it. */
function frame(figure, svg, points) {
  const top = points.reduce((best, each) => (each.value > best.value ? each : best));
  figure.replaceChildren(
    make("div.chart-foot", { "aria-hidden": "true" }, make("span", {}, top.text)),
    svg,
    make(
      "div.chart-foot",
      { "aria-hidden": "true" },
      make("span", {}, points[0].name),
      points.length > 1 ? make("span", {}, points.at(-1).name) : null,
    ),
  );
}

/** Draw one bar for each point. */
export function bars(figure, name, points) {
  const svg = drawing(name, describe(points), HEIGHT);
  grid(svg);
  const most = Math.max(1, ...points.map((each) => each.value));
  const step = WIDTH / points.length;
  points.forEach(({ value }, index) => {
    const height = (value / most) * (HEIGHT - 2);
    const [x, y] = [index * step + step * 0.15, HEIGHT - 1 - height];
    svg.append(shape("rect", { class: "bar-shape", x, y, width: step * 0.7, height }));
  });
  frame(figure, svg, points);
}

/** Draw a line through the points, from zero. */
export function line(figure, name, points) {
  const svg = drawing(name, describe(points), HEIGHT);
  grid(svg);
  const most = Math.max(1, ...points.map((each) => each.value));
  const step = points.length > 1 ? WIDTH / (points.length - 1) : 0;
  const places = points.map(({ value }, index) => {
    return `${(index * step).toFixed(1)} ${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`;
  });
  if (places.length === 1) places.push(`${WIDTH} ${places[0].split(" ")[1]}`);
  svg.append(shape("path", { class: "line", d: `M${places.join(" L")}` }));
  frame(figure, svg, points);
}

/** Draw a horizontal bar for each point; its name and value are written beside it. */
export function shares(figure, name, points, most = Math.max(1, ...points.map((each) => each.value))) {
  const rows = points.map((point) => {
    const words = `${point.name}: ${point.text}`;
    const svg = drawing(name, words, ROW);
    svg.append(
      shape("rect", { class: "track-shape", x: 0, y: 4, width: WIDTH, height: ROW - 8 }),
      shape("rect", { class: "bar-shape", x: 0, y: 4, width: (point.value / most) * WIDTH, height: ROW - 8 }),
    );
    return make(
      "div.share-row",
      {},
      make("div.chart-foot", { "aria-hidden": "true" }, make("span", {}, point.name), make("span", {}, point.text)),
      svg,
    );
  });
  figure.replaceChildren(...rows);
}
