// Master password and API keys.

import { Problem, call, get, post } from "../../api.js";
import { button, make, say } from "../../dom.js";
import { ask, complain, doing, tell } from "../../messages.js";
import { scopesToGive } from "../../frame/rights.js";
import { moment, t } from "../../texts.js";

/**
 * Create, list and delete API keys.
 *
 * @param {object} [options] how the keys are offered.
 * @param {string|null} [options.only] the only scope; all scopes by default.
 * @param {(key: string) => string} [options.secret] the text to copy, made from the key.
 * @param {string} [options.once] text above it.
 * @param {string} [options.create] label of the button.
 */
export function offerKeys({
  only = null,
  secret = (key) => key,
  once = t("key.once"),
  create: label = t("key.create"),
} = {}) {
  const list = make("ul.stack", {});
  const name = make("input.input", { required: true, maxlength: "100", id: "key-name" });
  const scope = make(
    "select.select",
    { id: "key-scope" },
    ...scopesToGive().map((each) => make("option", { value: each }, t(`scope.${each}`))),
  );
  const shown = make("div", { role: "status" });
  const create = make("button.button", { type: "submit" }, label);
  const form = make(
    "form.row",
    { onsubmit: submit },
    make("label.field.grow", {}, make("span.label", {}, t("key.name")), name),
    only ? null : make("label.field.grow", {}, make("span.label", {}, t("key.scope")), scope),
    create,
  );

  function submit(event) {
    event.preventDefault();
    return doing(create, async () => {
      const made = await post("/api/auth/keys", { name: name.value, scope: only ?? scope.value });
      shown.replaceChildren(make("p.hint", {}, once), make("p.new-key", {}, secret(made.key)));
      form.reset();
      await load();
    });
  }

  function line(key) {
    const away = button(t("key.remove", { name: key.name }), {
      sign: "trash",
      kind: "small subtle danger",
      shown: false,
      onclick: async () => {
        const title = t("key.remove", { name: key.name });
        const answer = await ask(title, t("key.remove_text"), { yes: t("action.remove"), danger: true });
        if (answer) await doing(away, () => call("DELETE", `/api/auth/keys/${encodeURIComponent(key.id)}`).then(load));
      },
    });
    const used = key.last_used_at ? t("key.used", { when: moment(key.last_used_at) }) : t("key.unused");
    return make(
      "li.row",
      {},
      make("strong", {}, key.name),
      key.user ? make("span.chip", {}, key.user) : null,
      only ? null : make("span.chip", {}, t(`scope.${key.scope}`)),
      make("span.hint.grow", {}, used),
      away,
    );
  }

  async function load() {
    const keys = await get("/api/auth/keys");
    list.replaceChildren(...keys.filter((key) => !only || key.scope === only).map(line));
  }

  load().catch(complain);
  return make("div.stack", {}, list, form, shown);
}

/** Change the password; all other sessions end. */
export function offerPassword() {
  const current = input("current-password");
  const next = input("new-password");
  const problem = make("p.problem", { role: "alert", hidden: true, id: "password-change-problem" });
  const change = make("button.button", { type: "submit" }, t("password.change"));
  const form = make(
    "form.form",
    { onsubmit: submit },
    make("label.field", {}, make("span.label", {}, t("password.current")), current),
    make(
      "label.field",
      {},
      make("span.label", {}, t("password.next")),
      next,
      make("span.hint", {}, t("setup.password_hint")),
    ),
    problem,
    make("div", {}, change),
  );

  async function submit(event) {
    event.preventDefault();
    blame("");
    const body = { current_password: current.value, new_password: next.value };
    await doing(change, async () => {
      try {
        await post("/api/auth/password", body);
        form.reset();
        tell(t("password.changed"));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        blame(error.kind === "wrong_password" ? error.message : error.words, error.kind);
      }
    });
  }

  function blame(words, kind = "") {
    problem.hidden = !words;
    say(problem, words);
    const wrong = kind === "wrong_password" ? current : next;
    for (const each of [current, next]) each.setAttribute("aria-invalid", String(Boolean(words) && each === wrong));
    if (words) {
      wrong.setAttribute("aria-describedby", problem.id);
      wrong.focus();
    }
  }
  return form;
}

function input(autocomplete) {
  return make("input.input", { type: "password", autocomplete, required: true });
}

/**
 * Send a change that the current password confirms; ask again while the password is wrong.
 *
 * @param {string} yes label of the button that sends it.
 * @param {(password: string) => Promise<any>} send makes the request.
 * @returns {Promise<any>} the answer; `null` when the question is cancelled.
 * @throws {Problem}
 */
export async function confirmed(yes, send) {
  let wrong = "";
  for (;;) {
    const answer = await askForPassword(yes, wrong);
    if (!answer) return null;
    try {
      return await send(answer.get("password"));
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== "wrong_password") throw error;
      wrong = error.message;
    }
  }
}

function askForPassword(yes, wrong) {
  const problem = make("p.problem", { id: "confirm-problem", role: "alert", hidden: !wrong }, wrong);
  const password = make("input.input", {
    type: "password",
    name: "password",
    required: true,
    autocomplete: "current-password",
    "aria-invalid": String(Boolean(wrong)),
    "aria-describedby": problem.id,
  });
  return ask(t("settings.password_title"), t("settings.password_text"), {
    yes,
    fields: [make("label.field", {}, t("login.password"), password), problem],
  });
}
