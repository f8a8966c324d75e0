// One field of the settings: its label, its input, and what the server thinks of it.

import { button, make, say } from "../dom.js";
import { knows, t } from "../texts.js";
import { testFolder } from "./settings_trials.js";

let made = 0;

/**
 * Make a field.
 *
 * @param {object} field of `settings_fields`.
 * @param {() => void} changed is called after every change.
 * @returns its node, `read()` and `write(value)`, and `blame(error, warning)`.
 */
export function makeField(field, changed) {
  made += 1;
  const id = `field-${made}`;
  const words = field.kind === "several" || field.kind === "choice" ? null : field.words;
  const name = words ?? `setting${field.pointer.replaceAll("/", ".")}`;
  const input = MAKERS[field.kind](field, id, changed, t(name));
  const hint = knows(`${name}.hint`) ? make("p.hint", { id: `${id}-hint` }, t(`${name}.hint`)) : null;
  const problem = make("p.problem", { id: `${id}-problem`, hidden: true });
  const warning = make("p.warning", { id: `${id}-warning`, hidden: true });
  const described = [hint, problem, warning].filter(Boolean).map((node) => node.id).join(" ");
  input.target.setAttribute("aria-describedby", described);
  const isWrapped = field.kind === "switch" || field.kind === "several" || field.kind === "servers";
  const label = isWrapped ? null : make("label", { for: id }, t(name));
  const trial = field.folder ? testFolder(t(name), input.target) : null;
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
      type: field.secret ? "password" : "text",
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
    const scale = field.scale ?? 1;
    const target = make("input.input", {
      id,
      type: "number",
      inputmode: "decimal",
      min: field.min,
      max: field.max,
      step: field.step ?? (scale === 1 ? "1" : "any"),
      oninput: changed,
    });
    return {
      node: target,
      target,
      read() {
        // What is no number goes to the server as it is; the server says what is wrong with it.
        if (target.value === "") return "";
        const value = Number(target.value) * scale;
        return scale === 1 ? value : Math.round(value);
      },
      write(value) {
        const shown = value ?? field.fallback;
        target.value = shown === undefined ? "" : String(Math.round((shown / scale) * 1000) / 1000);
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
    const options = field.options.map((name) =>
      make("option", { value: name }, field.words ? t(`${field.words}.${name}`) : name),
    );
    const target = make("select.select", { id, onchange: changed }, ...options);
    return {
      node: target,
      target,
      read: () => target.value,
      write: (value) => (target.value = value),
    };
  },

  list(field, id, changed) {
    const target = make(field.lines ? "textarea.input" : "input.input", {
      id,
      autocomplete: "off",
      spellcheck: "false",
      oninput: changed,
    });
    const between = field.lines ? /\n/ : /,/;
    return {
      node: target,
      target,
      read: () => target.value.split(between).map((part) => part.trim()).filter(Boolean),
      write: (value) => (target.value = (value ?? []).join(field.lines ? "\n" : ", ")),
    };
  },

  several(field, id, changed, label) {
    const boxes = field.options.map((name) => [
      name,
      make("input", { type: "checkbox", onchange: changed }),
    ]);
    const target = make(
      "fieldset",
      { id },
      make("legend", {}, label),
      ...boxes.map(([name, box]) =>
        make("label.check", {}, box, `${t(`${field.words}.${name}`)} `),
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
        ["name", "base_url", "username", "password", "token"].map((part) => [
          part,
          make("input.input", {
            type: part === "password" || part === "token" ? "password" : "text",
            autocomplete: "off",
            value: server[part] ?? "",
            oninput: changed,
          }),
        ]),
      );
      const row = { inputs };
      const node = make(
        "div.card.form",
        {},
        ...Object.entries(inputs).map(([part, input]) =>
          make("label.field", {}, make("span.label", {}, t(`server.${part}`)), input),
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
