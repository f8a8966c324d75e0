// Versions of everything, and what uses how much storage.

import { bytes, integer, t } from "../../texts.js";

/** Return the rows of the versions. */
export function showVersions({ versions }) {
  return versions.map(({ name, version, age_days, is_old }) => {
    if (age_days === null) return [name, version];
    return [name, t(is_old ? "versions.old" : "versions.age", { version, n: integer(age_days) })];
  });
}

/** Return the rows of the storage use. */
export function showStorage({ storage }) {
  return storage.map(({ kind, bytes: size }) => [
    t(`storage.${kind}`),
    size === null ? t("storage.unknown") : bytes(size),
  ]);
}
