// Select mode: choose items, series or a whole section, and retry, move or remove them.

import { post } from "../../api.js";
import { button, by, make, say, tickBox } from "../../dom.js";
import { ask, tell } from "../../messages.js";
import { count, sentence, t } from "../../texts.js";
import { idOf, nameOf } from "./lists.js";
import { FILTERS } from "./sections.js";

/** Sections whose items a step applies to. */
const STEPS = {
  retry: ["person", "failed"],
  reorder: ["pending"],
  remove: ["pending", "person", "failed", "completed"],
};

/** Run a step on those of its items that still exist; return how many there were, and how many are gone. */
async function send(step, body) {
  const ids = new Set(body.item_ids);
  while (!body.item_ids || ids.size) {
    try {
      const answer = await post(`/api/queue/${step}`, body.item_ids ? { item_ids: [...ids] } : body);
      const number = answer.retried ?? answer.moved ?? answer.removed;
      const isCounted = step === "remove" && body.item_ids;
      return { number, gone: isCounted ? body.item_ids.length - number : (body.item_ids ?? []).length - ids.size };
    } catch (error) {
      if (error.kind !== "item_not_found" || !ids.delete(error.values.item_id)) throw error;
    }
  }
  return { number: 0, gone: body.item_ids.length };
}

/**
 * Set up the select mode.
 *
 * @param {object} address the state of the page.
 * @param {(target: Element, action: Function) => Promise<void>} act runs an action and reloads.
 */
export function makeSelection(address, act) {
  /** Chosen rows by section and identity. */
  const chosen = new Map();
  /** The section that is chosen as a whole, with the number of its rows and items. */
  let whole = null;
  let selecting = false;
  let sectionTotals = {};
  const amount = make("strong", { "aria-live": "polite" });
  const all = button("", { kind: "subtle", onclick: chooseAll });
  const steps = {
    retry: button(t("queue.retry"), { "data-needs": "request", sign: "retry", onclick: () => run("retry") }),
    reorder: button(t("queue.to_top"), { "data-needs": "control", sign: "top", onclick: () => run("reorder") }),
    remove: button(t("queue.remove_chosen"), { "data-needs": "control", sign: "trash", kind: "danger", onclick: remove }),
  };
  const done = button(t("bulk.done"), { kind: "subtle", onclick: leave });
  by("bulk").append(amount, all, ...Object.values(steps), done);
  by("select").addEventListener("click", () => select(!selecting));

  function select(on) {
    selecting = on;
    chosen.clear();
    whole = null;
    document.body.classList.toggle("selecting", on);
    by("select").setAttribute("aria-pressed", String(on));
    for (const tick of document.querySelectorAll("#lists .tick")) tick.checked = false;
    update();
  }

  function leave() {
    select(false);
    by("select").focus();
  }

  function chooseAll() {
    const { state } = address.state;
    whole = { section: state, total: sectionTotals[state] ?? 0 };
    for (const tick of document.querySelectorAll(`#${state} .tick`)) tick.checked = true;
    update();
  }

  function update() {
    const { state, group } = address.state;
    by("bulk").hidden = !selecting;
    const number = whole ? whole.total : [...chosen.values()].reduce((sum, { row }) => sum + (row.items ?? 1), 0);
    const isSeries = whole && group === "series";
    say(amount, count(isSeries ? "queue.chosen_series" : "queue.chosen", number));
    all.hidden = state === "all" || whole !== null || !sectionTotals[state];
    say(all, t("queue.choose_all"));
    for (const [step, target] of Object.entries(steps)) target.disabled = !choices(step).length;
  }

  /** Return the request bodies of a step: one with ids, and one with a filter for each section. */
  function choices(step) {
    const sections = STEPS[step];
    const { search } = address.state;
    if (whole) return sections.includes(whole.section) ? [{ filter: { ...FILTERS[whole.section], search } }] : [];
    const rows = [...chosen.values()].filter(({ section }) => sections.includes(section));
    const ids = rows.filter(({ row }) => row.id).map(({ row }) => row.id);
    const bodies = ids.length ? [{ item_ids: ids }] : [];
    for (const section of sections) {
      const keys = rows.filter((each) => each.section === section && !each.row.id).map(({ row }) => row.serie_id);
      if (keys.length) bodies.push({ filter: { ...FILTERS[section], search, serie_id: keys } });
    }
    return bodies;
  }

  function run(step) {
    const bodies = choices(step);
    return act(steps[step], async () => {
      let [number, gone] = [0, 0];
      try {
        for (const body of bodies) {
          const answer = await send(step, body);
          number += answer.number;
          gone += answer.gone;
        }
      } catch (error) {
        // The items have another state by now: the same choice would fail again.
        if (error.status) select(true);
        throw error;
      }
      const parts = [number || !gone ? count(`queue.done_${step}`, number) : "", gone ? count("queue.gone", gone) : ""];
      tell(parts.filter(Boolean).map(sentence).join(" "), { bad: gone > 0 });
      select(false);
    });
  }

  async function remove() {
    const answer = await ask(t("queue.remove_chosen"), `${amount.textContent}. ${t("queue.remove_text")}`, {
      yes: t("queue.remove_chosen"),
      danger: true,
    });
    if (answer) await run("remove");
  }

  return {
    /** Create the checkbox of a row; it is visible in the select mode. */
    tick(section, row) {
      const key = `${section} ${idOf(row)}`;
      const node = make("input.tick", {
        type: "checkbox",
        checked: chosen.has(key) || whole?.section === section,
        "aria-label": row.id ? nameOf(row) : row.serie_name,
        onchange: ({ currentTarget }) => {
          if (whole) {
            whole = null;
            chosen.clear();
            for (const each of document.querySelectorAll("#lists .tick")) each.checked = each === currentTarget;
            currentTarget.checked = true;
          }
          if (currentTarget.checked) chosen.set(key, { section, row });
          else chosen.delete(key);
          update();
        },
      });
      return tickBox(node);
    },
    /** Show how many rows each section has. */
    totals(latest) {
      sectionTotals = latest;
      if (whole) whole.total = latest[whole.section] ?? 0;
      update();
    },
    /** Forget what is chosen: other rows are shown. */
    clear() {
      if (selecting) select(true);
    },
  };
}
