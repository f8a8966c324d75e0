// Folders that no series owns, with the series that they may belong to.

import { get, post } from "../../api.js";
import { button, by, make, say } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { count, messageText, t } from "../../texts.js";

let searches = false;

function proposalText(proposal) {
  const name = proposal.year ? `${proposal.name} (${proposal.year})` : proposal.name;
  const place = proposal.in_library ? t("adoption.in_library") : proposal.provider;
  return `${name} · ${place} · ${t(`adoption.${proposal.confidence}`)}`;
}

function choiceOf(folder, proposal) {
  return {
    folder: folder.folder,
    key: proposal.link || proposal.key,
    provider: proposal.in_library ? null : proposal.provider || null,
  };
}

async function adopt(items) {
  const { adopted, failures } = await post("/api/library/adopt", { items });
  if (adopted.length) tell(count("adoption.done", adopted.length));
  for (const [folder, error] of Object.entries(failures)) {
    tell(`${folder}: ${messageText(error.message, error.kind, error.values)}`, { bad: true });
  }
  await showAdoptable();
}

function folderLine(folder) {
  const { proposals } = folder;
  const select = make(
    "select.select",
    { "aria-label": t("adoption.series_of", { folder: folder.folder }) },
    ...proposals.map((proposal, index) => make("option", { value: index }, proposalText(proposal))),
  );
  const accept = button(t("adoption.accept"), {
    kind: "small",
    onclick: () => doing(accept, () => adopt([choiceOf(folder, proposals[Number(select.value)])])),
  });
  const why = proposals[0]?.reason_message;
  const failed = Object.entries(folder.failures).map(([name, reason]) => `${name}: ${reason}`);
  return make(
    "li.item",
    {},
    make("span"),
    make(
      "div.what",
      {},
      make("div.path", {}, folder.folder),
      make("div.meta", {}, count("attention.files", folder.files)),
      make("div.why", {}, why ? messageText(proposals[0].reason, why.kind, why.values) : ""),
      failed.length ? make("div.why", {}, failed.join(" · ")) : null,
    ),
    make(
      "div.acts",
      {},
      ...(proposals.length ? [select, accept] : [make("span.hint", {}, t("adoption.no_proposal"))]),
    ),
  );
}

/** Show the folders; return how many there are. */
export async function showAdoptable() {
  const card = by("adoption-card");
  const folders = await get(`/api/library/adoptable${searches ? "?search=true" : ""}`);
  card.hidden = folders.length === 0;
  say(card.querySelector("[data-amount]"), count("adoption.folders", folders.length));
  card.querySelector("ul").replaceChildren(...folders.map(folderLine));
  const sure = folders
    .filter((folder) => folder.proposals.filter((p) => p.confidence === "sure").length === 1)
    .map((folder) => choiceOf(folder, folder.proposals.find((p) => p.confidence === "sure")));
  const all = by("adopt-sure");
  all.hidden = sure.length === 0;
  say(all, count("adoption.accept_sure", sure.length));
  all.onclick = () => doing(all, () => adopt(sure));
  const search = by("adopt-search");
  search.onclick = () =>
    doing(search, async () => {
      searches = true;
      await showAdoptable().catch(complain);
    });
  return folders.length;
}
