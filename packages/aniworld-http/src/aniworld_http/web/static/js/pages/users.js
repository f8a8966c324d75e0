// Users: the own account and sessions, and for managers the accounts of others.

import { keepScroll } from "../address.js";
import { Problem, call, get, patch, post, remove } from "../api.js";
import { button, by, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { ask, complain, doing, tell } from "../messages.js";
import { learnRights, may } from "../frame/rights.js";
import { count, moment, t } from "../texts.js";
import { offerKeys, offerPassword } from "./settings/access.js";

const ROLES = ["view", "request", "manage"];

function at(user) {
  return `/api/users/${encodeURIComponent(user.id)}`;
}

async function loadSessions() {
  const sessions = await get("/api/auth/sessions");
  by("end-others").hidden = sessions.length < 2;
  by("sessions").replaceChildren(...sessions.map(sessionLine));
}

function sessionLine(session) {
  const since = t("users.session", { since: moment(session.created_at), until: moment(session.expires_at) });
  const end = button(t("users.end_session"), {
    kind: "small",
    "aria-label": `${t("users.end_session")}: ${since}`,
    onclick: () =>
      doing(end, async () => {
        await remove(`/api/auth/sessions/${encodeURIComponent(session.id)}`);
        await loadSessions();
      }),
  });
  return make(
    "li.row",
    {},
    make("span.grow", {}, since),
    session.is_current ? make("span.chip", {}, t("users.this_session")) : end,
  );
}

async function loadAccounts() {
  const users = await get("/api/users");
  by("accounts").replaceChildren(...users.map(accountLine));
  if (!users.length) by("accounts").append(make("li.hint", {}, t("users.none")));
}

function accountLine(user) {
  const role = make(
    "select.select",
    { "aria-label": t("users.role_of", { name: user.name }) },
    ...ROLES.map((each) => make("option", { value: each }, t(`role.${each}`))),
  );
  role.value = user.role;
  role.addEventListener("change", () => change(role, user, { role: role.value }, t("users.role_changed", { name: user.name })));
  const act = (name, onclick) =>
    button(t(name), { kind: "small", "aria-label": `${t(name)}: ${user.name}`, onclick });
  const password = act("users.set_password", () => askForPassword(password, user));
  const toggle = act(user.disabled ? "users.enable" : "users.disable", () =>
    change(
      toggle,
      user,
      { disabled: !user.disabled },
      t(user.disabled ? "users.enabled" : "users.disabled", { name: user.name }),
    ),
  );
  const out = act("users.sign_out", () =>
    doing(out, async () => {
      const { ended } = await post(`${at(user)}/sign-out`);
      tell(count("users.signed_out", ended, { name: user.name }));
    }),
  );
  const away = button(t("users.remove", { name: user.name }), {
    sign: "trash",
    kind: "small subtle danger",
    shown: false,
    onclick: async () => {
      const title = t("users.remove", { name: user.name });
      const answer = await ask(title, t("users.remove_text"), { yes: t("action.remove"), danger: true });
      if (answer) await doing(away, () => call("DELETE", at(user)).then(loadAccounts));
    },
  });
  return make(
    "li.row",
    {},
    make("strong.grow.user-name", {}, user.name),
    user.disabled ? make("span.chip", {}, t("users.is_disabled")) : null,
    role,
    password,
    toggle,
    out,
    away,
  );
}

/** Send a change of the account as it is shown; somebody else's change is loaded instead. */
async function change(target, user, values, done) {
  await doing(target, async () => {
    try {
      await patch(at(user), { ...values, revision: user.revision });
      tell(done);
    } finally {
      await loadAccounts();
    }
  });
}

async function askForPassword(target, user) {
  const field = make("input.input", { type: "password", name: "password", required: true, autocomplete: "new-password" });
  const answer = await ask(t("users.password_of", { name: user.name }), t("users.password_text"), {
    yes: t("users.set_password"),
    fields: [
      make("label.field", {}, make("span.label", {}, t("password.next")), field, make("span.hint", {}, t("setup.password_hint"))),
    ],
  });
  if (!answer) return;
  await change(target, user, { password: answer.get("password") }, t("users.password_set", { name: user.name }));
}

async function create(event) {
  event.preventDefault();
  const [name, password] = [by("new-name"), by("first-password")];
  blame("", []);
  await doing(by("add-send"), async () => {
    try {
      const user = await post("/api/users", { name: name.value, role: by("new-role").value, password: password.value });
      by("add-user").reset();
      tell(t("users.added", { name: user.name }));
      await loadAccounts();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const isName = error.kind === "user_exists" || error.fields.some((each) => each.pointer === "/name");
      blame(error.words, [isName ? name : password]);
    }
  });
}

function blame(words, wrong) {
  const problem = by("add-problem");
  problem.hidden = !words;
  say(problem, words);
  for (const each of [by("new-name"), by("first-password")]) each.setAttribute("aria-invalid", String(wrong.includes(each)));
  wrong[0]?.focus();
}

async function build() {
  const me = await learnRights();
  say(by("own-role"), me.name ? t("users.you", { name: me.name, role: t(`role.${me.role}`) }) : t("users.you_master"));
  // With full access, the settings have them.
  if (!may("admin")) {
    by("own").replaceChildren(
      make("h3", {}, t("settings.password")),
      offerPassword(),
      make("h3", {}, t("settings.keys")),
      offerKeys(),
    );
  }
  await Promise.all([loadSessions(), may("admin") ? loadAccounts() : null]);
  by("loading").hidden = true;
  by("cards").hidden = false;
}

if (isSignedIn) {
  keepScroll();
  by("add-user").addEventListener("submit", create);
  by("end-others").addEventListener("click", (event) =>
    doing(event.currentTarget, async () => {
      await remove("/api/auth/sessions");
      await loadSessions();
    }),
  );
  build().catch(complain);
}
