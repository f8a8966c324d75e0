// What needs attention: what it means, what to do, and where.

import { BASE } from "../../context.js";
import { by, make } from "../../dom.js";
import { messageText, sentence, t } from "../../texts.js";

/** Page on which each kind of problem is solved. */
const PAGES = {
  disk: "settings",
  queue: "queue",
  provider: "settings",
  media_server: "settings",
  "changes of files": "changes",
};
/** Texts of the problems that the server names. */
const NAMED = { "database copies": "fix.copies", "changes of files": "fix.changes", machines: "fix.machines" };

/**
 * List the parts that are not well, failed tasks, and what the server names besides.
 *
 * @param {object} health the health of the parts.
 * @param {object[]} tasks the background tasks.
 * @param {object[]} named what `GET /api/system/problems` returned.
 */
export function showProblems(health, tasks, named) {
  const parts = ["database", "disk", "queue", "loop"]
    .filter((name) => health[name].status !== "ok")
    .map((name) => item(name, {}, why(health[name])));
  const providers = Object.entries(health.providers)
    .filter(([, each]) => each.status !== "ok")
    .map(([name, each]) => item("provider", { name }, why(each)));
  const servers = Object.entries(health.media_servers)
    .filter(([, each]) => each.status !== "ok")
    .map(([name, each]) => item("media_server", { name }, why(each)));
  const failed = tasks
    .filter((each) => each.outcome === "failed" && !each.is_running)
    .map((each) => item("task", { name: t(`task.${each.name}`) }, result(each)));
  const all = [...parts, ...providers, ...servers, ...failed, ...named.map(namedItem)];
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

function namedItem({ name, detail, detail_kind, detail_values, hint, hint_kind, hint_values }) {
  const title = NAMED[name] ? t(NAMED[name]) : t("fix.tool", { name });
  const fix = messageText(hint, hint_kind, hint_values);
  return line(title, messageText(detail, detail_kind, detail_values), fix, PAGES[name]);
}

function item(kind, values, reason) {
  return line(t(`fix.${kind}`, values), reason, t(`fix.${kind}.do`), PAGES[kind]);
}

function line(title, reason, fix, goal) {
  const link = goal && make("a", { href: `${BASE}/${goal}` }, t("fix.open", { page: t(`nav.${goal}`) }));
  return make(
    "li",
    {},
    make("strong", {}, title),
    reason ? make("div", {}, sentence(reason)) : null,
    make("div.hint", {}, sentence(fix), link ? " " : null, link ?? null),
  );
}
