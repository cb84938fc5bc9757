// One person with a Chromium profile of their own: joins, leaves, and says what they see and hear.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

import {
  DIGITS_AT,
  MARK_AT,
  type Person as Name,
  readTime,
  writeAudio,
  writeVideo,
} from "./media_files.ts";
import { rawMicrophone, readColours, readTone, rememberConnections } from "./page_scripts.ts";
import { until } from "./until.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

/** What one tile shows. Colours are of its decoded picture, not of the page. */
export interface Sight {
  width: number;
  /** RGB where the person's mark is. */
  mark: [number, number, number];
  /** The frame number that the bars show. */
  time: number;
}

export type View = "camera" | "screen";

export interface PersonOptions {
  /** Runs in every page before the page's own scripts. */
  initScript?: () => void;
  /** For the browser's command line. */
  flags?: string[];
  /** Of the usual ones, those that are left out. */
  withoutFlags?: string[];
  colourScheme?: "light" | "dark";
  viewport?: { width: number; height: number };
}

export class Person {
  readonly name: Name;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What pages threw and nobody caught. */
  readonly pageErrors: Error[] = [];
  readonly folder: string;

  private constructor(name: Name, context: BrowserContext, page: Page, folder: string) {
    this.name = name;
    this.page = page;
    this.context = context;
    this.folder = folder;
    page.on("pageerror", (error) => this.pageErrors.push(error));
  }

  static async create(name: Name, options: PersonOptions = {}): Promise<Person> {
    const { initScript, flags = [], withoutFlags = [], colourScheme, viewport } = options;
    const folder = mkdtempSync(join(tmpdir(), `sotto-${name}-`));
    writeVideo(join(folder, "camera.y4m"), name);
    writeAudio(join(folder, "microphone.wav"), name);
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      permissions: ["clipboard-read", "clipboard-write"],
      ...(colourScheme && { colorScheme: colourScheme }),
      ...(viewport && { viewport }),
      args: [
        ...FLAGS.filter((flag) => !withoutFlags.includes(flag)),
        `--use-file-for-fake-video-capture=${join(folder, "camera.y4m")}`,
        `--use-file-for-fake-audio-capture=${join(folder, "microphone.wav")}`,
        ...flags,
      ],
    });
    await context.addInitScript(rawMicrophone);
    await context.addInitScript(rememberConnections);
    if (initScript) await context.addInitScript(initScript);
    const page = context.pages()[0] ?? (await context.newPage());
    return new Person(name, context, page, folder);
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The browser is gone without a word, as in a crash. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((done) => this.context.once("close", () => done()));
    for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (commandLine(id).includes(`--user-data-dir=${this.folder}/`)) process.kill(Number(id), 9);
    }
    await closed;
  }

  /** Opens a link and joins; with `key`, types it in the lobby. */
  async join(link: string, key?: string): Promise<void> {
    await this.page.goto(link);
    const lobby = this.page.locator('[data-page="lobby"]');
    if (key !== undefined) await lobby.locator('input[name="key"]').fill(key);
    const hasKey = key !== undefined || link.includes("#");
    await this.joinFromLobby(hasKey ? "Join" : "Join without the key");
  }

  async joinFromLobby(button = "Join"): Promise<void> {
    const lobby = this.page.locator('[data-page="lobby"]');
    await lobby.getByLabel("Your name").fill(this.name);
    await this.button(button).click();
    await this.page.locator('[data-page="call"][data-status="connected"]').waitFor();
  }

  /** From the page after a call. */
  async rejoin(): Promise<void> {
    await this.button("Rejoin").click();
    await this.page.locator('[data-page="call"][data-status="connected"]').waitFor();
  }

  /** Makes a new meeting and joins it; returns its link with the key. */
  async startMeeting(url: string): Promise<string> {
    await this.page.goto(url);
    await this.button("New meeting").click();
    await this.joinFromLobby();
    return this.copyLink();
  }

  async copyLink(): Promise<string> {
    await this.button("Copy link").click();
    await this.page.getByText("Link copied").waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async useKey(text: string): Promise<void> {
    if (!(await this.page.locator(".key-entry").isVisible())) await this.button("Key").click();
    await this.page.locator('.key-entry input[name="key"]').fill(text);
    await this.button("Use this key").click();
  }

  async safetyCode(): Promise<string> {
    const code = this.page.locator("[data-safety-code]");
    await code.waitFor();
    return (await code.textContent()) ?? "";
  }

  /** The tile of somebody else, or with `isLocal` one's own. */
  tile(view: View = "camera", isLocal = false): Locator {
    return this.page.locator(tileSelector(view, isLocal));
  }

  /** Waits until the tile says this of its encryption. */
  async waitForState(
    kind: "audio" | "video",
    state: string,
    view: View = "camera",
    isLocal = false,
  ): Promise<void> {
    const selector = `${tileSelector(view, isLocal)}[data-${kind}="${state}"]`;
    await this.page.locator(selector).waitFor({ timeout: 10_000 });
  }

  /** Waits until the tile of somebody else says that they are muted. */
  async waitForMuted(): Promise<void> {
    await this.page.locator(`${tileSelector("camera", false)}[data-muted="true"]`).waitFor();
  }

  /** The newest picture in a tile; undefined while there is none. */
  async look(view: View = "camera", isLocal = false): Promise<Sight | undefined> {
    return this.lookAt(`${tileSelector(view, isLocal)} video`);
  }

  /** The newest picture of a video element. */
  async lookAt(selector: string): Promise<Sight | undefined> {
    return lookAt(this.page, selector);
  }

  /** The loudest frequency in Hz of what comes from somebody else, and its level in dB. */
  async listen(view: View = "camera"): Promise<{ frequency: number; level: number }> {
    const type = view === "camera" ? "audio" : "shareAudio";
    return this.page.evaluate(readTone, `.sounds audio[data-type="${type}"]`);
  }

  /** Asks again and again until the answer is good; fails with the last answer. */
  until<Answer>(
    ask: () => Promise<Answer>,
    isGood: (answer: Answer) => boolean,
    timeoutMs = 10_000,
  ): Promise<Answer> {
    return until(this.name, ask, isGood, timeoutMs);
  }
}

/** The newest picture of a page's video element; undefined while there is none. */
export async function lookAt(page: Page, selector: string): Promise<Sight | undefined> {
  const points = [MARK_AT, ...DIGITS_AT];
  const seen = await page.evaluate(readColours, { selector, points });
  const mark = seen?.colours[0];
  if (!seen || !mark) return undefined;
  const levels = seen.colours.slice(1).map(([red, green, blue]) => (red + green + blue) / 3);
  return { width: seen.width, mark, time: readTime(levels) };
}

function tileSelector(view: View, isLocal: boolean): string {
  return `.tile[data-view="${view}"][data-local="${isLocal}"]`;
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
