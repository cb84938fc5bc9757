// The browsers, and the two ways of Chromium's, with a page that has both packages: for what scenes do there.

import { after, before, beforeEach, describe } from "node:test";

import { assertNoPageErrors } from "./checks.ts";
import { FirefoxPerson } from "./firefox.ts";
import { removeScriptTransform } from "./page_scripts.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

interface Browser {
  page: {
    evaluate<Result>(scene: () => Result | Promise<Result>): Promise<Result>;
    evaluate<Given>(scene: (given: Given) => void, given: Given): Promise<void>;
  };
  /** A fresh page with the packages. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Chromium's two ways of transforming frames, with what a page is told before it loads. */
export const CHROMIUM_WAYS = [
  ["script transforms", undefined],
  ["createEncodedStreams", removeScriptTransform],
] as const;

const BROWSERS: [string, (server: Server) => Promise<Browser>][] = [
  ["Chromium", (server) => openChromium(server)],
  ["Chromium with createEncodedStreams", (server) => openChromium(server, removeScriptTransform)],
  ["Firefox", openFirefox],
];

/** What tests have of their browser: its page, a fresh one in each test, and where that comes from. */
export interface Stage {
  page: Browser["page"];
  server: Server;
}

/** The tests in each of the browsers, by name; `prepare` is for each page. */
export function inEachBrowser(
  prepare: (page: Browser["page"]) => Promise<void>,
  tests: (stage: Stage, name: string) => void,
): void {
  for (const [name, openBrowser] of BROWSERS)
    describe(name, () => {
      const stage = {} as Stage;
      let browser: Browser | undefined;

      before(async () => {
        stage.server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
        browser = await openBrowser(stage.server);
        stage.page = browser.page;
      });

      beforeEach(async () => {
        await browser?.open();
        await prepare(stage.page);
      });

      after(async () => {
        await browser?.close();
        await stage.server?.stop();
      });

      tests(stage, name);
    });
}

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
