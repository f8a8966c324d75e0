// Notification services: the stored addresses, and a form that adds one by the values that it needs.

import { get, post, removeVersion } from "../../api.js";
import { button, make, outside, say } from "../../dom.js";
import { ask, complain, doing, tell } from "../../messages.js";
import { knows, t } from "../../texts.js";
import { testService, trialWords } from "./tests.js";

/**
 * Create the card that adds a service.
 *
 * @param {() => Promise<void>} added is called after a service was added.
 */
export function offerServices(added) {
  const choice = make("select.select", { id: "service", onchange: () => open(services.get(choice.value)) });
  const form = make("div.form");
  const verdict = make("div.verdict", { role: "status" });
  const about = make("p.hint");
  const test = button(t("settings.test_server"), { onclick: () => doing(test, tryIt) });
  const add = button(t("service.add"), { kind: "primary", onclick: () => doing(add, addIt) });
  const node = make(
    "div.card.stack",
    {},
    make("h3", {}, t("service.title")),
    make("div.field", {}, make("label", { for: "service" }, t("service.choose")), choice),
    about,
    form,
    make("div.row", {}, test, add),
    verdict,
  );
  const services = new Map();
  let inputs = new Map();

  function open(service) {
    verdict.replaceChildren();
    inputs = new Map(service.fields.map((field) => [field.name, makeInput(field)]));
    form.replaceChildren(...service.fields.map((field) => row(field, inputs.get(field.name))));
    about.replaceChildren(service.link ? outside(service.link, t("service.about")) : "");
  }

  function body() {
    const given = [...inputs].map(([name, { input }]) => [name, input.value.trim()]);
    return { service: choice.value, values: Object.fromEntries(given.filter(([, value]) => value)) };
  }

  /** Show the problems of a refused request at their inputs. */
  async function judged(send) {
    for (const { problem } of inputs.values()) problem.hidden = true;
    try {
      return await send();
    } catch (error) {
      for (const { pointer, detail } of error.fields ?? []) {
        const problem = inputs.get(pointer.split("/")[2])?.problem;
        if (!problem) continue;
        say(problem, detail);
        problem.hidden = false;
      }
      throw error;
    }
  }

  async function tryIt() {
    verdict.replaceChildren();
    const result = await judged(() => post("/api/notifications/services/test", body()));
    verdict.replaceChildren(...trialWords(result));
  }

  async function addIt() {
    await judged(() => post("/api/notifications/services", body()));
    tell(t("service.added", { name: services.get(choice.value).title }));
    open(services.get(choice.value));
    await added();
  }

  get("/api/notifications/services")
    .then((found) => {
      if (!found.length) {
        node.replaceChildren(make("h3", {}, t("service.title")), make("p.hint", {}, t("service.none")));
        return;
      }
      for (const each of found) services.set(each.name, each);
      choice.append(...found.map((each) => make("option", { value: each.name }, each.title)));
      open(found[0]);
    })
    .catch(complain);
  return node;
}

/**
 * Show the stored addresses as cards, each with a test and a button that removes it.
 *
 * @param {() => string} version returns the version of the settings that the page shows.
 * @param {() => Promise<void>} changed is called after an address was removed.
 * @returns its node, and `load()`, which reads the addresses again.
 */
export function storedAddresses(version, changed) {
  const list = make("ul.stack");
  const none = make("p.hint", {}, t("address.none"));
  const node = make("section.stack.addresses", {}, make("h3", {}, t("address.title")), none, list);

  function card({ list: setting, position, service, address }) {
    const name = service || t(`address.${setting}`);
    const test = testService(() => `/notifications/${setting}/${position}`, () => ({}), () => ({ name }));
    const away = button(t("address.remove"), {
      sign: "trash",
      kind: "small danger",
      "aria-label": t("address.remove_named", { name }),
      onclick: () => doing(away, () => takeOut(setting, position, name)),
    });
    return make(
      "li.card.stack",
      {},
      make("div", {}, make("strong", {}, name), " ", make("span.chip", {}, t(`address.${setting}`))),
      make("p.hint", {}, address),
      make("div.row", {}, test.target, away),
      test.verdict,
    );
  }

  async function takeOut(setting, position, name) {
    const answer = await ask(t("address.ask", { name }), t("address.ask_text"), { yes: t("address.remove"), danger: true });
    if (!answer) return;
    try {
      await removeVersion(`/api/notifications/addresses/${setting}/${position}`, version());
      tell(t("address.removed", { name }));
    } finally {
      await changed();
    }
  }

  async function load() {
    const found = await get("/api/notifications/addresses");
    list.replaceChildren(...found.map(card));
    none.hidden = found.length > 0;
  }

  return { node, load };
}

function makeInput(field) {
  const id = `service-${field.name}`;
  const problem = make("p.problem", { id: `${id}-problem`, hidden: true });
  const common = { id, "aria-describedby": problem.id };
  const input =
    field.kind === "choice"
      ? make("select.select", common, ...["", ...field.choices].map((each) => make("option", { value: each }, each)))
      : make("input.input", {
          ...common,
          type: field.is_secret ? "password" : field.kind === "number" ? "number" : "text",
          min: field.minimum,
          max: field.maximum,
          required: field.is_required,
          autocomplete: "off",
          spellcheck: "false",
        });
  return { input, problem };
}

function row(field, { input, problem }) {
  const name = labelOf(field);
  const label = field.is_required ? `${name} *` : name;
  return make("div.field", {}, make("label", { for: input.id }, label), input, problem);
}

/** Return the label of a value: our text if the word is common, else that of Apprise, in English. */
function labelOf({ label }) {
  const name = `service.label.${label.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
  return knows(name) ? t(name) : label;
}
