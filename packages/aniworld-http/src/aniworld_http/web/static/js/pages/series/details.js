// Dialog of one episode: its files with their facts, pins, and whether it is wanted.

import { page, post } from "../../api.js";
import { button, make, say } from "../../dom.js";
import { ask, complain, doing, tell } from "../../messages.js";
import { bytes, duration, languageName, moment, sentMessage, t } from "../../texts.js";
import { undoButton } from "../changes/undo.js";

function languages(codes) {
  return codes.map((code) => (code === "und" ? t("details.unknown") : languageName(code))).join(", ");
}

/** Names and values of what is known about a file. */
function factsOf(file) {
  const { facts } = file;
  const found = [
    ["path", file.path],
    ["size", bytes(file.size)],
  ];
  if (!facts) return found;
  const height = facts.height ? `${facts.width ?? "?"} × ${facts.height}` : "";
  return found.concat([
    ["resolution", height],
    ["duration", facts.duration_seconds === null ? "" : duration(facts.duration_seconds)],
    ["video", facts.video_codec],
    ["audio", facts.audio_codecs.join(", ")],
    ["audio_languages", languages(facts.audio_languages)],
    ["subtitles", languages(facts.subtitle_languages)],
  ]);
}

function fileBox(file, key, episode, { reload, deleted, downloads }) {
  const download = downloads.find((entry) => entry.file === file.path);
  const facts = factsOf(file).filter(([, value]) => value);
  if (download) facts.push(["downloaded", moment(download.at)], ["source", download.detail ?? ""]);
  const pin = button(t(file.pinned ? "details.unpin" : "details.pin"), {
    "data-needs": "control",
    sign: "bookmark",
    kind: "small",
    onclick: () =>
      doing(pin, async () => {
        const code = file.pinned ? null : episode.code;
        await post("/api/library/files/pin", { path: file.path, key, episode: code });
        tell(t(file.pinned ? "details.unpinned" : "details.pinned"));
        await reload();
      }),
  });
  const remove = button(t("details.delete"), {
    "data-needs": "control",
    kind: "small",
    onclick: () => deleteFile(remove, file, deleted),
  });
  const reason = file.reason;
  return make(
    "section.file-box",
    {},
    make(
      "div.chips",
      {},
      make("span.chip", {}, t(`details.state.${file.state}`)),
      file.pinned ? make("span.chip.accent", {}, t("details.is_pinned")) : null,
    ),
    make(
      "dl.facts",
      {},
      ...facts.flatMap(([name, value]) => [make("dt", {}, t(`details.fact.${name}`)), make("dd", {}, value)]),
    ),
    reason ? make("p.problem", {}, sentMessage(reason)) : null,
    file.facts ? null : make("p.hint", {}, t("details.not_inspected")),
    make("div.row", {}, pin, remove),
  );
}

/** Ask whether the episode stays wanted, then move the file to the recycle bin. */
export async function deleteFile(target, file, deleted) {
  const unwanted = make("input", { type: "checkbox" });
  const label = make("label.check", {}, unwanted, ` ${t("details.delete_unwanted")}`);
  const sure = await ask(t("details.delete_title"), t("details.delete_text", { file: file.path }), {
    yes: t("details.delete"),
    danger: true,
    fields: [label],
  });
  if (!sure) return;
  await doing(target, async () => {
    const change = await post("/api/library/files/delete", { path: file.path, unwanted: unwanted.checked });
    tell(t("details.deleted"), { action: undoButton(change.id, () => deleted(false)) });
    await deleted(unwanted.checked);
  });
}

/**
 * Show the dialog of an episode.
 *
 * @param {string} key key of the series.
 * @param {object} episode the episode.
 * @param {object} actions `setWanted` marks it, `changed` is called after a pin.
 */
export function showDetails(key, episode, { setWanted, changed }) {
  const files = make("div", { "aria-live": "polite" }, make("p.hint", {}, t("frame.loading")));
  const wanted = button(t(episode.monitored ? "details.not_wanted" : "details.wanted"), {
    "data-needs": "control",
    onclick: async () => {
      await setWanted(wanted, [episode.code], !episode.monitored);
      dialog.close();
    },
  });
  const dialog = make(
    "dialog.wide",
    { "aria-labelledby": "details-title" },
    make("h2", { id: "details-title" }, `${episode.code} · ${episode.title}`),
    files,
    make("div.row.end", {}, wanted, button(t("action.close"), { onclick: () => dialog.close() })),
  );

  async function load() {
    try {
      const name = encodeURIComponent(key);
      const [{ rows }, history] = await Promise.all([
        page(`/api/library/files?series=${name}&limit=10000`),
        page(`/api/history?key=${name}&kind=completed&kind=upgraded&limit=500`),
      ]);
      const number = Number(episode.code.split("E")[1]);
      const own = rows.filter((file) => file.season === episode.season && file.numbers.includes(number));
      own.sort((one, other) => Number(other.path === episode.file) - Number(one.path === episode.file));
      files.replaceChildren(
        ...(own.length
          ? own.map((file) => fileBox(file, key, episode, { reload, downloads: history.rows, deleted: (unwanted) => forget(file, unwanted) }))
          : [make("p.hint", {}, t(episode.downloaded ? "details.not_scanned" : "details.no_file"))]),
      );
    } catch (error) {
      complain(error);
    }
  }

  /** Draw the episode without a deleted file; a further version stays. */
  async function forget(file, unwanted) {
    if (file.path === episode.file) {
      const monitored = episode.monitored && !unwanted;
      episode = { ...episode, downloaded: false, file: null, monitored };
      say(wanted, t(monitored ? "details.not_wanted" : "details.wanted"));
    }
    await reload();
  }

  async function reload() {
    await changed();
    await load();
  }

  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return load();
}
