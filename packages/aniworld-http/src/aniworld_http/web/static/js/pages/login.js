// Sign in, then return to the previous page.

import { Problem, get, post } from "../api.js";
import { offerChoices } from "../choices.js";
import { by, say } from "../dom.js";
import { comeBack, forget, hasEnded, remember, token } from "../session.js";
import { adopt } from "../frame/rights.js";

offerChoices();

/** Call a step of the sign-in with the identity provider, and show its problem. */
async function withProvider(step, body, then) {
  by("problem").hidden = true;
  try {
    await then(await post(`/login/oidc/${step}`, body));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    by("problem").hidden = false;
    say(by("problem"), error.words);
  }
}

/** Finish the sign-in when the provider sent the browser back, and forget what it brought. */
function comeFromProvider() {
  const query = new URLSearchParams(location.search);
  if (!query.has("state") && !query.has("error")) return false;
  history.replaceState(null, "", location.pathname);
  const body = Object.fromEntries(["state", "code", "iss", "error"].filter((name) => query.has(name)).map((name) => [name, query.get(name)]));
  withProvider("finish", body, enter);
  return true;
}

async function enter({ access_token: fresh }) {
  remember(fresh);
  adopt(await get("/api/auth/me"));
  comeBack();
}

async function submit(event) {
  event.preventDefault();
  const send = by("send");
  if (send.getAttribute("aria-busy") === "true") return;
  send.setAttribute("aria-busy", "true");
  by("problem").hidden = true;
  forget();
  try {
    const body = { password: by("password").value, remember: by("remember").checked };
    if (by("username")?.value) body.username = by("username").value;
    await enter(await post("/api/auth/login", body));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    by("problem").hidden = false;
    say(by("problem"), error.words);
    by("password").setAttribute("aria-invalid", "true");
    by("password").select();
  } finally {
    send.removeAttribute("aria-busy");
  }
}

by("login").addEventListener("submit", submit);
by("provider")?.addEventListener("click", () => withProvider("start", {}, ({ location: next }) => location.assign(next)));
if (!comeFromProvider()) {
  if (token()) comeBack();
  else if (hasEnded()) by("ended").hidden = false;
}
