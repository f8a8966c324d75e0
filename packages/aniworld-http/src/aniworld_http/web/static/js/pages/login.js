// Sign in, then return to the previous page.

import { Problem, get, post } from "../api.js";
import { offerChoices } from "../choices.js";
import { by, say } from "../dom.js";
import { comeBack, forget, hasEnded, remember, token } from "../session.js";
import { adopt } from "../frame/rights.js";

offerChoices();

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
    const { access_token: fresh } = await post("/api/auth/login", body);
    remember(fresh);
    adopt(await get("/api/auth/me"));
    comeBack();
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
if (token()) comeBack();
else if (hasEnded()) by("ended").hidden = false;
