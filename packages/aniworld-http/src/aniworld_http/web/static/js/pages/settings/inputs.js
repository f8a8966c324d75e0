// One field of the settings: label, input, and problems reported by the server.

import { button, make, say } from "../../dom.js";
import { t } from "../../texts.js";
import { choiceText, hintOf, labelOf, steps } from "./described.js";
import { testFolder } from "./tests.js";

let made = 0;
/** Kinds whose inputs have their own label. */
const LABELLED = ["switch", "several", "servers"];

/**
 * Make a field.
 *
 * @param {object} field a setting as `GET /api/config/settings` describes it.
 * @param {() => void} changed is called after every change.
 * @returns its node, `read()` and `write(value)`, and `blame(error, warning)`.
 */
export function makeField(field, changed) {
  made += 1;
  const id = `field-${made}`;
  const name = labelOf(field);
  const help = hintOf(field);
  const input = MAKERS[field.kind](field, id, changed, name);
  const hint = help ? make("p.hint", { id: `${id}-hint` }, help) : null;
  const problem = make("p.problem", { id: `${id}-problem`, hidden: true });
  const warning = make("p.warning", { id: `${id}-warning`, hidden: true });
  const described = [hint, problem, warning].filter(Boolean).map((node) => node.id).join(" ");
  input.target.setAttribute("aria-describedby", described);
  const label = LABELLED.includes(field.kind) ? null : make("label", { for: id }, name);
  const trial = field.is_folder ? testFolder(name, input.target) : null;
  const shown = trial ? make("div.with-button", {}, input.node, trial.target) : input.node;
  const node = make("div.field", {}, label, shown, hint, problem, warning, trial?.verdict ?? null);

  return {
    ...input,
    field,
    node,
    blame(error, warned) {
      if (field.kind !== "several" && field.kind !== "servers") {
        input.target.setAttribute("aria-invalid", String(Boolean(error)));
      }
      problem.hidden = !error;
      say(problem, error ?? "");
      warning.hidden = !warned;
      say(warning, warned ?? "");
    },
  };
}

const MAKERS = {
  text(field, id, changed) {
    const target = make("input.input", {
      id,
      type: field.is_secret ? "password" : "text",
      placeholder: field.example,
      autocomplete: "off",
      spellcheck: "false",
      oninput: changed,
    });
    return {
      node: target,
      target,
      read: () => target.value,
      write: (value) => (target.value = value ?? ""),
    };
  },

  number(field, id, changed) {
    const scale = field.unit?.scale ?? 1;
    const target = make("input.input", {
      id,
      type: "number",
      inputmode: "decimal",
      min: field.minimum / scale,
      max: field.maximum / scale,
      step: field.is_whole && scale === 1 ? "1" : "any",
      oninput: changed,
    });
    return {
      node: target,
      target,
      read() {
        // Invalid numbers are sent as text; the server reports the problem.
        if (target.value === "") return "";
        const value = Number(target.value) * scale;
        return scale === 1 ? value : Math.round(value);
      },
      write(value) {
        const shown = value ?? field.default;
        target.value = shown === null ? "" : String(Math.round((shown / scale) * 1000) / 1000);
      },
    };
  },

  switch(field, id, changed, label) {
    const target = make("input", { id, type: "checkbox", role: "switch", onchange: changed });
    return {
      node: make("label.switch", { for: id }, target, label),
      target,
      read: () => target.checked,
      write: (value) => (target.checked = value ?? true),
    };
  },

  choice(field, id, changed) {
    const choices = field.default === "" ? ["", ...field.choices] : field.choices;
    const options = choices.map((name) => make("option", { value: name }, choiceText(field, name)));
    const target = make("select.select", { id, onchange: changed }, ...options);
    return {
      node: target,
      target,
      read: () => target.value,
      write: (value) => (target.value = value ?? field.default),
    };
  },

  list(field, id, changed) {
    // Addresses may contain commas: one per line.
    const hasLines = field.is_secret;
    const target = make(hasLines ? "textarea.input" : "input.input", {
      id,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: field.example,
      oninput: changed,
    });
    const between = hasLines ? /\n/ : /,/;
    return {
      node: target,
      target,
      read: () => target.value.split(between).map((part) => part.trim()).filter(Boolean),
      write: (value) => (target.value = (value ?? []).join(hasLines ? "\n" : ", ")),
    };
  },

  several(field, id, changed, label) {
    const boxes = field.choices.map((name) => [
      name,
      make("input", { type: "checkbox", onchange: changed }),
    ]);
    const target = make(
      "fieldset",
      { id },
      make("legend", {}, label),
      ...boxes.map(([name, box]) =>
        make("label.check", {}, box, `${choiceText(field, name)} `),
      ),
    );
    return {
      node: target,
      target,
      read: () => boxes.filter(([, box]) => box.checked).map(([name]) => name),
      write: (value) => boxes.forEach(([name, box]) => (box.checked = (value ?? []).includes(name))),
    };
  },

  servers(field, id, changed, label) {
    const list = make("div.stack");
    const target = make(
      "fieldset.stack",
      { id },
      make("legend", {}, label),
      list,
      make("div", {}, button(t("server.add"), { sign: "add", kind: "small", onclick: () => add({}) })),
    );
    const rows = new Set();

    function add(server) {
      const inputs = Object.fromEntries(
        field.parts.map((part) => {
          const name = steps(part.pointer).at(-1);
          const type = part.is_secret ? "password" : "text";
          const attributes = { type, autocomplete: "off", value: server[name] ?? "", oninput: changed };
          return [name, make("input.input", { ...attributes, placeholder: part.example })];
        }),
      );
      const row = { inputs };
      const node = make(
        "div.card.form",
        {},
        ...Object.values(inputs).map((input, position) =>
          make("label.field", {}, make("span.label", {}, labelOf(field.parts[position])), input),
        ),
        button(t("server.remove"), {
          sign: "trash",
          kind: "small danger",
          onclick: () => {
            rows.delete(row);
            node.remove();
            changed();
          },
        }),
      );
      rows.add(row);
      list.append(node);
      if (!("base_url" in server)) inputs.name.focus();
    }

    return {
      node: target,
      target,
      read: () =>
        [...rows].map(({ inputs }) =>
          Object.fromEntries(Object.entries(inputs).map(([part, input]) => [part, input.value])),
        ),
      write(value) {
        rows.clear();
        list.replaceChildren();
        for (const server of value ?? []) add(server);
      },
    };
  },
};
