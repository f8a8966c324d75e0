// Watch page: play an episode of the library in the browser.

import { keepScroll } from "../address.js";
import { Problem, get, save } from "../api.js";
import { BASE, at, now, seriesPath } from "../context.js";
import { button, by, empty, make, say } from "../dom.js";
import { isSignedIn } from "../frame.js";
import { complain, doing } from "../messages.js";
import { technical } from "../frame/technical.js";
import { bytes, duration, languageName, sentence, t } from "../texts.js";
import { handleKeys } from "./watch/keys.js";
import { knownPosition, keepPosition } from "./watch/positions.js";
import { whyNotPlayable } from "./watch/support.js";

const [, , rawKey, rawCode] = location.pathname.slice(BASE.length).split("/");
const key = decodeURIComponent(rawKey);
const code = rawCode.toUpperCase();
const video = by("video");
/** Seconds until the next episode starts by itself. */
const PAUSE = 8;
/** Seconds between two notes of the position. */
const NOTED_EVERY = 5;
let episode = null;
let noted = 0;
let renewals = 0;

const address = `/api/playback/episodes/${encodeURIComponent(key)}/${code}`;

function pageOf(other) {
  return at(`/watch/${encodeURIComponent(key)}/${other}`);
}

async function load() {
  try {
    episode = await get(address);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status !== 401) refuseMissing(error);
    return;
  }
  draw();
  const reason = whyNotPlayable(video, episode);
  if (reason) return refuse(t("watch.cannot"), reason);
  play();
}

function draw() {
  document.title = `${episode.name} ${code} · Aniworld`;
  say(by("title"), `${episode.name} · ${code} · ${episode.title}`);
  by("title").title = by("title").textContent;
  by("back").href = seriesPath(key);
  drawNeighbour(by("previous"), episode.previous);
  drawNeighbour(by("next"), episode.next);
  by("playlist").removeAttribute("data-absent");
  drawFacts();
}

function drawNeighbour(link, other) {
  link.toggleAttribute("data-absent", !other);
  if (!other) return;
  link.href = pageOf(other.code);
  say(link.querySelector("span"), other.code);
  link.title = other.title;
}

function drawFacts() {
  const { facts, file, size } = episode;
  const found = [
    ["path", file],
    ["size", size === null ? "" : bytes(size)],
  ];
  if (facts) {
    found.push(
      ["resolution", facts.height ? `${facts.width ?? "?"} × ${facts.height}` : ""],
      ["duration", facts.duration_seconds === null ? "" : duration(facts.duration_seconds)],
      ["video", facts.video_codec],
      ["audio", facts.audio_codecs.join(", ")],
      ["audio_languages", facts.audio_languages.map(nameOf).join(", ")],
      ["subtitles", facts.subtitle_languages.map(nameOf).join(", ")],
    );
  }
  by("facts-list").replaceChildren(
    ...found
      .filter(([, value]) => value)
      .flatMap(([name, value]) => [make("dt", {}, t(`details.fact.${name}`)), make("dd", {}, value)]),
  );
}

function nameOf(language) {
  return language === "und" ? t("details.unknown") : languageName(language);
}

/** Say why the episode is not shown, and offer to open it in a player. */
function refuse(title, reason) {
  video.hidden = true;
  video.removeAttribute("src");
  const acts = episode
    ? [
        button(t("watch.open"), { sign: "open", kind: "primary", onclick: openInPlayer }),
        button(t("watch.open_season"), { onclick: openSeason }),
      ]
    : [make("a.button", { href: seriesPath(key) }, t("watch.back"))];
  by("refusal").replaceChildren(empty("warn", sentence(title), sentence(reason), make("div.row.center", {}, ...acts)));
  show("refusal");
}

/** The series or its file is gone: there is nothing to open in a player either. */
function refuseMissing(problem) {
  episode = null;
  by("playlist").setAttribute("data-absent", "");
  by("facts").hidden = true;
  refuse(problem.message, problem.hint);
}

function show(name) {
  by("stage").dataset.state = name;
  by("below").hidden = name === "loading";
  for (const each of ["loading", "video", "refusal"]) by(each).hidden = each !== name;
}

function openInPlayer(event) {
  const path = `/api/playback/playlists/${encodeURIComponent(key)}?episodes=${code}`;
  return doing(event.currentTarget, () => save(path, `${key}-${code}.m3u`));
}

function openSeason(event) {
  const season = code.split("E")[0];
  const path = `/api/playback/playlists/${encodeURIComponent(key)}?episodes=${season}`;
  return doing(event.currentTarget, () => save(path, `${key}-${season}.m3u`));
}

function play() {
  const tracks = episode.subtitles.map((subtitle) =>
    make("track", {
      kind: "subtitles",
      src: at(subtitle.link),
      srclang: subtitle.language,
      label: labelOf(subtitle),
    }),
  );
  video.replaceChildren(...tracks);
  video.src = at(episode.link);
  show("video");
}

function labelOf({ label, language }) {
  const [, ...more] = label.split(".");
  const name = language ? languageName(language) : label || t("watch.subtitle");
  return language && more.length ? `${name} (${more.join(", ")})` : name;
}

function resume() {
  const seconds = knownPosition(key, code);
  if (seconds === null || seconds >= video.duration) return;
  video.currentTime = seconds;
  say(by("resumed").querySelector("span"), t("watch.resumed", { time: duration(seconds) }));
  by("resumed").hidden = false;
}

function note() {
  if (!video.hidden && video.duration) keepPosition(key, code, video.currentTime, video.duration);
  noted = video.currentTime;
}

/** A link expires, and a file can be replaced: ask once for a new link, then give up. */
async function renew() {
  const expired = episode && Date.parse(episode.expires_at) <= now();
  const isNetwork = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
  const wasPlaying = video.readyState > 0 || video.currentTime > 0;
  if (renewals || !(expired || isNetwork || wasPlaying)) return giveUp();
  renewals += 1;
  const [position, wasPaused] = [video.currentTime, video.paused];
  try {
    episode = await get(address);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return refuseMissing(error);
    return complain(error);
  }
  play();
  video.addEventListener(
    "loadedmetadata",
    () => {
      video.currentTime = position;
      if (!wasPaused) start();
    },
    { once: true },
  );
  return undefined;
}

async function giveUp() {
  const detail = video.error?.message;
  // The file may be gone since the page was opened.
  try {
    episode = await get(address);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return refuseMissing(error);
  }
  const network = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
  refuse(t("watch.cannot"), t(network ? "watch.reason.network" : "watch.reason.refused"));
  if (detail) by("refusal").append(technical([`${key} ${code}`, episode.media_type, detail]));
  return undefined;
}

function start() {
  // A browser may forbid sound before the first click; the button stays.
  return video.play().catch(() => {});
}

function offerNext() {
  keepPosition(key, code, 0, video.duration);
  if (!episode.next) return;
  const target = `${pageOf(episode.next.code)}#play`;
  say(by("ended").querySelector("span"), t("watch.next_soon", { code: episode.next.code, n: PAUSE }));
  by("ended").hidden = false;
  const timer = setTimeout(() => location.assign(target), PAUSE * 1000);
  by("stay").onclick = () => {
    clearTimeout(timer);
    by("ended").hidden = true;
  };
}

video.addEventListener("loadedmetadata", () => {
  // A file whose picture the browser cannot show is played as sound only.
  if (episode.facts?.video_codec && !video.videoWidth) {
    return refuse(t("watch.cannot"), t("watch.reason.picture", { codec: episode.facts.video_codec }));
  }
  if (!renewals) resume();
  if (location.hash === "#play") start();
  return undefined;
});
video.addEventListener("timeupdate", () => Math.abs(video.currentTime - noted) >= NOTED_EVERY && note());
video.addEventListener("pause", note);
video.addEventListener("playing", () => (renewals = 0));
video.addEventListener("ended", offerNext);
video.addEventListener("error", renew);
addEventListener("pagehide", note);
by("from-start").addEventListener("click", () => {
  video.currentTime = 0;
  by("resumed").hidden = true;
  start();
});
by("playlist").addEventListener("click", openInPlayer);
handleKeys(video, { start, go: (name) => episode?.[name] && location.assign(pageOf(episode[name].code)) });

if (isSignedIn) {
  keepScroll();
  load();
}
