// One person with a Chromium profile of their own: joins, leaves, and says what they see and hear.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type BrowserContext, chromium, type Page } from "playwright-core";

import { DIGITS_AT, MARK_AT, type Person as Name, readTime, writeAudio, writeVideo } from "./media_files.ts";

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

export class Person {
  readonly name: Name;
  readonly page: Page;
  #context: BrowserContext;
  #folder: string;

  private constructor(name: Name, context: BrowserContext, page: Page, folder: string) {
    this.name = name;
    this.page = page;
    this.#context = context;
    this.#folder = folder;
  }

  /** `initScript` runs in every page before the page's own scripts. */
  static async create(name: Name, initScript?: () => void): Promise<Person> {
    const folder = mkdtempSync(join(tmpdir(), `sotto-${name}-`));
    writeVideo(join(folder, "camera.y4m"), name);
    writeAudio(join(folder, "microphone.wav"), name);
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        ...FLAGS,
        `--use-file-for-fake-video-capture=${join(folder, "camera.y4m")}`,
        `--use-file-for-fake-audio-capture=${join(folder, "microphone.wav")}`,
      ],
    });
    // What is not listed is taken away, also from tracks that run.
    await context.grantPermissions(["camera", "microphone", "clipboard-read", "clipboard-write"]);
    await context.addInitScript(rawMicrophone);
    if (initScript) await context.addInitScript(initScript);
    const page = context.pages()[0] ?? (await context.newPage());
    return new Person(name, context, page, folder);
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Opens a link and joins; with `key`, types it in the lobby. */
  async join(link: string, key?: string): Promise<void> {
    await this.page.goto(link);
    await this.joinFromLobby(key);
  }

  async joinFromLobby(key?: string): Promise<void> {
    const lobby = this.page.locator('[data-page="lobby"]');
    await lobby.waitFor();
    await lobby.getByLabel("Your name").fill(this.name);
    if (key !== undefined) await lobby.locator('input[name="key"]').fill(key);
    await this.page.waitForFunction(() => document.querySelector<HTMLVideoElement>("video.preview")?.videoWidth);
    await lobby.locator("button.primary").click();
    await this.page.locator('[data-page="call"][data-status="connected"]').waitFor();
  }

  /** Makes a new meeting and joins it; returns its link with the key. */
  async startMeeting(url: string): Promise<string> {
    await this.page.goto(url);
    await this.page.getByRole("button", { name: "New meeting" }).click();
    await this.joinFromLobby();
    return this.copyLink();
  }

  async copyLink(): Promise<string> {
    await this.page.getByRole("button", { name: "Copy link" }).click();
    await this.page.getByText("Link copied").waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  button(name: string) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async useKey(text: string): Promise<void> {
    if (!(await this.page.locator(".key-entry").isVisible())) await this.button("Key").click();
    await this.page.locator('.key-entry input[name="key"]').fill(text);
    await this.button("Use this key").click();
  }

  /** The tile of somebody else, or with `isLocal` one's own. */
  tile(view: View = "camera", isLocal = false) {
    return this.page.locator(`.tile[data-view="${view}"][data-local="${isLocal}"]`);
  }

  /** Waits until the tile says this of its encryption. */
  async waitForState(kind: "audio" | "video", state: string, view: View = "camera", isLocal = false): Promise<void> {
    const selector = `.tile[data-view="${view}"][data-local="${isLocal}"][data-${kind}="${state}"]`;
    await this.page.locator(selector).waitFor({ timeout: 10_000 });
  }

  /** The newest picture in a tile; undefined while there is none. */
  async look(view: View = "camera", isLocal = false): Promise<Sight | undefined> {
    const selector = `.tile[data-view="${view}"][data-local="${isLocal}"] video`;
    const colours = await this.page.evaluate(readColours, { selector, points: [MARK_AT, ...DIGITS_AT] });
    const mark = colours?.colours[0];
    if (!colours || !mark) return undefined;
    const levels = colours.colours.slice(1).map(([red, green, blue]) => (red + green + blue) / 3);
    return { width: colours.width, mark, time: readTime(levels) };
  }

  /** The loudest frequency in Hz of what comes from somebody else, and its level in dB; -Infinity is silence. */
  async listen(view: View = "camera"): Promise<{ frequency: number; level: number }> {
    return this.page.evaluate(readTone, `.tile[data-view="${view}"][data-local="false"] audio`);
  }

  /** Asks again and again until the answer is good; fails with the last answer. */
  async until<Answer>(
    ask: () => Promise<Answer>,
    isGood: (answer: Answer) => boolean,
    timeoutMs = 10_000,
  ): Promise<Answer> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const answer = await ask();
      if (isGood(answer)) return answer;
      if (Date.now() > end) throw new Error(`${this.name}: still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
      await sleep(50);
    }
  }
}

/** Noise suppression would remove a steady tone. */
function rawMicrophone(): void {
  const getUserMedia = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (!getUserMedia) return;
  navigator.mediaDevices.getUserMedia = (constraints = {}) =>
    getUserMedia({
      ...constraints,
      ...(constraints.audio && {
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      }),
    });
}

interface Points {
  selector: string;
  points: { x: number; y: number }[];
}

function readColours({ selector, points }: Points) {
  const video = document.querySelector<HTMLVideoElement>(selector);
  if (!video || video.videoWidth === 0 || video.readyState < 2) return undefined;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(video, 0, 0);
  const colours = points.map(({ x, y }) => {
    const pixel = context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data;
    return [pixel[0] ?? 0, pixel[1] ?? 0, pixel[2] ?? 0] as [number, number, number];
  });
  return { width: canvas.width, colours };
}

async function readTone(selector: string): Promise<{ frequency: number; level: number }> {
  const audio = document.querySelector<HTMLAudioElement>(selector);
  const stream = audio?.srcObject;
  if (!(stream instanceof MediaStream)) return { frequency: 0, level: -Infinity };
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(analyser);
  await new Promise((done) => setTimeout(done, 400));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  let loudest = 0;
  levels.forEach((level, bin) => {
    if (level > (levels[loudest] ?? -Infinity)) loudest = bin;
  });
  const answer = {
    frequency: (loudest * context.sampleRate) / analyser.fftSize,
    level: levels[loudest] ?? -Infinity,
  };
  await context.close();
  return answer;
}
