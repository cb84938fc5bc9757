// What the bundled worker runs.

import { run } from "./main";

run(globalThis as unknown as Parameters<typeof run>[0]);
