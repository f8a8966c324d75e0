// Lazy loading of covers: only visible ones, a few at a time; old ones are released.

import { picture } from "./api.js";

const AT_ONCE = 6;
/** Covers that stay loaded while they are out of sight. */
const KEPT = 160;
/** Milliseconds that a tile must be visible before its cover is loaded. */
const STAY = 120;
/** Covers loaded at once, and per second: other requests share the server's rate limit. */
const BURST = 80;
const PER_SECOND = 8;

/** State of each tile: the address of its cover, and whether it is loaded. */
const known = new WeakMap();
/** Visible tiles without a cover, in the order in which they became visible. */
const waiting = new Set();
/** Tiles that show their cover, the last visible ones at the end. */
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

/** Show a cover in a tile when the tile becomes visible; without a cover the tile is unchanged. */
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
    // Rate limit or no connection: try again when the tile becomes visible again.
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
    return false; // not an image that the browser can decode
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Release the covers that were out of sight for longest; the browser cache still has them. */
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
