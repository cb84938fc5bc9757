// People who fill a meeting: any number of them in one page, on @sotto/js-sdk, with drawn cameras. The page
// is served beside Sotto Meet, from the folder that `buildWithGuests` returns.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle, Page } from "playwright-core";

import type { Person } from "./person.ts";
import { installPortraits, portraitOf } from "./portraits.ts";
import { buildSdkPage } from "./sdk_page.ts";
import { BUILD, type Server } from "./server.ts";

/** A web root with the app, and the guests' page under /guests.html. */
export async function buildWithGuests(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sotto-with-guests-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const page = await buildSdkPage();
  cpSync(join(BUILD, "web"), folder, { recursive: true });
  cpSync(join(page, "assets"), join(folder, "assets"), { recursive: true });
  cpSync(join(page, "index.html"), join(folder, "guests.html"));
  return folder;
}

export interface GuestOptions {
  name: string;
  key?: string | Uint8Array;
  /** Default true. */
  hasCamera?: boolean;
  /** Default true: a microphone that hears nothing. */
  hasMicrophone?: boolean;
}

export class Guests {
  readonly #page: Page;
  readonly #server: Server;
  readonly #roomId: string;
  readonly #key: string;
  #count = 0;
  #speaker: JSHandle<Meeting> | undefined;

  private constructor(page: Page, server: Server, roomId: string, key: string) {
    this.#page = page;
    this.#server = server;
    this.#roomId = roomId;
    this.#key = key;
  }

  /** In another tab of somebody's browser; for the meeting of this link. */
  static async open(host: Person, server: Server, link: string): Promise<Guests> {
    const page = await host.context.newPage();
    await page.addInitScript(installPortraits);
    await page.addInitScript(watchNobody);
    await page.goto(`${server.url}/guests.html`);
    await page.waitForFunction(() => typeof sdk === "object");
    const [address = "", key = ""] = link.split("#");
    return new Guests(page, server, address.split("/").at(-1) ?? "", key);
  }

  async join(options: GuestOptions): Promise<JSHandle<Meeting>> {
    const { name, key = this.#key, hasCamera = true, hasMicrophone = true } = options;
    const portrait = portraitOf(++this.#count);
    const meeting = await this.#page.evaluateHandle(
      async ({ name, key, portrait, hasCamera, hasMicrophone, roomId, token }) => {
        const keyProvider = new sdk.ExternalE2EEKeyProvider();
        const isRaw = /^[A-Za-z0-9_-]{43}$/.test(String(key));
        const text = String(key).replaceAll("-", "+").replaceAll("_", "/");
        const raw = () => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        await keyProvider.setSharedKey(isRaw ? raw() : String(key));
        const meeting = new sdk.Meeting({ roomId, token, displayName: name, keyProvider });
        await meeting.join();
        if (hasCamera) await meeting.enableWebcam(drawCamera(portrait, 480, 270, 8));
        if (hasMicrophone) await meeting.unmuteMic(makeSound(0));
        return meeting;
      },
      {
        ...{ name, key, portrait, hasCamera, hasMicrophone },
        roomId: this.#roomId,
        token: this.#server.token(),
      },
    );
    return meeting;
  }

  /** Makes this guest the one who speaks, instead of who did before. */
  async speak(meeting: JSHandle<Meeting>): Promise<void> {
    await this.#speaker?.evaluate((own) => own.changeMic(makeSound(0)));
    this.#speaker = meeting;
    await meeting.evaluate((own) => own.changeMic(makeSound(0.8)));
  }

  share(meeting: JSHandle<Meeting>): Promise<void> {
    return meeting.evaluate((own) =>
      own.enableScreenShare(new MediaStream([drawCamera(null, 1280, 720, 5)])),
    );
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}

/** They say that they can show no pictures, and are sent none: so that many of them cost little. */
function watchNobody(): void {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data !== "string" || !data.includes('"ready"')) return send.call(this, data);
    const message = JSON.parse(data) as { data: { rtpCapabilities: { codecs: { kind: string }[] } } };
    const { rtpCapabilities } = message.data;
    rtpCapabilities.codecs = rtpCapabilities.codecs.filter(({ kind }) => kind === "audio");
    send.call(this, JSON.stringify(message));
  };
}
