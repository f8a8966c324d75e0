// Service worker: shows the offline page while the server cannot be reached.
//
// It stores that page and the page's own files, nothing else, so no page shows data of an earlier
// visit. The server writes BASE, VERSION and FILES in front of this text; another version has
// another text, which makes browsers replace the worker.

const PREFIX = `aniworld-offline:${BASE}:`;
const STORE = PREFIX + VERSION;
const PAGE = `${BASE}/offline`;
/** Statuses with which a reverse proxy answers for a server that is stopped. */
const OF_PROXIES = [502, 503, 504];

addEventListener("install", (event) => event.waitUntil(store()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(open(request));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(fileOf(request));
});

async function store() {
  const cache = await caches.open(STORE);
  await cache.addAll([new Request(PAGE, { cache: "no-store" }), ...FILES]);
  await skipWaiting();
}

/** Delete what older versions stored; other instances on this host have a prefix of their own. */
async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== STORE) await caches.delete(name);
  }
  await clients.claim();
}

async function open(request) {
  try {
    const response = await fetch(request);
    // Every page of this server names its language.
    const isOurs = response.headers.has("Content-Language");
    return OF_PROXIES.includes(response.status) && !isOurs ? ((await stored(PAGE)) ?? response) : response;
  } catch (error) {
    const page = await stored(PAGE);
    if (page) return page;
    throw error;
  }
}

async function fileOf(request) {
  return (await stored(request)) ?? fetch(request);
}

function stored(request) {
  return caches.match(request, { cacheName: STORE });
}
