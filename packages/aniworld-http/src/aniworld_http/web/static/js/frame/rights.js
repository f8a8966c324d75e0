// What the user may do. It hides what the server would refuse; the server decides.

import { get } from "../api.js";
import { keep } from "../choices.js";
import { by, say } from "../dom.js";
import { t } from "../texts.js";

const root = document.documentElement;
let own = null;
const SCOPES = ["calendar", "read", "request", "control", "admin"];

/** Return the scopes that a new API key may have. */
export function scopesToGive() {
  return SCOPES.slice(0, SCOPES.indexOf(root.dataset.scope) + 1);
}

/** Return whether the user has a scope; elements with `data-needs` are hidden without it. */
export function may(scope) {
  return scopesToGive().includes(scope);
}

/** Return the name of the user; empty for the master password. */
export function userName() {
  return own?.name ?? "";
}

/** Store what the user may do and in which language, for the pages that the server renders. */
export function adopt(me) {
  keep("scope", me.scope);
  if (me.language) keep("language", me.language);
}

/**
 * Read who is signed in, and show the name. Another role than the page was rendered for takes
 * effect at once.
 */
export async function learnRights() {
  const me = await get("/api/auth/me");
  own = me;
  if (me.scope !== root.dataset.scope) {
    root.dataset.scope = me.scope;
    keep("scope", me.scope);
  }
  if (me.name) say(by("user-name"), `${me.name} · ${t(`role.${me.role}`)}`);
  by("user-name").hidden = !me.name;
  return me;
}
