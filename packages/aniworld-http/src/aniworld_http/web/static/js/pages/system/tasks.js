// Background tasks: last and next runs, and the button that runs one now.

import { get, post } from "../../api.js";
import { asRow, button, by, make, say } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { count, decimal, duration, messageText, moment, t } from "../../texts.js";

const KINDS = { completed: "good", failed: "bad", interrupted: "warn" };
const rows = new Map();

/** Load the tasks and show them; return them. */
export async function loadTasks() {
  try {
    const tasks = await get("/api/tasks");
    for (const each of tasks) update(each);
    say(by("tasks-running"), count("tasks.running", tasks.filter((each) => each.is_running).length));
    return tasks;
  } catch (error) {
    complain(error);
    return [];
  }
}

/** Change only what differs, so that the focus stays on a button. */
function update(task) {
  const row = rows.get(task.name) ?? add(task);
  for (const [index, parts] of cells(task).entries()) {
    const text = parts.map((each) => each.textContent ?? each).join("\n");
    if (row.texts[index] === text) continue;
    row.texts[index] = text;
    row.cells[index].replaceChildren(...parts);
  }
  row.run.disabled = !task.can_run;
}

function add(task) {
  const name = t(`task.${task.name}`);
  const run = button(t("tasks.run"), {
    "data-needs": "control",
    kind: "small",
    "aria-label": t("tasks.run_named", { name }),
    onclick: () => doing(run, () => start(task.name, name)),
  });
  const cells = [0, 1, 2, 3].map(() => make("td"));
  const last = make("td.acts", {}, task.kind === "periodic" ? run : null);
  const head = make("th", { scope: "row" }, name, make("div.hint", {}, t(`task.${task.name}.hint`)));
  by("tasks").append(asRow(make("tr", {}, head, ...cells, last)));
  const row = { cells, run, texts: [] };
  rows.set(task.name, row);
  return row;
}

async function start(id, name) {
  update(await post(`/api/tasks/${id}/run`));
  tell(t("tasks.started", { name }));
}

function cells(task) {
  return [
    [chip(task)],
    [task.started_at ? moment(task.started_at) : "", took(task)].filter(Boolean).map(line),
    task.result ? [messageText(task.result, task.result_kind, task.result_values)] : [],
    [next(task)],
  ];
}

function line(text) {
  return make("div", {}, text);
}

function chip(task) {
  const state = stateOf(task);
  const kind = state === "running" ? "accent" : KINDS[state];
  return make(kind ? `span.chip.${kind}` : "span.chip", {}, t(`tasks.state.${state}`));
}

function stateOf(task) {
  if (task.is_running) return task.kind === "continuous" ? "active" : "running";
  if (!task.outcome) return "never";
  return task.kind === "continuous" && task.outcome === "completed" ? "stopped" : task.outcome;
}

function took(task) {
  if (task.seconds === null || task.is_running) return "";
  const text = task.seconds < 10 ? `${decimal(task.seconds)} s` : duration(task.seconds);
  return t("tasks.took", { time: text });
}

function next(task) {
  if (task.is_running) return "";
  return task.next_run ? moment(task.next_run) : t(`tasks.next.${task.kind}`);
}
