// The service worker, which shows a page of its own when the server cannot be reached.

import { at } from "../context.js";

/** Register the service worker; browsers offer them over HTTPS and on the same machine only. */
export function useOfflinePage() {
  if (!navigator.serviceWorker) return;
  const register = () =>
    navigator.serviceWorker
      .register(at("/service-worker.js"), { scope: at("/"), updateViaCache: "none" })
      // Without it everything else works: private windows and policies forbid it.
      .catch((error) => console.info("no offline page:", error.message));
  // Its files do not compete with those of the page.
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}
