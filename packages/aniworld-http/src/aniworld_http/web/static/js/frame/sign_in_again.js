// Sign in on the page itself, so that its unsaved input stays.

import { Problem, post } from "../api.js";
import { at } from "../context.js";
import { button, make, say } from "../dom.js";
import { socket } from "../live.js";
import { leaveToSignIn, onSessionEnd, remember, token } from "../session.js";
import { t } from "../texts.js";
import { userName } from "./rights.js";
import { hasUnsaved } from "./unsaved.js";

onSessionEnd(() => (hasUnsaved() ? signIn() : null));

/** Ask for the password until there is a token; another tab may bring it, too. */
function signIn() {
  return new Promise((done) => {
    const password = make("input.input", {
      id: "again-password",
      type: "password",
      autocomplete: "current-password",
      required: true,
      "aria-describedby": "again-problem",
    });
    const problem = make("p.problem", { id: "again-problem", role: "alert" });
    const stay = make("input", { type: "checkbox" });
    const send = make("button.button.primary", { type: "submit" }, t("login.send"));
    const form = make(
      "form.form",
      { method: "dialog", onsubmit: submit },
      make("h2", { id: "again-title" }, t("again.title")),
      make("p", {}, t("again.text")),
      make("div.field", {}, make("label", { for: "again-password" }, t("login.password")), password, problem),
      make("label.check", {}, stay, " ", t("login.remember")),
      // For other accounts and other ways to sign in; the token reaches this page from there.
      make("p", {}, make("a", { href: at("/login"), target: "_blank" }, t("again.elsewhere"))),
      make("div.row.end", {}, button(t("again.leave"), { onclick: () => leaveToSignIn({ ended: true }) }), send),
    );
    const dialog = make("dialog", { "aria-labelledby": "again-title", oncancel: (event) => event.preventDefault() }, form);

    async function submit(event) {
      event.preventDefault();
      if (send.getAttribute("aria-busy") === "true") return;
      send.setAttribute("aria-busy", "true");
      try {
        const body = { password: password.value, remember: stay.checked };
        if (userName()) body.username = userName();
        const { access_token: fresh } = await post("/api/auth/login", body);
        remember(fresh);
        finish();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        say(problem, error.words);
        password.setAttribute("aria-invalid", "true");
        password.select();
      } finally {
        send.removeAttribute("aria-busy");
      }
    }

    function finish() {
      removeEventListener("storage", byOther);
      dialog.remove();
      socket.connect();
      done();
    }

    const byOther = () => token() && finish();
    addEventListener("storage", byOther);
    document.body.append(dialog);
    dialog.showModal();
    password.focus();
  });
}
