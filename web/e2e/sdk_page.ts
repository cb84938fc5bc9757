// A page with @sotto/js-sdk and @sotto/e2ee and nothing else, for what Sotto Meet has no button for. sottod
// serves it in place of its app: `Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() })`.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type {
  E2EEKeyProviderOptions,
  ExternalE2EEKeyProvider,
  Meeting,
  MeetingOptions,
  Policy,
} from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";
import { build } from "vite";

import { readTone } from "./page_scripts.ts";
import type { Person, Sight } from "./person.ts";
import type { Server } from "./server.ts";

declare global {
  /** Of the page. */
  var sdk: typeof import("@sotto/js-sdk");
  var e2ee: typeof import("@sotto/e2ee");
  /** What its meetings said of their encryption: "alice video DecryptionSuccess". */
  var sottoStates: string[];
}

const PAGE = '<!doctype html><title>SDK</title><script type="module" src="./main.ts"></script>';

let built: Promise<string> | undefined;

/** The folder that holds the built page; one for all tests of a process. */
export function buildSdkPage(): Promise<string> {
  built ??= buildOnce();
  return built;
}

async function buildOnce(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sotto-sdk-page-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const entry = (name: string) =>
    JSON.stringify(join(import.meta.dirname, `../packages/${name}/dist/index.js`));
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(
    join(folder, "main.ts"),
    `import * as sdk from ${entry("js-sdk")};\n` +
      `import * as e2ee from ${entry("e2ee")};\n` +
      "Object.assign(globalThis, { sdk, e2ee, sottoStates: [] });\n",
  );
  const outDir = join(folder, "web");
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: { outDir, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
  return outDir;
}

export interface SdkMeetingOptions extends Partial<MeetingOptions> {
  roomId: string;
  /** A text, or the bytes of a raw key, which is ready at once. */
  key?: string | number[];
  policy?: Policy;
  /** Default true. */
  liveness?: boolean;
  /** In clear, without a key provider. */
  isClear?: boolean;
}

/** A person in front of the page. */
export class SdkPage {
  readonly person: Person;
  readonly #server: Server;

  private constructor(person: Person, server: Server) {
    this.person = person;
    this.#server = server;
  }

  static async open(person: Person, server: Server, url = server.url): Promise<SdkPage> {
    await person.page.goto("about:blank");
    await person.page.goto(url);
    await person.page.waitForFunction(() => typeof sdk === "object");
    return new SdkPage(person, server);
  }

  /** A meeting that has not been joined; by default with a key provider and this key. */
  meeting(
    options: SdkMeetingOptions,
    keyProvider?: JSHandle<ExternalE2EEKeyProvider>,
  ): Promise<JSHandle<Meeting>> {
    const filled = { displayName: this.person.name, token: this.#server.token(), ...options };
    return this.person.page.evaluateHandle(
      ({ filled: { key = "the key", policy, liveness = true, isClear, ...own }, keyProvider: given }) => {
        const provider =
          given ?? new sdk.ExternalE2EEKeyProvider({ liveness, ...(policy && { policy }) });
        if (!given) void provider.setSharedKey(typeof key === "string" ? key : Uint8Array.from(key));
        const meeting = new sdk.Meeting({ ...own, ...(!isClear && { keyProvider: provider }) });
        meeting.events.on("e2ee-state-change", ({ participantId, kind, state, reason = "" }) =>
          sottoStates.push(`${participantId} ${kind} ${state} ${reason}`.trim()),
        );
        return meeting;
      },
      { filled, keyProvider },
    );
  }

  /** Joined, with camera and microphone. */
  async joined(options: SdkMeetingOptions): Promise<JSHandle<Meeting>> {
    const meeting = await this.meeting(options);
    await meeting.evaluate(async (own) => {
      await Promise.all([own.enableWebcam(), own.unmuteMic()]);
      await own.join();
    });
    return meeting;
  }

  keyProvider(options: E2EEKeyProviderOptions = {}): Promise<JSHandle<ExternalE2EEKeyProvider>> {
    return this.person.page.evaluateHandle(
      (chosen) => new sdk.ExternalE2EEKeyProvider(chosen),
      options,
    );
  }

  states(): Promise<string[]> {
    return this.person.page.evaluate(() => sottoStates);
  }

  async waitForState(state: string): Promise<void> {
    await this.person.until(
      () => this.states(),
      (states) => states.includes(state),
    );
  }

  /** Plays somebody's sound: samples that no element asks for are not even decoded. */
  async play(meeting: JSHandle<Meeting>, participantId: string): Promise<void> {
    await meeting.evaluate((own, id) => {
      const track = own.state.participants.get(id)?.streams.audio?.track;
      const audio = document.body.appendChild(document.createElement("audio"));
      Object.assign(audio, { autoplay: true, srcObject: track ? new MediaStream([track]) : null });
    }, participantId);
  }

  /** The loudest frequency of what is played, as `Person.listen`. */
  listen(): Promise<{ frequency: number; level: number }> {
    return this.person.page.evaluate(readTone, "audio");
  }

  /** The newest picture of somebody's camera or screen. */
  async look(
    meeting: JSHandle<Meeting>,
    participantId: string,
    kind: "video" | "share" = "video",
  ): Promise<Sight | undefined> {
    await meeting.evaluate(
      (own, { id, kind }) => {
        const track = own.state.participants.get(id)?.streams[kind]?.track;
        let video = document.querySelector<HTMLVideoElement>(`video.${kind}`);
        if (!track) return video?.remove();
        if (!video) document.body.append((video = document.createElement("video")));
        Object.assign(video, { className: kind, autoplay: true, muted: true });
        const shown = video.srcObject as MediaStream | null;
        if (shown?.getTracks()[0] !== track) video.srcObject = new MediaStream([track]);
      },
      { id: participantId, kind },
    );
    return this.person.lookAt(`video.${kind}`);
  }
}
