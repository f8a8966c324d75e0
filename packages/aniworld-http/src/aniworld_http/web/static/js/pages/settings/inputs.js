// One field of the settings: label, input, and problems reported by the server.

import { button, make, say } from "../../dom.js";
import { makeLanguageOrder } from "../../lists/language_order.js";
import { t, unitOf } from "../../texts.js";
import { browseButton } from "./folder_picker.js";
import { choiceText, hintOf, labelOf, steps, usualOf } from "./described.js";
import { addButton } from "./lists.js";
import { testFolder, testService } from "./tests.js";

let made = 0;
/** What the server shows instead of a secret. */
const HIDDEN = "********";
/** Kinds with several inputs, in a group with its own label. */
const GROUPED = ["several", "servers", "languages"];

/**
 * Make a field.
 *
 * @param {object} field a setting as `GET /api/config/settings` describes it.
 * @param {() => void} changed is called after every change.
 * @param {() => object} draft returns the changed values of the form, for tests of services.
 * @returns its node, `read()` and `write(value)`, and `blame(error, warning)`.
 */
export function makeField(field, changed, draft = () => ({})) {
  made += 1;
  const id = `field-${made}`;
  const name = labelOf(field);
  const help = hintOf(field);
  const input = MAKERS[field.kind](field, id, changed, name, draft);
  const hint = help ? make("p.hint", { id: `${id}-hint` }, help) : null;
  const problem = make("p.problem", { id: `${id}-problem`, hidden: true });
  const warning = make("p.warning", { id: `${id}-warning`, hidden: true });
  const described = [hint, problem, warning].filter(Boolean).map((node) => node.id).join(" ");
  input.target.setAttribute("aria-describedby", described);
  const label = field.kind === "switch" || GROUPED.includes(field.kind) ? null : make("label", { for: id }, name);
  const isOpen = !field.is_fixed && !field.overridden_by;
  input.target.disabled = !isOpen;
  const isPath = field.is_folder && field.kind === "text" && isOpen;
  const trial = isPath ? testFolder(name, input.target) : null;
  const browse = isPath ? browseButton(name, input.target) : null;
  const adding = field.is_folder && field.kind === "list" && isOpen ? addButton(name, input) : null;
  const extra = [browse, trial?.target, adding].filter(Boolean);
  const shown = extra.length ? make("div.with-button", {}, input.node, ...extra) : input.node;
  const why = field.is_fixed
    ? t("settings.fixed")
    : field.overridden_by && t("settings.overridden", { name: field.overridden_by });
  const note = why ? make("p.hint", {}, why) : null;
  const node = make("div.field", {}, label, shown, hint, note, problem, warning, trial?.verdict ?? null);

  return {
    ...input,
    field,
    node,
    blame(error, warned) {
      if (!GROUPED.includes(field.kind)) {
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
      placeholder: usualOf(field),
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
    const scale = field.unit ? unitOf(field.unit).scale : 1;
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
        target.value = shown === null ? "" : String(Math.round((shown / scale) * 1e6) / 1e6);
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
    const offered = field.suggestions.length ? field.suggestions : field.choices;
    const choices = field.default === "" ? ["", ...offered] : [...offered];
    const options = choices.map((name) => make("option", { value: name }, choiceText(field, name)));
    const target = make("select.select", { id, onchange: changed }, ...options);
    return {
      node: target,
      target,
      read: () => target.value,
      write(value) {
        const chosen = value ?? field.default ?? choices[0] ?? "";
        // The adapter of a stored value may have been removed.
        if (!choices.includes(chosen)) {
          choices.push(chosen);
          target.append(make("option", { value: chosen }, choiceText(field, chosen)));
        }
        target.value = chosen;
      },
    };
  },

  list(field, id, changed) {
    // Addresses and paths may contain commas: one per line.
    const hasLines = field.is_secret || field.is_folder;
    const target = make(hasLines ? "textarea.input" : "input.input", {
      id,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: field.example,
      oninput: changed,
    });
    const between = hasLines ? /\n/ : /,/;
    // Hidden values all look the same: each has a card with its own button, see services.js.
    let hidden = [];
    return {
      node: target,
      target,
      read: () => [...hidden, ...target.value.split(between).map((part) => part.trim()).filter(Boolean)],
      write(value) {
        hidden = field.is_secret ? (value ?? []).filter((each) => each === HIDDEN) : [];
        const shown = (value ?? []).slice(hidden.length);
        target.value = shown.join(hasLines ? "\n" : ", ");
      },
    };
  },

  languages(field, id, changed, label) {
    const order = makeLanguageOrder(label, changed, { id });
    return { ...order, target: order.node, write: (value) => order.write(value ?? field.default) };
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

  servers(field, id, changed, label, draft) {
    const list = make("div.stack");
    const target = make(
      "fieldset.stack",
      { id },
      make("legend", {}, label),
      list,
      make("div", {}, button(t("server.add"), { sign: "add", kind: "small", onclick: () => add({}, true) })),
    );
    const rows = new Set();

    function add(server, isNew = false) {
      const inputs = Object.fromEntries(
        field.parts.map((part) => [steps(part.pointer).at(-1), makeField(part, changed)]),
      );
      for (const [name, input] of Object.entries(inputs)) input.write(server[name] ?? input.field.default);
      const row = { inputs };
      const test = testService(() => `${field.pointer}/${[...rows].indexOf(row)}`, draft, () => {
        const entered = inputs.name?.read() || inputs.base_url.read();
        return { name: entered };
      });
      const node = make(
        "div.card.form",
        {},
        ...Object.values(inputs).map((input) => input.node),
        make(
          "div.row.wide",
          {},
          test.target,
          button(t("server.remove"), {
            sign: "trash",
            kind: "small danger",
            onclick: () => {
              rows.delete(row);
              node.remove();
              changed();
            },
          }),
        ),
        test.verdict,
      );
      row.node = node;
      rows.add(row);
      list.append(node);
      if (isNew) {
        inputs.name.target.focus();
        changed();
      }
    }

    return {
      node: target,
      target,
      read: () =>
        [...rows].map(({ inputs }) =>
          Object.fromEntries(Object.entries(inputs).map(([part, input]) => [part, input.read()])),
        ),
      write(value) {
        rows.clear();
        list.replaceChildren();
        for (const server of value ?? []) add(server);
      },
      /** Show problems at the field of an entry; return whether the pointer is one of them. */
      blamePart(pointer, error) {
        const [number, part] = pointer.slice(field.pointer.length + 1).split("/");
        const input = [...rows][Number(number)]?.inputs[part];
        input?.blame(error);
        return Boolean(input);
      },
      clearParts() {
        for (const { inputs } of rows) for (const input of Object.values(inputs)) input.blame();
      },
    };
  },
};
