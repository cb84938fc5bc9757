// Where encryption cannot work nothing is sent, and the page says why.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { rememberConnections } from "./checks.ts";
import { Person } from "./person.ts";
import { type Server, startServer } from "./server.ts";

const faults: [string, () => void, RegExp][] = [
  ["no Worker", () => Reflect.deleteProperty(window, "Worker"), /no Web Workers/],
  ["no WebAssembly", () => Reflect.deleteProperty(window, "WebAssembly"), /WebAssembly is switched off/],
  [
    "no transform",
    () => {
      Reflect.deleteProperty(window, "RTCRtpScriptTransform");
      Reflect.deleteProperty(RTCRtpSender.prototype, "createEncodedStreams");
    },
    /cannot transform encoded media/,
  ],
  [
    "a worker that does not load",
    () => {
      const Original = Worker;
      window.Worker = class extends Original {
        constructor() {
          super("/there-is-no-worker-here.js");
        }
      };
    },
    /worker could not run/,
  ],
];

describe("fails closed", () => {
  let server: Server;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  for (const [name, fault, message] of faults) {
    test(name, async () => {
      const alice = await Person.create("alice", rememberConnections);
      try {
        await alice.page.addInitScript(fault);
        await alice.page.goto(server.url);
        await alice.page.getByRole("button", { name: "New meeting" }).click();
        await alice.page.locator('[data-page="lobby"] button.primary').click();
        const alert = alice.page.locator('[role="alert"]');
        await alice.until(() => alert.textContent(), (text) => message.test(text ?? ""));
        await sleep(500);
        const sent = await alice.page.evaluate(async () => {
          const connections = (window as unknown as { sottoConnections: RTCPeerConnection[] }).sottoConnections;
          let bytes = 0;
          for (const connection of connections)
            for (const entry of (await connection.getStats()).values())
              if (entry.type === "outbound-rtp") bytes += entry.bytesSent;
          return bytes;
        });
        assert.equal(sent, 0, "media was sent");
      } finally {
        await alice.close();
      }
    });
  }
});
