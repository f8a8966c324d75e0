// A plan of library changes as a table, before it is applied.

import { asRow, make } from "../../dom.js";
import { count, messageText, t } from "../../texts.js";

/** Rows of a plan that are drawn; the rest is counted. */
const MOST = 200;

/** Show what a plan changes and what it refuses, with a button that applies it, if there is one. */
export function planView(plan, apply) {
  const rows = [
    ...plan.changes.map((change) => [t(`changes.does.${change.action}`), change.source, change.target, ""]),
    ...plan.refusals.map((refusal) => [
      t("changes.does.keep"),
      refusal.path,
      refusal.target,
      messageText(refusal.reason, refusal.reason_kind, refusal.reason_values),
    ]),
  ];
  const summary = [
    count("changes.to_change", plan.changes.length),
    count("changes.refused", plan.refusals.length),
    count("changes.unchanged", plan.unchanged),
  ];
  const heads = ["what", "file", "becomes", "why"].map((name) =>
    make("th", { scope: "col" }, t(`changes.column.${name}`)),
  );
  const lines = rows.slice(0, MOST).map((cells) =>
    asRow(make("tr", {}, ...cells.map((cell) => make("td.path", {}, cell ?? "")))),
  );
  const table = make(
    "table.stacked",
    { role: "table" },
    make("caption.unseen", {}, t("changes.plan")),
    make("thead", { role: "rowgroup" }, asRow(make("tr", {}, ...heads))),
    make("tbody", { role: "rowgroup" }, ...lines),
  );
  const rest = rows.length - MOST;
  if (apply) apply.hidden = plan.changes.length === 0;
  return make(
    "div.stack",
    {},
    make("p", { role: "status" }, summary.join(" · ")),
    rows.length ? make("div.table-box", {}, table) : null,
    rest > 0 ? make("p.hint", {}, count("changes.more_rows", rest)) : null,
    apply ? make("div.row", {}, apply) : null,
  );
}
