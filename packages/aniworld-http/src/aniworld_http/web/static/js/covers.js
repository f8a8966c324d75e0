// Covers of posters that are looked at: few at a time, dropped again when there are many.

import { picture } from "./api.js";

const AT_ONCE = 6;
/** So many stay while they are out of sight. */
const KEPT = 160;
/** Whom we race past is not loaded; what stays in sight this long is, in milliseconds. */
const STAY = 120;
/** The server's patience is for more than covers: a screen or two at once, then so many a second. */
const BURST = 80;
const PER_SECOND = 8;

/** What is known of each tile: where its cover is, and what has become of it. */
const known = new WeakMap();
/** Tiles in sight whose cover is still to come, in the order in which they came into sight. */
const waiting = new Set();
/** Tiles that show their cover, those seen last at the end. */
const shown = new Set();
let running = 0;
let allowed = BURST;
let counted = performance.now();
let timer = null;
let restUntil = 0;

const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const tile = known.get(target);
      tile.inSight = isIntersecting;
      tile.since = performance.now();
      if (!isIntersecting) waiting.delete(target);
      else if (tile.state === "none") waiting.add(target);
      else if (shown.delete(target)) shown.add(target);
    }
    later(STAY);
  },
  { rootMargin: "200px 0px" },
);

/** Show a cover above a tile, once somebody looks there; without one the tile stays as it is. */
export function showCover(node, path) {
  known.set(node, { path, state: "none", inSight: false, since: 0 });
  sight.observe(node);
}

function later(milliseconds) {
  timer ??= setTimeout(() => {
    timer = null;
    next();
  }, milliseconds);
}

function next() {
  const now = performance.now();
  allowed = Math.min(BURST, allowed + ((now - counted) / 1000) * PER_SECOND);
  counted = now;
  for (const node of waiting) {
    if (running >= AT_ONCE) return;
    const wait = Math.max(restUntil - now, allowed < 1 ? 1000 / PER_SECOND : 0);
    if (wait > 0) return void later(wait);
    if (!node.isConnected) {
      waiting.delete(node);
    } else if (now - known.get(node).since < STAY) {
      later(STAY);
    } else {
      waiting.delete(node);
      allowed -= 1;
      load(node);
    }
  }
}

async function load(node) {
  const tile = known.get(node);
  tile.state = "loading";
  running += 1;
  try {
    const blob = await picture(tile.path);
    tile.state = blob && (await draw(node, blob)) ? "shown" : "gone";
    if (tile.state === "shown") shown.add(node);
  } catch (problem) {
    // Asked too fast, or nobody there: the tile waits until it is looked at again.
    tile.state = "none";
    if (problem.wait) {
      restUntil = performance.now() + problem.wait * 1000;
      if (tile.inSight) waiting.add(node);
    }
  } finally {
    running -= 1;
  }
  tidy();
  next();
}

async function draw(node, blob) {
  const address = URL.createObjectURL(blob);
  const image = new Image();
  image.alt = "";
  image.src = address;
  try {
    await image.decode();
    node.append(image);
    return true;
  } catch {
    return false; // what no browser can read is no cover
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Drop covers that were not seen for longest; they come back from the browser's own cache. */
function tidy() {
  for (const node of shown) {
    if (shown.size <= KEPT) return;
    const tile = known.get(node);
    if (tile.inSight && node.isConnected) continue;
    shown.delete(node);
    node.querySelector("img")?.remove();
    tile.state = "none";
  }
}
