// A page from an address that browsers do not trust.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoPageErrors } from "./checks.ts";
import { Person } from "./person.ts";
import { takeScreenshots } from "./screenshots.ts";
import { Server } from "./server.ts";

test("an insecure address is explained, and nothing is asked for or sent", async () => {
  const server = await Server.start({ SOTTO_LISTEN_ADDRESS: "0.0.0.0" });
  const flags = ["--host-resolver-rules=MAP sotto.example 127.0.0.1"];
  const alice = await Person.create("alice", { flags });
  const requests: string[] = [];
  alice.page.on("request", (request) => requests.push(request.method()));
  try {
    const origin = `http://sotto.example:${server.port}`;
    await alice.page.goto(`${origin}/m/abcd-efgh-ijkl#a%20key`);
    const page = alice.page.locator('[data-page="insecure"]');
    await page.waitFor();
    const text = await page.innerText();
    assert.match(text, /needs a secure address/);
    assert.ok(text.includes(origin));
    assert.ok(text.includes(`http://localhost:${server.port}`));
    assert.match(text, /tls\.certificate/);
    await takeScreenshots(alice.page, "insecure");
    assert.ok(!alice.page.url().includes("#"), "the key is still in the address");
    assert.deepEqual([...new Set(requests)], ["GET"]);
    assertNoPageErrors(alice);
  } finally {
    await alice.close();
    await server.stop();
  }
});
