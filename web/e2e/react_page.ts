// A page with @sotto/react-sdk as an app would use it, of React 19 and of React 18, in React's
// development builds: only they repeat effects. sottod serves it in place of its app.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe } from "node:test";

import type { E2EEKeyProviderOptions, MeetingConfig } from "@sotto/react-sdk";
import { build } from "vite";

import { assertSight } from "./checks.ts";
import { type Person as Name, TONES } from "./media_files.ts";
import { readTone } from "./page_scripts.ts";
import { Person, type Sight } from "./person.ts";
import type { Harness } from "./react/harness.tsx";
import { Server } from "./server.ts";

declare global {
  /** Of the page. */
  var harness: Harness;
}

export const REACT_VERSIONS = ["19", "18"] as const;
export type ReactVersion = (typeof REACT_VERSIONS)[number];

/** Whose React each version is. */
const OWNERS: Record<ReactVersion, string> = {
  "19": join(import.meta.dirname, "package.json"),
  "18": join(import.meta.dirname, "../react18/package.json"),
};
const SOURCE = join(import.meta.dirname, "react");

let built: Promise<string> | undefined;

/** The folder that holds the built pages, one folder for each version. */
export function buildReactPages(): Promise<string> {
  built ??= buildOnce();
  return built;
}

async function buildOnce(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sotto-react-page-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Sotto</title>");
  for (const version of REACT_VERSIONS) await buildPage(version, join(folder, version));
  return folder;
}

async function buildPage(version: ReactVersion, outDir: string): Promise<void> {
  const owner = createRequire(OWNERS[version]);
  const folderOf = (name: string) => dirname(owner.resolve(`${name}/package.json`));
  await build({
    root: SOURCE,
    base: "./",
    mode: "development",
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"development"' },
    resolve: { alias: { react: folderOf("react"), "react-dom": folderOf("react-dom") } },
    build: { outDir, target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
}

export interface Setting {
  server: Server;
  /** In front of pages of their own, which are new for each React. */
  alice: ReactPage;
  bob: ReactPage;
}

/** The tests once with each React. What `setting` has is there when they run. */
export function describeWithEachReact(title: string, define: (setting: Setting) => void): void {
  describe(title, () => {
    let server: Server;
    let people: Person[] = [];

    before(async () => {
      server = await Server.start({ SOTTO_WEB_ROOT: await buildReactPages() });
      people = await Promise.all([Person.create("alice"), Person.create("bob")]);
    });

    after(async () => {
      await Promise.all(people.map((person) => person.close()));
      await server?.stop();
    });

    for (const version of REACT_VERSIONS)
      describe(`with React ${version}`, () => {
        const setting = {} as Setting;
        before(async () => {
          const open = (person: Person) => ReactPage.open(person, server, version);
          const [alice, bob] = (await Promise.all(people.map(open))) as [ReactPage, ReactPage];
          Object.assign(setting, { server, alice, bob } satisfies Setting);
        });
        define(setting);
      });
  });
}

export interface ShowOptions {
  roomId: string;
  config?: Partial<MeetingConfig>;
  keyOptions?: E2EEKeyProviderOptions;
  /** Null: a key provider without a key. */
  sharedKey?: string | null;
  /** The key is set before the provider is there. */
  awaitsKey?: boolean;
  /** In clear, with the key provider null. */
  isClear?: boolean;
  token?: string;
  /** The provider's React key: another one is another provider. */
  key?: string;
  joinWithoutUserInteraction?: boolean;
  reinitialiseMeetingOnConfigChange?: boolean;
  joinsInEffect?: boolean;
  hasProbes?: boolean;
}

interface Synthesised {
  colour: [number, number, number];
  tone: number;
  isScreen?: boolean;
}

interface Tone {
  frequency: number;
  level: number;
}

/** A person in front of the page. */
export class ReactPage {
  readonly person: Person;
  readonly #server: Server;

  private constructor(person: Person, server: Server) {
    this.person = person;
    this.#server = server;
  }

  static async open(person: Person, server: Server, version: ReactVersion): Promise<ReactPage> {
    await person.page.goto("about:blank");
    await person.page.goto(`${server.url}/${version}/index.html`);
    await person.page.waitForFunction(() => typeof harness === "object");
    const real = await person.page.evaluate(() => harness.reactVersion);
    if (!real.startsWith(`${version}.`)) throw new Error(`this is React ${real}`);
    return new ReactPage(person, server);
  }

  /** A provider, which joins at once unless told otherwise; with the key "the key" by default. */
  async show(options: ShowOptions): Promise<void> {
    const filled = { name: this.person.name, token: this.#server.token(), ...options };
    await this.person.page.evaluate(async (given) => {
      const { roomId, name, config, keyOptions = {}, isClear = false, ...rest } = given;
      const { sharedKey = "the key", awaitsKey = false, ...own } = rest;
      const keyProvider = new harness.react.ExternalE2EEKeyProvider(keyOptions);
      const setting = sharedKey === null ? undefined : keyProvider.setSharedKey(sharedKey);
      if (awaitsKey) await setting;
      harness.keys = keyProvider;
      await harness.show({
        joinWithoutUserInteraction: true,
        ...own,
        keyProvider: isClear ? null : keyProvider,
        config: { meetingId: roomId, name, participantId: name, ...config },
      });
    }, filled);
  }

  /** Takes the provider away. */
  async hide(): Promise<void> {
    await this.person.page.evaluate(() => harness.show(null));
  }

  /** What callbacks said since this was asked last. */
  async told(): Promise<string[]> {
    return this.person.page.evaluate(() => harness.told.splice(0));
  }

  /** Waits until a callback has said this, and leaves everything for `told`. */
  async hears(...wanted: string[]): Promise<void> {
    await this.person.until(
      () => this.person.page.evaluate(() => harness.told),
      (told) => wanted.every((each) => told.includes(each)),
    );
  }

  look(id: string, type: "video" | "share" = "video"): Promise<Sight | undefined> {
    return this.person.lookAt(playerOf(id, type));
  }

  listen(id: string, type: "audio" | "shareAudio" = "audio"): Promise<Tone> {
    return this.person.page.evaluate(readTone, playerOf(id, type));
  }

  /** The camera and the microphone of somebody, in their players. */
  async assertMeets(name: Name): Promise<void> {
    await assertSight(this.person, name, () => this.look(name));
    await this.#assertTone(() => this.listen(name), TONES[name]);
  }

  /** What `harness.synthesise` made. */
  async assertSynthesised(id: string, { colour, tone, isScreen = false }: Synthesised): Promise<void> {
    const isColour = (sight: Sight | undefined) =>
      sight?.mark.every((channel, i) => Math.abs(channel - (colour[i] ?? 0)) < 40) ?? false;
    await this.person.until(() => this.look(id, isScreen ? "share" : "video"), isColour);
    await this.#assertTone(() => this.listen(id, isScreen ? "shareAudio" : "audio"), tone);
  }

  async #assertTone(listen: () => Promise<Tone>, wanted: number): Promise<void> {
    const isTone = ({ frequency, level }: Tone) =>
      level > -50 && Math.abs(frequency - wanted) < 12;
    await this.person.until(listen, isTone);
  }
}

function playerOf(id: string, type: string): string {
  const player = type.toLowerCase().includes("audio")
    ? `audio[data-type="${type}"]`
    : `[data-type="${type}"] video`;
  return `[data-id="${id}"] ${player}`;
}
