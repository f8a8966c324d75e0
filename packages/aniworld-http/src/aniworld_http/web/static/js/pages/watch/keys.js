// Keys of the watch page.

/** Seconds of a jump. */
const JUMP = 10;
const CONTROLS = "input, textarea, select, button, a, summary, dialog, [popover]";

/**
 * Control a video by keys.
 *
 * @param {HTMLVideoElement} video the video.
 * @param {object} actions `start` plays; `go` opens the `previous` or `next` episode.
 */
export function handleKeys(video, { start, go }) {
  const acts = {
    " ": () => (video.paused ? start() : video.pause()),
    k: () => (video.paused ? start() : video.pause()),
    arrowleft: () => jump(-JUMP),
    arrowright: () => jump(JUMP),
    j: () => jump(-JUMP),
    l: () => jump(JUMP),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : video.requestFullscreen()),
    m: () => (video.muted = !video.muted),
    c: () => toggleSubtitles(video),
    n: () => go("next"),
    p: () => go("previous"),
  };

  function jump(seconds) {
    video.currentTime = Math.max(0, Math.min(video.currentTime + seconds, video.duration || 0));
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.(CONTROLS)) return;
    const act = acts[event.key.toLowerCase()];
    const isNavigation = event.key === "n" || event.key === "p";
    if (!act || (video.hidden && !isNavigation)) return;
    // The element has keys of its own, which would do the same a second time.
    event.preventDefault();
    act();
  });
}

function toggleSubtitles(video) {
  const tracks = [...video.textTracks];
  const shown = tracks.find((track) => track.mode === "showing");
  if (shown) shown.mode = "disabled";
  else if (tracks.length) tracks[0].mode = "showing";
}
