// Code of every page: check the sign-in, connect the parts of the frame, update the counters.

import { get, patch, post } from "./api.js";
import { offerChoices } from "./choices.js";
import { by, calmed, say } from "./dom.js";
import { keepFocus } from "./frame/focus.js";
import { watchLibraryFolder } from "./frame/library_folder.js";
import { onLibraryChange, onReturn, socket } from "./live.js";
import { offerMenu } from "./frame/menu.js";
import { ask, complain, doing } from "./messages.js";
import { useOfflinePage } from "./frame/worker.js";
import { offerSearch } from "./frame/search.js";
import { learnRights, userName } from "./frame/rights.js";
import { leaveToSignIn, requireToken } from "./session.js";
import { showKeyboardHelp } from "./frame/shortcuts.js";
import "./frame/sign_in_again.js";
import { count, t } from "./texts.js";
import { hasUnsaved } from "./frame/unsaved.js";

/** Whether the page may continue; otherwise the browser is on its way to the sign-in page. */
export const isSignedIn = requireToken();

offerChoices({
  mayReload: async () => {
    if (!hasUnsaved()) return true;
    return (await ask(t("unsaved.title"), t("unsaved.text"), { yes: t("unsaved.reload") })) !== null;
  },
  onLanguage: async (language) => {
    if (userName()) await patch("/api/auth/me", { language }).catch(complain);
  },
});
keepFocus();
offerSearch();
offerMenu();
useOfflinePage();
by("keyboard-help").addEventListener("click", showKeyboardHelp);
by("sign-out").addEventListener("click", (event) =>
  doing(event.currentTarget, async () => {
    await post("/api/auth/logout");
    leaveToSignIn();
  }),
);
/** Show a counter beside a menu entry. */
export function setCounter(name, number, { bad = false } = {}) {
  const node = document.querySelector(`[data-counter="${name}"]`);
  if (!node) return;
  node.hidden = !number;
  node.classList.toggle("is-bad", bad);
  say(node.querySelector("[aria-hidden]"), number > 999 ? "999+" : String(number));
  say(node.querySelector(".unseen"), count(`counter.${name}`, number));
}

function countQueue(open, failed) {
  setCounter("queue", open);
  setCounter("failed", failed, { bad: true });
}

/** Number of decisions that wait; it changes with scans and with series only. */
async function countDecisions() {
  try {
    const { decisions, counts } = await get("/api/library/attention?limit=0");
    setCounter("attention", decisions, { bad: counts.losses > 0 });
  } catch (error) {
    complain(error);
  }
}

async function refresh() {
  try {
    const { pending, downloading, failed } = await get("/api/queue/summary");
    countQueue(pending + downloading, failed);
  } catch (error) {
    complain(error);
  }
}

if (isSignedIn) {
  learnRights().catch(complain);
  socket.join("downloads").join("scan_progress");
  socket.on("queue_status", ({ statistics }) =>
    countQueue(statistics.pending_count + statistics.active_count, statistics.failed_count),
  );
  const recount = calmed(countDecisions, 500);
  socket.on("scan_complete", recount);
  onLibraryChange(recount);
  onReturn(recount);
  onReturn(calmed(refresh, 200));
  refresh();
  countDecisions();
  watchLibraryFolder();
}
