// The server of the blind calls.

import { Server } from "../server.ts";
import { buildBlindPage } from "./page.ts";

/** A server that says all it has to say, and whose memory may be read. */
export async function startServer(
  environment: Record<string, string> = {},
  program = "sottod",
): Promise<Server> {
  // As root nothing needs to be allowed, and the server is run as it is by default.
  const allowance = process.getuid?.() === 0 ? {} : { SOTTO_CORE_DUMPS: "true" };
  return Server.start(
    {
      SOTTO_WEB_ROOT: await buildBlindPage(),
      SOTTO_LOG_LEVEL: "debug",
      ...allowance,
      ...environment,
    },
    program,
  );
}
