// Checkboxes of series in both views.

import { make, tickBox } from "../../dom.js";
import { t } from "../../texts.js";

/** Create the checkbox of a series; hidden unless series are being selected. */
export function makeTick(series, selection) {
  const node = make("input.tick", {
    type: "checkbox",
    "aria-label": t("library.choose", { name: series.name }),
    onchange: () => selection.change(series.key, node.checked),
  });
  const box = tickBox(node);
  function update() {
    box.hidden = !selection.isOn();
    node.checked = selection.has(series.key);
    node.disabled = selection.isWhole();
  }
  update();
  return { node, box, update };
}
