// What a state of the app looks like, light and dark, on a desktop and on a phone: every picture is checked
// for accessibility and kept in build/screenshots for people to look at.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { BUILD } from "./server.ts";

const FOLDER = join(BUILD, "screenshots");
const SCHEMES = ["light", "dark"] as const;
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  impact?: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

declare global {
  var axe: { run: (options: object) => Promise<{ violations: Violation[] }> };
}

export type Size = keyof typeof SIZES;

export interface ShotOptions {
  sizes?: Size[];
  /** With what passes by, such as "Bob joined". Default false. */
  hasNotices?: boolean;
}

/** Leaves the page in light colours and desktop size. */
export async function takeScreenshots(
  page: Page,
  name: string,
  { sizes = ["phone", "desktop"], hasNotices = false }: ShotOptions = {},
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await page.evaluate(showNotices, hasNotices);
  await page.mouse.move(1, 1);
  for (const size of sizes) {
    await page.setViewportSize(SIZES[size]);
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.evaluate(settle);
      await page.screenshot({ path: join(FOLDER, `${name}-${size}-${scheme}.png`) });
      await assertAccessible(page, `${name} (${size}, ${scheme})`);
      if (size === "phone") await assertNothingOverflows(page, `${name} (${size}, ${scheme})`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(SIZES.desktop);
  await page.evaluate(showNotices, true);
}

/** Axe finds nothing serious. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(`globalThis.axe ?? (() => { ${AXE} })()`);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await axe.run({ resultTypes: ["violations"], preload: false });
    return found;
  });
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(serious, [], where);
}

async function assertNothingOverflows(page: Page, where: string): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok((content ?? 0) <= (window ?? 0), `${where} is ${content} wide in a window of ${window}`);
}

/** What watches sizes has had its turn, and pictures that can be seen are there. */
async function settle(): Promise<void> {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const areThere = () =>
    [...document.querySelectorAll<HTMLVideoElement>('.tile[data-video$="Success"] video')].every(
      ({ readyState }) => readyState >= HTMLMediaElement.HAVE_CURRENT_DATA,
    );
  await frame();
  await frame();
  for (let turn = 0; turn < 100 && !areThere(); turn++)
    await new Promise((done) => setTimeout(done, 30));
  await frame();
  await frame();
}

function showNotices(areShown: boolean): void {
  const notices = document.querySelector<HTMLElement>(".notices");
  if (notices) notices.style.visibility = areShown ? "" : "hidden";
}
