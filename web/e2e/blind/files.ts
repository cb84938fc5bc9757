// Files that are searched.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function filesIn(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
