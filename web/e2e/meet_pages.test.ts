// Sotto Meet before and around a call: every page with every way it can be met, driven for real.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertNoPageErrors } from "./checks.ts";
import { Person } from "./person.ts";
import { giveDrawnCamera } from "./portraits.ts";
import { takeScreenshots } from "./screenshots.ts";
import { Server } from "./server.ts";

const FAKE_DEVICES = "--use-fake-device-for-media-stream";
const ALLOW_DEVICES = "--use-fake-ui-for-media-stream";

describe("Sotto Meet's pages", () => {
  let server: Server;
  let alice: Person;

  before(async () => {
    [server, alice] = await Promise.all([Server.start(), Person.create("alice")]);
    await giveDrawnCamera(alice, 0);
  });

  after(async () => {
    await alice?.close();
    await server?.stop();
  });

  const page = (name: string, person = alice) => person.page.locator(`[data-page="${name}"]`);

  test("home takes links and room ids, and says what is wrong with others", async () => {
    await alice.page.goto(server.url);
    await page("home").waitFor();
    await takeScreenshots(alice.page, "home");
    const field = alice.page.getByLabel("Link or room id");
    const alert = alice.page.getByRole("alert");
    await field.fill("https://elsewhere.example/m/2kyv-gzay-64pg#key");
    await alice.button("Join").click();
    await alert.filter({ hasText: /another server/ }).waitFor();
    await field.fill("two words/or three");
    await alice.button("Join").click();
    await alert.filter({ hasText: /not the link of a meeting/ }).waitFor();
    await takeScreenshots(alice.page, "home-wrong-link", { sizes: ["phone"] });
    await field.fill("2kyv-gzay-64pg");
    await alice.button("Join").click();
    await page("lobby").getByText("2kyv-gzay-64pg").waitFor();
    await alice.page.goBack();
    await page("home").waitFor();
  });

  test("the lobby shows picture, level and devices, and remembers name and choice", async () => {
    await alice.page.goto(server.url);
    await alice.button("New meeting").click();
    const lobby = page("lobby");
    await lobby.getByText("Your microphone works.").waitFor();
    await alice.until(
      () => alice.lookAt(".preview video"),
      (sight) => sight !== undefined,
    );
    await lobby.getByLabel("Your name").fill("Alice");
    const picker = (label: string) => lobby.getByRole("combobox", { name: label });
    await picker("Camera").locator("option").nth(1).waitFor({ state: "attached" });
    await picker("Speaker").waitFor();
    await lobby.getByLabel("Your name").blur();
    await takeScreenshots(alice.page, "lobby");
    await picker("Microphone").selectOption({ index: 1 });
    const chosen = await picker("Microphone").inputValue();
    assert.notEqual(chosen, "");
    await lobby.getByText("Your microphone works.").waitFor();

    await alice.page.reload();
    assert.equal(await lobby.getByLabel("Your name").inputValue(), "Alice");
    await alice.until(
      () => picker("Microphone").inputValue(),
      (value) => value === chosen,
    );
    const kept = await alice.page.evaluate(() => JSON.stringify({ ...localStorage }));
    const names = Object.keys(JSON.parse(JSON.parse(kept)["sotto-meet"]) as object);
    assert.deepEqual(names, ["name", "cameraId", "microphoneId", "speakerId"]);
  });

  test("a link without a key asks for it, and joins without", async () => {
    await alice.page.goto(`${server.url}/m/${await server.createRoom()}`);
    await alice.button("Join without the key").waitFor();
    await takeScreenshots(alice.page, "lobby-without-key");
    await alice.button("Join without the key").click();
    await alice.page.getByText("You have no key yet.").waitFor();
    await takeScreenshots(alice.page, "call-without-key");
    assertNoPageErrors(alice);
  });

  test("a key that comes by the address while joining is the one that is used and copied", async () => {
    let goOn = () => {};
    const isHeld = new Promise<void>((done) => (goOn = done));
    await alice.page.goto(`${server.url}/m/${await server.createRoom()}`);
    await alice.page.route("**/meet/token", (route) => isHeld.then(() => route.continue()));
    await alice.page.locator('input[name="key"]').fill("the older key");
    await alice.button("Join").click();
    await alice.button("Joining…").waitFor();
    await alice.page.evaluate(() => (location.hash = "the%20newer%20key"));
    await alice.page.waitForURL((url) => url.hash === "");
    goOn();
    assert.match(await alice.copyLink(), /#the%20newer%20key$/);
    await alice.page.unroute("**/meet/token");
  });

  for (const [state, flag, message] of [
    ["refused", ALLOW_DEVICES, "was not allowed"],
    ["absent", FAKE_DEVICES, "No camera was found"],
  ] as const) {
    test(`${state} devices are told each, and joining works all the same`, async () => {
      const bob = await Person.create("bob", { withoutFlags: [flag] });
      try {
        await bob.page.goto(server.url);
        await bob.button("New meeting").click();
        const problems = page("lobby", bob).locator(".problem");
        await problems.filter({ hasText: message }).first().waitFor();
        await problems.filter({ hasText: /microphone/ }).waitFor();
        assert.equal(await problems.count(), 2);
        await takeScreenshots(bob.page, `lobby-${state}`, { sizes: ["desktop"] });
        await bob.joinFromLobby();
        await bob.button("Start camera").click();
        await bob.page.getByRole("status").filter({ hasText: message }).waitFor();
        await takeScreenshots(bob.page, `call-${state}`, { sizes: ["phone"], hasNotices: true });
        assertNoPageErrors(bob);
      } finally {
        await bob.close();
      }
    });
  }

  for (const [missing, remove, message] of [
    ["WebRTC", () => Reflect.deleteProperty(window, "RTCPeerConnection"), /no WebRTC/],
    ["Worker", () => Reflect.deleteProperty(window, "Worker"), /no Web Workers/],
    ["WebAssembly", () => Reflect.deleteProperty(window, "WebAssembly"), /WebAssembly is switched off/],
    [
      "transform",
      () => {
        Reflect.deleteProperty(window, "RTCRtpScriptTransform");
        Reflect.deleteProperty(RTCRtpSender.prototype, "createEncodedStreams");
      },
      /cannot transform encoded media/,
    ],
  ] as const) {
    test(`a browser without ${missing} is told so, and what to use`, async () => {
      const other = await alice.context.newPage();
      await other.addInitScript(remove as () => void);
      await other.goto(`${server.url}/m/2kyv-gzay-64pg#a%20key`);
      const unsupported = other.locator('[data-page="unsupported"]');
      await unsupported.getByText(message).waitFor();
      await unsupported.getByText(/current Chrome, Edge, Firefox or Safari/).waitFor();
      assert.ok(!other.url().includes("#"), "the key is still in the address");
      if (missing === "transform") await takeScreenshots(other, "unsupported");
      await other.close();
    });
  }

  test("a full meeting is told, and joins as soon as there is room", async () => {
    const small = await Server.start({ SOTTO_LIMITS_PARTICIPANTS_PER_ROOM: "1" });
    const other = await alice.context.newPage();
    try {
      const link = await alice.startMeeting(small.url);
      await other.goto(link);
      const join = other.getByRole("button", { name: "Join", exact: true });
      await join.click();
      await other.getByRole("alert").filter({ hasText: "This meeting is full" }).waitFor();
      await takeScreenshots(other, "lobby-full", { sizes: ["phone"] });
      await alice.button("Leave").click();
      await page("left").waitFor();
      await join.click();
      await other.locator('[data-page="call"]').waitFor();
      await alice.button("Rejoin").click();
      await alice.page.getByRole("alert").filter({ hasText: "This meeting is full" }).waitFor();
      await alice.button("Back to the start").click();
      await page("home").waitFor();
      assertNoPageErrors(alice);
    } finally {
      await other.close();
      await small.stop();
    }
  });
});
