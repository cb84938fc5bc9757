// Sotto Meet with the keyboard alone, and sound that the browser blocks.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertHears, assertNoPageErrors } from "./checks.ts";
import { Person } from "./person.ts";
import { takeScreenshots } from "./screenshots.ts";
import { Server } from "./server.ts";

describe("Sotto Meet without a mouse", () => {
  let server: Server;
  let alice: Person;

  before(async () => {
    [server, alice] = await Promise.all([Server.start(), Person.create("alice")]);
    alice.page.setDefaultTimeout(15_000);
  });

  after(async () => {
    await alice?.close();
    await server?.stop();
  });

  const focused = () =>
    alice.page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return (element.textContent || element.getAttribute("name") || element.tagName).trim();
    });
  const press = (key: string) => alice.page.keyboard.press(key);

  /** Tab by Tab; everything on the way shows that it has the keyboard. */
  async function tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    for (let i = 0; i < 30; i++) {
      await press("Tab");
      const now = await focused();
      const width = await alice.page.evaluate(
        () => getComputedStyle(document.activeElement as Element).outlineWidth,
      );
      assert.notEqual(width, "0px", `${now} has no focus ring`);
      if (now === name) return;
      passed.push(now);
    }
    assert.fail(`no "${name}" among ${passed.join(", ")}`);
  }

  const isOn = async (page: string, heading: string | RegExp) => {
    await alice.page.locator(`[data-page="${page}"]`).waitFor();
    await alice.until(focused, (text) => text.match(heading) !== null);
  };

  test("from home to a call and back", async () => {
    await alice.page.goto(server.url);
    await isOn("home", "Video meetings");
    await tabTo("New meeting");
    await press("Enter");
    await isOn("lobby", "Ready to join?");
    await tabTo("Microphone on");
    await press("Space");
    await tabTo("INPUT");
    await alice.page.keyboard.type("mvp");
    await alice.button("Join").and(alice.page.locator(":enabled")).waitFor();
    await tabTo("Join");
    await press("Enter");
    await isOn("call", /^Meeting /);
    await alice.button("Unmute").waitFor();

    await press("m");
    await alice.button("Mute").waitFor();
    await press("v");
    await alice.button("Start camera").waitFor();
    await press("p");
    await alice.page.getByRole("dialog", { name: "People (1)" }).waitFor();
    await press("p");
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await press("?");
    await alice.page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await press("v");
    await tabTo("INPUT");
    await press("Space");
    await press("Escape");
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await press("m");

    await tabTo("Key");
    await press("Enter");
    await alice.until(focused, (name) => name === "key");
    await alice.page.keyboard.type("m");
    await press("Escape");
    await alice.until(focused, (name) => name === "Key");
    await alice.button("Mute").waitFor();
    await alice.button("Start camera").waitFor();

    await tabTo("Leave");
    await press("Enter");
    await isOn("left", "You left the meeting");
    await tabTo("Back to the start");
    await press("Enter");
    await isOn("home", "Video meetings");
    assertNoPageErrors(alice);
  });

  test("sound that the browser blocks is offered, and begins with a click", async () => {
    const bob = await Person.create("bob", {
      initScript: joinUntouched,
      withoutFlags: ["--autoplay-policy=no-user-gesture-required"],
      flags: ["--autoplay-policy=user-gesture-required"],
    });
    try {
      const link = await alice.startMeeting(server.url);
      await openUntouched(bob, link);
      await bob.button("Turn on sound").waitFor();
      await takeScreenshots(bob.page, "sound-blocked", { sizes: ["phone"] });
      await bob.button("Turn on sound").click();
      await bob.button("Turn on sound").waitFor({ state: "detached" });
      await assertHears(bob, "alice");
      const isPlaying = await bob.page.evaluate(
        () => document.querySelector<HTMLAudioElement>('audio[data-type="audio"]')?.paused === false,
      );
      assert.ok(isPlaying);
      assertNoPageErrors(alice, bob);
    } finally {
      await bob.close();
    }
  });
});

/** Without the driver's own ways: they count as the user's touch. Waits until the page asks for one. */
async function openUntouched(person: Person, link: string): Promise<void> {
  const debug = await person.context.newCDPSession(person.page);
  await debug.send("Page.navigate", { url: link });
  const expression = "document.body?.innerText ?? ''";
  await person.until(
    async () => String((await debug.send("Runtime.evaluate", { expression })).result.value),
    (text) => text.includes("Turn on sound"),
  );
}

/** Joins by itself: a click of a script is none of the user's. */
function joinUntouched(): void {
  setInterval(() => {
    document.querySelector<HTMLElement>('[data-page="lobby"] button.primary:enabled')?.click();
  }, 100);
}
