// What can be set, section by section. Words are `setting.<pointer with dots>` and `….hint`.

const KIB = 1024;
const QUALITIES = ["best", "1080p", "720p", "480p", "360p", "worst"];
const SUBTITLES = ["wanted", "all", "none"];
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
export const EVENTS = ["completed", "failed", "queue_drained", "new_episode", "disk_low"];

const text = (pointer, extra = {}) => ({ pointer, kind: "text", ...extra });
const number = (pointer, extra = {}) => ({ pointer, kind: "number", ...extra });
const toggle = (pointer) => ({ pointer, kind: "switch" });
const list = (pointer, extra = {}) => ({ pointer, kind: "list", ...extra });
const lines = (pointer, extra = {}) => ({ pointer, kind: "list", lines: true, ...extra });
const choice = (pointer, options, words) => ({ pointer, kind: "choice", options, words });

/** Settings that decide where the server writes: they need the password. */
export const PATHS = ["/other/anime_directory", "/data_dir", "/backup/path", "/logging/file"];

export const SECTIONS = [
  { name: "library", fields: [text("/other/anime_directory", { folder: true }), text("/name")] },
  { name: "languages", fields: [list("/languages/order"), toggle("/languages/upgrade")] },
  {
    name: "downloads",
    fields: [
      choice("/downloads/quality", QUALITIES, "quality"),
      choice("/downloads/subtitles", SUBTITLES, "subtitles"),
      number("/downloads/concurrent", { min: 1, max: 16 }),
      number("/downloads/connections", { min: 1, max: 16 }),
      number("/downloads/stall_timeout", { min: 5, max: 3600, step: "any" }),
      number("/downloads/limit_rate", { scale: KIB, min: 0 }),
      list("/downloads/hours"),
      number("/downloads/reserve_bytes", { scale: KIB ** 2, min: 0 }),
      number("/downloads/max_bytes", { scale: KIB ** 3, min: 1 }),
      number("/downloads/retries", { min: 0, max: 100 }),
      number("/downloads/retry_delay_seconds", { min: 0, step: "any" }),
      number("/downloads/keep_completed", { min: 0 }),
      number("/downloads/keep_failed", { min: 0 }),
    ],
  },
  {
    name: "naming",
    fields: [
      text("/naming/series_folder"),
      text("/naming/season_folder"),
      text("/naming/episode"),
    ],
  },
  {
    name: "scheduler",
    fields: [
      toggle("/scheduler/enabled"),
      number("/scheduler/interval_minutes", { min: 1, max: 10080 }),
      list("/scheduler/times"),
      toggle("/scheduler/queue_missing"),
    ],
  },
  {
    name: "notifications",
    fields: [
      lines("/notifications/urls"),
      lines("/notifications/webhooks"),
      text("/notifications/webhook_secret", { secret: true }),
      { pointer: "/notifications/events", kind: "several", options: EVENTS, words: "event" },
    ],
  },
  {
    name: "network",
    fields: [
      text("/network/proxy"),
      text("/network/user_agent"),
      list("/network/allowed_hosts"),
      list("/network/trusted_proxies"),
      toggle("/network/open_metrics"),
    ],
  },
  {
    name: "maintenance",
    fields: [
      choice("/logging/level", LEVELS),
      text("/logging/file"),
      number("/logging/max_bytes", { min: 1, max: 1024, scale: KIB ** 2 }),
      number("/logging/keep", { min: 0, max: 100 }),
      toggle("/backup/enabled"),
      number("/backup/keep", { min: 1, max: 1000 }),
      text("/backup/path", { folder: true }),
      text("/data_dir", { folder: true }),
    ],
  },
];

/** What can be set for one catalogue. */
export function providerFields(name) {
  const of = (field) => `/providers/${escaped(name)}/${field}`;
  const words = (field) => `setting.providers.${field}`;
  const fields = [
    { ...toggle(of("enabled")), words: words("enabled") },
    { ...text(of("base_url")), words: words("base_url") },
    { ...text(of("proxy")), words: words("proxy") },
    {
      ...number(of("requests_per_minute"), { min: 1, max: 6000, fallback: 60 }),
      words: words("requests_per_minute"),
    },
  ];
  if (name === "aniworld" || name === "serienstream") {
    fields.push({ ...text(of("layout")), words: words("layout") });
  }
  if (name === "jellyfin" || name === "index") {
    fields.push({ pointer: of("servers"), kind: "servers", words: words("servers") });
  }
  return fields;
}

/** A name as a part of a JSON pointer (RFC 6901). */
function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names a JSON pointer leads through. */
export function steps(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What a document holds at a pointer. */
export function valueAt(document, pointer) {
  return steps(pointer).reduce((inner, step) => inner?.[step], document);
}

/** Put a value into a document, making what is needed on the way. */
export function putAt(document, pointer, value) {
  const path = steps(pointer);
  const last = path.pop();
  let inner = document;
  for (const step of path) inner = inner[step] ??= {};
  inner[last] = value;
}
