// A person with Firefox, in front of the SDK's page. Firefox has no files for camera and microphone: a
// canvas and an oscillator stand in, with the same marks, times and tones.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { E2EEKeyProviderOptions, Meeting } from "@sotto/js-sdk";
import puppeteer, { type Browser, type JSHandle, type Page } from "puppeteer-core";

import {
  DIGIT_LEVELS,
  DIGITS_AT,
  FRAME_COUNT,
  FRAME_RATE,
  HEIGHT,
  MARK_AT,
  MARKS,
  type Person as Name,
  readTime,
  TONES,
  WIDTH,
} from "./media_files.ts";
import { readColours, readMediaTotals, readTone, rememberConnections } from "./page_scripts.ts";
import type { Sight } from "./person.ts";
import type { Server } from "./server.ts";
import { until } from "./until.ts";

const PREFERENCES = {
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  // Host candidates with their addresses: there is no mDNS between two processes of a test.
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  // For pages that ask for devices: what Firefox makes up, and no question.
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
};

export type Kind = "video" | "share";

export class FirefoxPerson {
  readonly name: Name;
  readonly page: Page;
  readonly pageErrors: Error[] = [];
  #browser: Browser;
  #sound: ChildProcess;
  #folder: string;
  #server: Server;

  private constructor(name: Name, page: Page, sound: ChildProcess, folder: string, server: Server) {
    this.name = name;
    this.page = page;
    this.#browser = page.browser();
    this.#sound = sound;
    this.#folder = folder;
    this.#server = server;
    page.on("pageerror", (error) => this.pageErrors.push(error as Error));
  }

  /** `initScript` runs before the page's own scripts. */
  static async create(
    name: Name,
    server: Server,
    initScript?: () => void,
  ): Promise<FirefoxPerson> {
    const folder = mkdtempSync(join(tmpdir(), "sotto-firefox-"));
    const sound = startSound(folder);
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
      headless: true,
      userDataDir: join(folder, "profile"),
      env: { ...process.env, PULSE_SERVER: `unix:${join(folder, "sound")}` },
      extraPrefsFirefox: PREFERENCES,
    });
    const page = await browser.newPage();
    const person = new FirefoxPerson(name, page, sound, folder, server);
    await page.evaluateOnNewDocument(rememberConnections);
    if (initScript) await page.evaluateOnNewDocument(initScript);
    await page.goto(server.url);
    await page.waitForFunction(() => typeof sdk === "object");
    return person;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#sound.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Joins with canvas and oscillator as camera and microphone. */
  async join(
    roomId: string,
    key: string,
    provided: { options?: E2EEKeyProviderOptions; keyIndex?: number } = {},
  ): Promise<JSHandle<Meeting>> {
    const source = {
      mark: MARKS[this.name],
      tone: TONES[this.name],
      levels: DIGIT_LEVELS,
      frames: FRAME_COUNT,
      rate: FRAME_RATE,
      width: WIDTH,
      height: HEIGHT,
    };
    await this.page.evaluate(makeSource, source);
    const options = { roomId, displayName: this.name, participantId: this.name };
    const token = this.#server.token();
    return this.page.evaluateHandle(joinMeeting, { ...options, token }, key, provided);
  }

  states(): Promise<string[]> {
    return this.page.evaluate(() => sottoStates);
  }

  async waitForState(state: string): Promise<void> {
    await this.until(
      () => this.states(),
      (states) => states.includes(state),
    );
  }

  /** The newest picture of somebody's camera or screen. */
  async look(meeting: JSHandle<Meeting>, id: Name, kind: Kind = "video") {
    await meeting.evaluate(showStream, id, kind);
    const points = [MARK_AT, ...DIGITS_AT];
    const seen = await this.page.evaluate(readColours, { selector: `video.${kind}`, points });
    const mark = seen?.colours[0];
    if (!seen || !mark) return undefined;
    const levels = seen.colours.slice(1).map(([red, green, blue]) => (red + green + blue) / 3);
    return { width: seen.width, mark, time: readTime(levels) } satisfies Sight;
  }

  async listen(meeting: JSHandle<Meeting>, id: Name) {
    await meeting.evaluate(playStream, id);
    return this.page.evaluate(readTone, "audio");
  }

  mediaTotals() {
    return this.page.evaluate(readMediaTotals);
  }

  until<Answer>(
    ask: () => Promise<Answer>,
    isGood: (answer: Answer) => boolean,
    timeoutMs = 15_000,
  ): Promise<Answer> {
    return until("Firefox", ask, isGood, timeoutMs);
  }
}

/** Without a sound device Firefox runs no AudioContext; this one plays to nobody. */
function startSound(folder: string): ChildProcess {
  const socket = `module-native-protocol-unix socket=${join(folder, "sound")} auth-anonymous=1`;
  const settings = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"];
  return spawn("pulseaudio", [...settings, "-L", socket, "-L", "module-null-sink"], {
    env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
    stdio: "ignore",
  });
}

interface SourceOptions {
  mark: readonly [number, number, number];
  tone: number;
  levels: number[];
  frames: number;
  rate: number;
  width: number;
  height: number;
}

/** In the page: a stream of the mark, the time in bars and the tone, as `sottoSource`. */
function makeSource({ mark, tone, levels, frames, rate, width, height }: SourceOptions): void {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  let time = 0;
  setInterval(() => {
    time = (time + 1) % frames;
    context.fillStyle = `rgb(${mark.join(" ")})`;
    context.fillRect(0, 0, width, height * 0.4);
    for (let place = 0; place < 3; place++) {
      const level = levels[Math.floor(time / levels.length ** (2 - place)) % levels.length] ?? 0;
      context.fillStyle = `rgb(${level} ${level} ${level})`;
      context.fillRect((place * width) / 3, height * 0.4, width / 3, height * 0.6);
    }
  }, 1000 / rate);
  const audio = new AudioContext();
  void audio.resume();
  const oscillator = new OscillatorNode(audio, { frequency: tone });
  const volume = new GainNode(audio, { gain: 0.4 });
  const output = audio.createMediaStreamDestination();
  oscillator.connect(volume).connect(output);
  oscillator.start();
  const picture = canvas.captureStream(rate).getVideoTracks();
  const stream = new MediaStream([...picture, ...output.stream.getAudioTracks()]);
  Object.assign(window, { sottoSource: stream });
}

/** In the page. */
async function joinMeeting(
  options: ConstructorParameters<typeof Meeting>[0],
  key: string,
  provided: { options?: E2EEKeyProviderOptions; keyIndex?: number },
): Promise<Meeting> {
  const keyProvider = new sdk.ExternalE2EEKeyProvider(provided.options);
  void keyProvider.setSharedKey(key, provided.keyIndex);
  const meeting = new sdk.Meeting({ ...options, keyProvider });
  meeting.events.on("e2ee-state-change", ({ participantId, kind, state, reason = "" }) =>
    sottoStates.push(`${participantId} ${kind} ${state} ${reason}`.trim()),
  );
  const { sottoSource } = window as unknown as { sottoSource: MediaStream };
  await Promise.all([meeting.enableWebcam(sottoSource), meeting.unmuteMic(sottoSource)]);
  await meeting.join();
  return meeting;
}

/** In the page: a video element of the kind's class. */
function showStream(meeting: Meeting, id: string, kind: "video" | "share"): void {
  const track = meeting.state.participants.get(id)?.streams[kind]?.track;
  let video = document.querySelector<HTMLVideoElement>(`video.${kind}`);
  if (!track) return video?.remove();
  if (!video) {
    video = document.createElement("video");
    Object.assign(video, { className: kind, autoplay: true, muted: true });
    document.body.append(video);
  }
  const shown = video.srcObject as MediaStream | null;
  if (shown?.getTracks()[0] !== track) video.srcObject = new MediaStream([track]);
}

/** In the page. */
function playStream(meeting: Meeting, id: string): void {
  const track = meeting.state.participants.get(id)?.streams.audio?.track;
  let audio = document.querySelector("audio");
  if (!audio) document.body.append((audio = document.createElement("audio")));
  const played = audio.srcObject as MediaStream | null;
  if (!track || played?.getTracks()[0] === track) return;
  audio.srcObject = new MediaStream([track]);
  void audio.play();
}
