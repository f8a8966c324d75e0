// Add a notification service by the values that it needs. Its address is never shown.

import { get, post } from "../../api.js";
import { button, make, outside, say } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { t } from "../../texts.js";
import { trialWords } from "./tests.js";

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
  const label = field.is_required ? `${field.label} *` : field.label;
  return make("div.field", {}, make("label", { for: input.id }, label), input, problem);
}
