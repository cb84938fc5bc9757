// The browsers, and the two ways of Chromium's, with a page that has both packages: for what scenes do there.

import { assertNoPageErrors } from "./checks.ts";
import { FirefoxPerson } from "./firefox.ts";
import { Person } from "./person.ts";
import { SdkPage } from "./sdk_page.ts";
import type { Server } from "./server.ts";

export interface Browser {
  page: {
    evaluate<Result>(scene: () => Result | Promise<Result>): Promise<Result>;
    evaluate<Given>(scene: (given: Given) => void, given: Given): Promise<void>;
  };
  /** A fresh page with the packages. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** By name. The server is one with `buildSdkPage`. */
export const BROWSERS: [string, (server: Server) => Promise<Browser>][] = [
  ["Chromium", (server) => openChromium(server)],
  ["Chromium with createEncodedStreams", (server) => openChromium(server, removeScriptTransform)],
  ["Firefox", openFirefox],
];

async function openChromium(server: Server, initScript?: () => void): Promise<Browser> {
  const person = await Person.create("alice", initScript ? { initScript } : {});
  return {
    page: person.page,
    open: async () => void (await SdkPage.open(person, server)),
    close: async () => {
      assertNoPageErrors(person);
      await person.close();
    },
  };
}

async function openFirefox(server: Server): Promise<Browser> {
  const person = await FirefoxPerson.create("alice", server);
  return {
    page: person.page,
    open: async () => {
      await person.page.goto(server.url);
      await person.page.waitForFunction(() => typeof sdk === "object");
    },
    close: () => person.close(),
  };
}

function removeScriptTransform(): void {
  Reflect.deleteProperty(window, "RTCRtpScriptTransform");
}
