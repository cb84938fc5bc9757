// Sotto Meet during a call: any number of people, screens, keys, and what goes wrong.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors } from "./checks.ts";
import { buildWithGuests, Guests } from "./guests.ts";
import { Person } from "./person.ts";
import { giveDrawnCamera } from "./portraits.ts";
import { Proxy } from "./proxy.ts";
import { takeScreenshots } from "./screenshots.ts";
import { Server } from "./server.ts";

const NAMES = ["Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi", "Ivan"];

describe("Sotto Meet in a call", () => {
  let server: Server;
  let proxy: Proxy;
  let alice: Person;
  let host: Person;
  let guests: Guests;
  let link: string;
  const there: JSHandle<Meeting>[] = [];

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildWithGuests() });
    [proxy, alice, host] = await Promise.all([
      Proxy.start(server.port),
      Person.create("alice"),
      Person.create("bob"),
    ]);
    await giveDrawnCamera(alice, 0, true);
    alice.page.setDefaultTimeout(15_000);
    await alice.page.goto(proxy.url);
    await alice.page.evaluate(() => localStorage.setItem("sotto-meet", '{"name":"Alice"}'));
    await alice.page.reload();
    await alice.button("New meeting").click();
    await alice.button("Join").click();
    await alice.page.locator('[data-page="call"][data-status="connected"]').waitFor();
    link = await alice.copyLink();
    guests = await Guests.open(host, server, link);
  });

  after(async () => {
    await Promise.all([alice?.close(), host?.close()]);
    proxy?.stop();
    await server?.stop();
  });

  const tiles = () => alice.page.locator('.tile[data-view="camera"]');
  const dialog = () => alice.page.locator("dialog[open]");
  const closeDialog = async () => {
    await alice.page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
  };
  const everybodyIsSeen = (count: number) =>
    alice.page.locator('.tile[data-view="camera"][data-video$="Success"]').nth(count - 1).waitFor();

  test("alone there is an empty seat, and a way to fill it", async () => {
    await alice.page.getByText("Nobody else is here yet").waitFor();
    await alice.button("Invite people").click();
    await alice.page.getByText("Link copied").waitFor();
    await takeScreenshots(alice.page, "call-alone");
  });

  test("a link that may not be copied is shown, and not as an attribute", async () => {
    await alice.page.evaluate(() => {
      Object.assign(navigator.clipboard, {
        original: navigator.clipboard.writeText,
        writeText: () => Promise.reject(new DOMException("no", "NotAllowedError")),
      });
    });
    await alice.button("Copy link").click();
    const field = dialog().getByLabel("Link", { exact: true });
    assert.equal(await field.inputValue(), link);
    const html = await alice.page.content();
    assert.ok(!html.includes(link.split("#")[1] ?? link), "the key stands in the page");
    await takeScreenshots(alice.page, "link-dialog", { sizes: ["phone"] });
    await closeDialog();
    await alice.page.evaluate(() => Reflect.deleteProperty(navigator.clipboard, "writeText"));
  });

  test("one to nine people have tiles of one size that fill the room and do not overlap", async () => {
    for (const name of NAMES) {
      there.push(await guests.join({ name, hasMicrophone: name !== "Carol" }));
      await alice.until(
        () => tiles().count(),
        (count) => count === there.length + 1,
      );
      if (there.length === 1) await alice.page.getByText("Bob joined.").waitFor();
      assertFits(await boxes(), there.length + 1);
      if (name === "Frank") await guests.speak(there[2] as JSHandle<Meeting>);
      if (![1, 3, 5, 8].includes(there.length)) continue;
      await everybodyIsSeen(there.length + 1);
      await alice.page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await takeScreenshots(alice.page, `call-${there.length + 1}`, {
        sizes: name === "Frank" ? ["desktop"] : ["phone", "desktop"],
      });
      if (name !== "Dave") continue;
      await alice.button("People").click();
      await takeScreenshots(alice.page, "people-4", { sizes: ["phone"] });
      await closeDialog();
    }
    await alice.tile().and(alice.page.locator('[data-muted="true"]')).getByText("Carol").waitFor();
  });

  test("who speaks has a ring, and no other tile is made anew for it", async () => {
    await alice.page.evaluate(countChanges);
    await guests.speak(there[4] as JSHandle<Meeting>);
    const frank = alice.page.locator('.tile[data-speaking="true"]').getByText("Frank");
    await frank.waitFor();
    const changed = await alice.page.evaluate(() => [...changedTiles]);
    assert.ok(changed.length <= 2, `tiles changed: ${changed.join(", ")}`);
  });

  test("a screen is large with people beside it, and a second one can take its place", async () => {
    await guests.share(there[0] as JSHandle<Meeting>);
    await alice.waitForState("video", "DecryptionSuccess", "screen");
    await alice.until(
      () => alice.look("screen"),
      (sight) => (sight?.mark[0] ?? 0) > 200,
    );
    await takeScreenshots(alice.page, "screen");
    await guests.share(there[1] as JSHandle<Meeting>);
    const small = alice.page.getByRole("button", { name: "Show large" });
    await small.click();
    await small.waitFor();
    const large = alice.page.locator(".slot").first();
    await large.getByText("Carol’s screen").waitFor();
    for (const sharing of there.slice(0, 2))
      await sharing.evaluate((own) => own.disableScreenShare());
    await alice.until(
      () => alice.tile("screen").count(),
      (count) => count === 0,
    );
  });

  test("the list of people says in words how each one's streams are encrypted", async () => {
    await alice.button("People").click();
    await dialog().getByText("People (9)").waitFor();
    const row = dialog().locator("li").filter({ hasText: "Carol" }).first();
    await row.getByText("Camera: encrypted").waitFor();
    await takeScreenshots(alice.page, "people");
    await closeDialog();
  });

  test("somebody with another key is told apart, and the key can be entered", async () => {
    const mallory = await guests.join({ name: "Judy", key: "another key" });
    await alice.page.getByRole("status").getByText("Judy uses another key.").waitFor();
    await alice.page.locator(".tile-note").getByText("Judy uses another key.").waitFor();
    await takeScreenshots(alice.page, "another-key");
    await alice.button("Enter the key").click();
    await dialog().getByLabel("Key of the meeting").waitFor();
    await takeScreenshots(alice.page, "key-dialog");
    await closeDialog();
    await mallory.evaluate((own) => own.leave());
    await alice.page.getByText("Judy left.").waitFor();
  });

  test("what opens in front: safety code, devices, shortcuts, and more on a phone", async () => {
    await alice.page.getByRole("button", { name: /Safety code/ }).click();
    await dialog().getByText(await alice.safetyCode()).waitFor();
    await takeScreenshots(alice.page, "safety-dialog", { sizes: ["phone", "desktop"] });
    await closeDialog();
    await alice.button("Devices").click();
    await dialog().getByLabel("Camera").waitFor();
    await takeScreenshots(alice.page, "devices-dialog", { sizes: ["desktop"] });
    await closeDialog();
    await alice.page.keyboard.press("?");
    await takeScreenshots(alice.page, "shortcuts-dialog", { sizes: ["desktop"] });
    await closeDialog();
    await alice.page.setViewportSize({ width: 390, height: 844 });
    await alice.button("More").click();
    await takeScreenshots(alice.page, "more-sheet", { sizes: ["phone"] });
    await dialog().getByRole("button", { name: "Devices" }).click();
    await dialog().getByLabel("Camera").waitFor();
    await closeDialog();
  });

  test("more people than places: the rest is counted, and who speaks moves in", async () => {
    for (let i = 1; i <= 7; i++)
      await guests.join({ name: `Guest ${i}`, hasCamera: false, hasMicrophone: false });
    const late = await guests.join({
      name: "Somebody with a name that is far too long for any tile of this size",
      hasCamera: false,
    });
    await alice.page.getByRole("button", { name: "+2 more" }).waitFor();
    assert.equal(await tiles().count(), 15);
    const before = await tiles().allTextContents();
    await guests.speak(late);
    await alice.page.locator('.tile[data-speaking="true"]').getByText(/far too long/).waitFor();
    const after = await tiles().allTextContents();
    assert.equal(after.filter((text, i) => text !== before[i]).length, 1, "others moved too");
    await takeScreenshots(alice.page, "call-17");
    await alice.page.getByRole("button", { name: /more$/ }).first().click();
    await dialog().getByText("People (17)").waitFor();
    await alice.button("People").click();
    await dialog().waitFor({ state: "detached" });
  });

  test("a lost connection is shown, and goes away with it", async () => {
    proxy.cut();
    await alice.page.getByText("Reconnecting…").waitFor();
    await takeScreenshots(alice.page, "reconnecting", { sizes: ["phone"] });
    proxy.mend();
    await alice.page.getByText("Reconnecting…").waitFor({ state: "detached" });
  });

  test("leaving and joining again keeps key and devices", async () => {
    const code = await alice.safetyCode();
    await alice.button("Mute").click();
    await alice.button("Leave").click();
    await alice.page.getByText("You left the meeting").waitFor();
    await takeScreenshots(alice.page, "left");
    await alice.rejoin();
    assert.equal(await alice.safetyCode(), code);
    await alice.button("Stop camera").waitFor();
    await alice.button("Unmute").waitFor();
    assert.equal(await alice.copyLink(), link);
  });

  test("a meeting that is ended says so, and offers ways on", async () => {
    await there[0]?.evaluate((own) => own.end());
    await alice.page.getByRole("heading", { name: "The meeting has ended" }).waitFor();
    await takeScreenshots(alice.page, "ended");
    await alice.button("Back to the start").click();
    await alice.page.locator('[data-page="home"]').waitFor();
    assertNoPageErrors(alice);
  });

  interface Rectangle {
    x: number;
    y: number;
    width: number;
    height: number;
  }

  async function boxes(): Promise<{ stage: Rectangle; tiles: Rectangle[] }> {
    return alice.page.evaluate(async () => {
      await new Promise((done) => setTimeout(done, 250));
      const measure = (element: Element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      };
      const stage = document.querySelector(".stage") as Element;
      return { stage: measure(stage), tiles: [...stage.querySelectorAll(".slot")].map(measure) };
    });
  }

  function assertFits({ stage, tiles: all }: Awaited<ReturnType<typeof boxes>>, count: number) {
    assert.equal(all.length, count);
    for (const [i, a] of all.entries()) {
      assert.ok(a.width > 100 && Math.abs(a.width - (all[0]?.width ?? 0)) < 1);
      const isInside =
        a.x >= stage.x - 1 &&
        a.y >= stage.y - 1 &&
        a.x + a.width <= stage.x + stage.width + 1 &&
        a.y + a.height <= stage.y + stage.height + 1;
      assert.ok(isInside, `tile ${i} of ${count} sticks out`);
      for (const b of all.slice(i + 1))
        assert.ok(
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
          `two of ${count} tiles overlap`,
        );
    }
  }
});

declare global {
  var changedTiles: Set<string>;
}

/** Remembers whose tiles React touches. */
function countChanges(): void {
  globalThis.changedTiles = new Set();
  const observer = new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      const tile = element?.closest(".tile");
      if (element?.matches(".own-level") || !tile) continue;
      changedTiles.add(tile.getAttribute("data-participant") ?? "");
    }
  });
  const stage = document.querySelector(".stage") as Element;
  observer.observe(stage, { subtree: true, childList: true, attributes: true, characterData: true });
}
