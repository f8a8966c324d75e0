// Rules for the numbers of a running download, on every page that shows it.

/** Whether all bytes are there and the file is being checked and moved; it has no speed then. */
export function isFinishing({ percent, phase }) {
  return phase === "checking" || phase === "publishing" || percent >= 100;
}

/** Return the megabits per second that a progress counts with. */
export function movingSpeed(progress) {
  return isFinishing(progress) ? 0 : progress.speed_mbps;
}

/** Return the size in bytes; `null` if it is unknown. The received bytes can exceed an estimate. */
export function sizeOf({ total_bytes, downloaded_bytes }) {
  return total_bytes > 0 && total_bytes >= downloaded_bytes ? total_bytes : null;
}

/** Return the bytes that are still to be received; 0 if the size is unknown. */
export function remaining(progress) {
  return isFinishing(progress) ? 0 : sizeOf(progress) * (1 - progress.percent / 100);
}
