// Keys of the watch page.

import { by } from "../../dom.js";
import { shortcut, showKeyboardHelp } from "../../frame/shortcuts.js";

/** Seconds of a jump. */
const JUMP = 10;

/**
 * Control a video by keys.
 *
 * @param {HTMLVideoElement} video the video.
 * @param {object} actions `start` plays; `go` opens the `previous` or `next` episode.
 */
export function handleKeys(video, { start, go }) {
  /** Register keys that need a video that is shown. */
  function keys(names, text, action, options) {
    const act = () => (video.hidden ? false : void action());
    for (const name of names) shortcut(name, `watch.key.${text}`, act, options);
  }

  function jump(seconds) {
    video.currentTime = Math.max(0, Math.min(video.currentTime + seconds, video.duration || 0));
  }

  keys([" ", "k"], "play", () => (video.paused ? start() : video.pause()));
  keys(["ArrowLeft", "j"], "jump", () => jump(-JUMP), { repeats: true });
  keys(["ArrowRight", "l"], "jump", () => jump(JUMP), { repeats: true });
  keys(["f"], "full", () => (document.fullscreenElement ? document.exitFullscreen() : video.requestFullscreen()));
  keys(["m"], "mute", () => (video.muted = !video.muted));
  keys(["c"], "subtitles", () => toggleSubtitles(video));
  shortcut("p", "watch.key.episodes", () => go("previous"));
  shortcut("n", "watch.key.episodes", () => go("next"));
  by("keys").addEventListener("click", showKeyboardHelp);
}

function toggleSubtitles(video) {
  const tracks = [...video.textTracks];
  const shown = tracks.find((track) => track.mode === "showing");
  if (shown) shown.mode = "disabled";
  else if (tracks.length) tracks[0].mode = "showing";
}
