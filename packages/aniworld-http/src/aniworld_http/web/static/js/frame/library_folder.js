// Banner on every page while the library folder cannot be used.

import { get } from "../api.js";
import { at } from "../context.js";
import { notice } from "./connection.js";
import { make } from "../dom.js";
import { onReturn, socket } from "../live.js";
import { complain } from "../messages.js";
import { messageText, t } from "../texts.js";

/** Milliseconds between two questions of a visible page. */
const EVERY = 60_000;

async function check() {
  try {
    show(await get("/api/library/folder"));
  } catch (error) {
    complain(error);
  }
}

function show({ path, problem, problem_kind: kind, problem_values: values }) {
  if (!problem) {
    notice("folder", "");
    return;
  }
  const reason = messageText(problem, kind, values);
  const text = path ? t("folder.unusable_because", { path, reason }) : t("folder.not_set");
  const action = make("a.button.small", { href: at("/settings") }, t("folder.settings"));
  notice("folder", text, { bad: true, action });
}

/** Show the banner of the folder, and remove it when the folder can be used again. */
export function watchLibraryFolder() {
  check();
  onReturn(check);
  socket.on("scan_complete", check);
  setInterval(() => document.hidden || check(), EVERY);
}
