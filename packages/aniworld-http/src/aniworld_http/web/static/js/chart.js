// Line chart of a value over time, drawn as SVG.

import { make, say, shape } from "./dom.js";
import { speed, t } from "./texts.js";

const [WIDTH, HEIGHT] = [600, 120];

/** Draw the download speed of the last minutes. */
export function speedChart() {
  const area = shape("path", { class: "area" });
  const line = shape("path", { class: "line" });
  const svg = shape("svg", {
    class: "chart",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  for (const y of [1, HEIGHT / 2, HEIGHT - 1]) {
    svg.append(shape("line", { class: "grid", x1: 0, x2: WIDTH, y1: y, y2: y }));
  }
  svg.append(area, line);
  const [most, now] = [make("span"), make("span")];
  const foot = make(
    "div.chart-foot",
    {},
    make("span", {}, t("chart.ago", { n: 5 })),
    most,
    now,
  );
  const node = make("figure", {}, svg, foot);
  let [peak, present] = [0, 0];

  function showNumbers() {
    say(most, t("chart.most", { speed: speed(Math.max(peak, present)) }));
    say(now, t("chart.now", { speed: speed(present) }));
  }

  node.update = (readings) => {
    const end = Date.now();
    const top = Math.max(1, ...readings.map(([, mbps]) => mbps));
    const points = readings.map(([at, mbps]) => {
      const x = WIDTH - ((end - at) / 300_000) * WIDTH;
      return `${x.toFixed(1)} ${(HEIGHT - 2 - (mbps / top) * (HEIGHT - 8)).toFixed(1)}`;
    });
    const path = points.length ? `M${points.join(" L")}` : "";
    line.setAttribute("d", path);
    const first = points[0]?.split(" ")[0];
    const last = points.at(-1)?.split(" ")[0];
    area.setAttribute("d", path && `${path} L${last} ${HEIGHT} L${first} ${HEIGHT} Z`);
    peak = Math.max(0, ...readings.map(([, mbps]) => mbps));
    showNumbers();
  };
  /** Show the present speed in megabits per second, which the headline shows, too. */
  node.setNow = (mbps) => {
    present = mbps;
    showNumbers();
  };
  return node;
}
