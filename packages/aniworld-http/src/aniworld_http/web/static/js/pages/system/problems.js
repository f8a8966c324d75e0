// What needs attention: what it means, what to do, and where.

import { BASE } from "../../context.js";
import { by, make } from "../../dom.js";
import { messageText, t } from "../../texts.js";

/** Page on which each kind of problem is solved. */
const PAGES = { disk: "settings", queue: "queue", provider: "settings" };

/** List the parts that are not well, and failed tasks. */
export function showProblems(health, tasks) {
  const parts = ["database", "disk", "queue", "loop"]
    .filter((name) => health[name].status !== "ok")
    .map((name) => item(name, {}, why(health[name])));
  const providers = Object.entries(health.providers)
    .filter(([, each]) => each.status !== "ok")
    .map(([name, each]) => item("provider", { name }, why(each)));
  const failed = tasks
    .filter((each) => each.outcome === "failed" && !each.is_running)
    .map((each) => item("task", { name: t(`task.${each.name}`) }, result(each)));
  const all = [...parts, ...providers, ...failed];
  by("problems").replaceChildren(...all);
  by("problems-none").hidden = all.length > 0;
}

function why(part) {
  if (part.waiting_for) return messageText(part.waiting_for, part.waiting_kind, part.waiting_values);
  return part.detail ? messageText(part.detail, part.detail_kind, part.detail_values) : "";
}

function result(task) {
  return task.result ? messageText(task.result, task.result_kind, task.result_values) : "";
}

function item(kind, values, reason) {
  const goal = PAGES[kind];
  const link = goal && make("a", { href: `${BASE}/${goal}` }, t("fix.open", { page: t(`nav.${goal}`) }));
  return make(
    "li",
    {},
    make("strong", {}, t(`fix.${kind}`, values)),
    reason ? make("div", {}, reason) : null,
    make("div.hint", {}, t(`fix.${kind}.do`), link ? " " : null, link ?? null),
  );
}
