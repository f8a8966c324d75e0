// Versions of everything, and what uses how much storage.

import { bytes, integer, t } from "../../texts.js";

/** Return the rows of the versions. */
export function showVersions({ versions }) {
  return versions.map(({ name, version, age_days, is_old }) => {
    if (age_days === null) return [name, version];
    return [name, t(is_old ? "versions.old" : "versions.age", { version, n: integer(age_days) })];
  });
}

/** Return the rows of the storage use; each library folder has its own, and a sum follows. */
export function showStorage({ storage }) {
  const folders = storage.filter(({ kind }) => kind === "library");
  const rows = storage.map(({ kind, folder, bytes: size, free_bytes: free, total_bytes: total }) => [
    folder && folders.length > 1 ? t("storage.folder", { folder }) : t(`storage.${kind}`),
    size === null ? t("storage.unknown") : withDisk(size, free, total),
  ]);
  if (folders.length > 1) {
    const sum = folders.reduce((all, each) => all + each.bytes, 0);
    rows.splice(folders.length, 0, [t("storage.folders"), bytes(sum)]);
  }
  return rows;
}

function withDisk(size, free, total) {
  if (typeof free !== "number" || typeof total !== "number") return bytes(size);
  return t("storage.on_disk", { size: bytes(size), free: bytes(free), total: bytes(total) });
}
