// Disk usage as bars with numbers.

import { make } from "../../dom.js";
import { bytes, percent, t } from "../../texts.js";

/** Draw the known disks; one bar if both folders are on the same disk. */
export function showDisks(box, disk, reserve) {
  const bars = [];
  if (disk.library_total_bytes) {
    const name = t(disk.is_same_disk ? "disk.both" : "disk.library");
    bars.push(drawn(name, disk.library_free_bytes, disk.library_total_bytes, reserve ?? 0));
  }
  if (disk.data_total_bytes && !(disk.is_same_disk && bars.length)) {
    bars.push(drawn(t("disk.data"), disk.data_free_bytes, disk.data_total_bytes, 0));
  }
  box.replaceChildren(...bars);
  box.hidden = !bars.length;
}

function drawn(name, free, total, reserve) {
  const kept = Math.min(free, reserve);
  const used = total - free;
  const part = used / total;
  const words = t("disk.words", { used: bytes(used), total: bytes(total), part: percent(part * 100) });
  const meter = make(
    free <= reserve ? "div.meter.is-full" : "div.meter",
    { role: "img", "aria-label": `${name}: ${words}` },
    slice("used", part),
    slice("kept", kept / total),
  );
  return make(
    "div.disk",
    {},
    make("div.disk-head", { "aria-hidden": "true" }, make("span", {}, name), make("span", {}, percent(part * 100))),
    meter,
    make("p.hint", { "aria-hidden": "true" }, words),
  );
}

function slice(kind, part) {
  const node = make(`span.${kind}`);
  node.style.setProperty("--part", String(Math.min(Math.max(part, 0), 1)));
  return node;
}
