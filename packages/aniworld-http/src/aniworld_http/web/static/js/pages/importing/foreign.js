// Import of a folder of another program: matches, corrections, plan, and one change that applies it.

import { post } from "../../api.js";
import { asRow, button, by, make } from "../../dom.js";
import { complain, doing, tell } from "../../messages.js";
import { count, messageText, t } from "../../texts.js";
import { planView } from "../changes/plan.js";
import { undoButton } from "../changes/undo.js";
import { confidenceChip, folderFacts, showFolders } from "./folders.js";
import { chooseSeries } from "./series_choice.js";

/** Files of one folder that are drawn; the rest is counted. */
const MOST = 200;
const CODE = "[Ss]\\d{1,4}[Ee]\\d{1,5}(-[Ee]\\d{1,5})?";

/** Let the form match a folder, and show what was found in a box. */
export function offerForeign(form, box) {
  let request = null;
  const corrections = new Map();

  form.onsubmit = (event) => {
    event.preventDefault();
    const folder = by("foreign-folder").value.trim();
    if (request?.folder !== folder) corrections.clear();
    request = { folder, action: by("foreign-action").value, held: by("foreign-held").value };
    return doing(event.submitter, load);
  };

  /** Plan again with the present corrections. */
  async function load() {
    const body = { ...request, corrections: [...corrections.values()] };
    const draft = await post("/api/library/import/plan", body);
    const apply = button(t("import.apply"), {
      kind: "primary",
      onclick: () =>
        doing(apply, async () => {
          const { change } = await post("/api/library/import/apply", { ...body, digest: draft.digest });
          corrections.clear();
          box.replaceChildren();
          tell(t("changes.applied"), { action: change ? undoButton(change.id, showFolders) : null });
          await showFolders();
        }),
    });
    const groups = draft.groups.map((group) =>
      groupView(group, draft.matches.filter((match) => match.group === group.folder), correct),
    );
    const plan = make("details", {}, make("summary", {}, t("changes.plan")), planView(draft, null));
    const number = draft.changes.length;
    apply.disabled = !number;
    box.replaceChildren(
      ...(groups.length ? groups : [make("p.hint", {}, t("import.no_videos"))]),
      plan,
      make("div.row", {}, apply, make("span.subtitle", { role: "status" }, count("changes.to_change", number))),
    );
  }

  /** Change the correction of a path, and plan again; a mistake takes it back. */
  function correct(target, path, values) {
    return doing(target, async () => {
      const before = corrections.get(path);
      if (values) corrections.set(path, { path, ...values });
      else corrections.delete(path);
      try {
        await load();
      } catch (error) {
        if (before) corrections.set(path, before);
        else corrections.delete(path);
        complain(error);
        await load().catch(complain);
      }
      box.querySelector(`[data-path="${CSS.escape(path)}"]`)?.focus();
    });
  }
}

/** Let a person choose a series; one of a catalogue is added to the library first. */
async function storedSeries(title) {
  const found = await chooseSeries(title);
  if (!found?.link) return found;
  const added = await post("/api/anime/add", { link: found.link, provider: found.provider });
  tell(t(added.created ? "add.added" : "add.known", { name: added.title }));
  return { key: added.key, name: added.title };
}

function groupView(group, matches, correct) {
  const place = group.folder === "." ? t("import.whole") : group.folder;
  const skipped = matches.length > 0 && matches.every((match) => match.skipped);
  const other = button(t("import.other"), {
    kind: "small",
    "data-path": group.folder,
    onclick: () =>
      doing(other, async () => {
        const found = await storedSeries(group.title);
        if (found) await correct(null, group.folder, { key: found.key });
      }),
  });
  const skip = button(t(skipped ? "import.bring_back" : "import.skip"), {
    kind: "small",
    onclick: () => correct(skip, group.folder, skipped ? null : { skip: true }),
  });
  const candidates = group.candidates.map((series) => {
    const pick = button(t("import.is_series", { name: series.name }), {
      kind: "small",
      onclick: () => correct(pick, group.folder, { key: series.key }),
    });
    return pick;
  });
  const series = group.series;
  const name = series ? (series.year ? `${series.name} (${series.year})` : series.name) : t("adoption.no_proposal");
  const lines = matches.slice(0, MOST).map((match) => matchRow(match, correct));
  const heads = ["file", "episode", "confidence", "actions"].map((each) =>
    make("th", { scope: "col" }, t(`import.column.${each}`)),
  );
  const table = make(
    "table.stacked.matches",
    { role: "table" },
    make("caption.unseen", {}, place),
    make("thead", { role: "rowgroup" }, asRow(make("tr", {}, ...heads))),
    make("tbody", { role: "rowgroup" }, ...lines),
  );
  const rest = matches.length - MOST;
  return make(
    "section.group",
    {},
    make(
      "div.group-head",
      {},
      make("h3.path", {}, place),
      make("div.row", {}, make("strong", {}, name), confidenceChip(group.confidence)),
      folderFacts(group),
      group.reason ? make("p.problem", {}, messageText(group.reason, group.reason_kind, group.reason_values)) : null,
      make("div.row", {}, ...candidates, other, skip),
    ),
    make("div.table-box", {}, table),
    rest > 0 ? make("p.hint", {}, count("changes.more_rows", rest)) : null,
  );
}

function matchRow(match, correct) {
  const name = match.path.slice(match.group === "." ? 0 : match.group.length + 1);
  const code = make("input.input.episode-code", {
    type: "text",
    value: match.episodes.length > 1 ? `${match.episodes[0]}-E${match.episodes.at(-1).split("E")[1]}` : (match.episodes[0] ?? ""),
    placeholder: "S01E01",
    pattern: CODE,
    "aria-label": t("import.episode_of", { file: name }),
    disabled: match.skipped || !match.key,
    autocomplete: "off",
    spellcheck: "false",
    "data-path": match.path,
    onchange: () => {
      const text = code.value.trim().toUpperCase();
      if (!text) return correct(code, match.path, null);
      if (!code.reportValidity()) return undefined;
      return correct(code, match.path, { key: match.key, episode: text });
    },
  });
  const skip = button(t(match.skipped ? "import.bring_back" : "import.skip"), {
    kind: "small",
    "aria-label": t(match.skipped ? "import.bring_back_named" : "import.skip_named", { file: name }),
    onclick: () => correct(skip, match.path, match.skipped ? null : { skip: true }),
  });
  const state = match.skipped
    ? make("span.chip", {}, t("import.skipped"))
    : match.corrected && match.confidence !== "unsure"
      ? make("span.chip.good", {}, t("import.corrected"))
      : confidenceChip(match.confidence);
  const why = match.reason && !match.skipped ? messageText(match.reason, match.reason_kind, match.reason_values) : "";
  return asRow(
    make(
      "tr",
      {},
      make("th.path", { scope: "row" }, name, why ? make("p.problem", {}, why) : null),
      make("td", {}, code),
      make("td", {}, state),
      make("td", {}, skip),
    ),
  );
}
