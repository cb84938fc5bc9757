// @sotto/e2ee as an npm package of its own: what is in it, and that it works for strangers.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import type { E2EEKeyProviderOptions, FrameEncryption, FrameFormat } from "@sotto/e2ee";

import { assertNoPageErrors, assertSight } from "./checks.ts";
import { ROOT } from "./key_server.ts";
import { buildPage, BUNDLERS, type Bundler, Packed } from "./packed.ts";
import { Person } from "./person.ts";
import { BUILD } from "./server.ts";
import { StaticServer } from "./static_server.ts";

const run = promisify(execFile);
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
/** How far the README's sizes may be off. */
const SIZE_TOLERANCE = 0.1;

/** Of the page; the README's example, and what the test adds to it. */
interface PageWindow {
  sendSealed(
    track: MediaStreamTrack | undefined,
    key: Uint8Array,
    told: { onTrack: (track: MediaStreamTrack) => void; onState: (words: string) => void },
  ): Promise<{ alice: FrameEncryption }>;
  workerUrl: string;
  providerOptions: E2EEKeyProviderOptions;
  /** Of the call; absent if there is none. */
  format?: FrameFormat;
  states: string[];
  violations: string[];
}

interface CallOptions {
  withWorkerUrl: boolean;
  /** Default "sotto". */
  frameFormat?: FrameFormat;
}

let packed: Packed;

before(async () => {
  packed = await Packed.create();
});

after(() => packed?.remove());

describe("what is in the package", () => {
  test("the library, the worker, types, README and licence, and nothing else", () => {
    const types = packed.files.filter((path) => /^dist\/\w+\.d\.ts$/.test(path));
    const others = packed.files.filter((path) => !types.includes(path));
    const expected = ["LICENSE", "README.md", "package.json"];
    const scripts = ["index", "livekit_wasm", "worker"].map((name) => `dist/${name}.js`);
    assert.deepEqual(others.sort(), [...expected, ...scripts].sort());
    assert.ok(types.includes("dist/index.d.ts") && types.includes("dist/worker.d.ts"));
    assert.deepEqual(packed.read("LICENSE"), readFileSync(join(ROOT, "LICENSE")));
  });

  test("the WebAssembly in it is what the build made", () => {
    for (const [script, module] of [
      ["dist/index.js", "core"],
      ["dist/worker.js", "core"],
      ["dist/livekit_wasm.js", "livekit"],
    ] as const) {
      const built = ["scalar", "simd"].map((variant) =>
        hashOf(readFileSync(join(BUILD, `wasm/${module}_${variant}.wasm`))),
      );
      assert.deepEqual(wasmHashes(packed.read(script).toString()), built.sort());
    }
  });

  test("it names no address", () => {
    for (const path of packed.files.filter((name) => name.startsWith("dist/")))
      assert.deepEqual(addressesIn(packed.read(path).toString()), [], path);
  });

  test("it is as large as the README says", (context) => {
    const sizes = {
      "the package as it is downloaded": [undefined, readFileSync(packed.tarball).length],
      "the library, Worker and WebAssembly in it": sizesOf(packed.read("dist/index.js")),
      "the Worker, WebAssembly in it": sizesOf(packed.read("dist/worker.js")),
      'the core of the format "livekit", loaded by meetings in it': sizesOf(
        packed.read("dist/livekit_wasm.js"),
      ),
      "WebAssembly with SIMD": sizesOf(readFileSync(join(BUILD, "wasm/core_simd.wasm"))),
      "WebAssembly without, for older browsers": sizesOf(
        readFileSync(join(BUILD, "wasm/core_scalar.wasm")),
      ),
    };
    const rows = packed.read("README.md").toString().split("\n");
    for (const [what, [plain, zipped]] of Object.entries(sizes)) {
      const row = `| ${what} | ${inKb(plain)} | ${inKb(zipped)} |`;
      context.diagnostic(row);
      const said = rows.find((each) => each.startsWith(`| ${what} |`))?.split("|") ?? [];
      [plain, zipped].forEach((size, i) => {
        const off = Math.abs(Number(said[i + 2]) * 1000 - (size ?? 0)) / (size ?? 1);
        assert.ok(off <= SIZE_TOLERANCE, `the README says otherwise; it should say ${row}`);
      });
    }
  });
});

describe("types", () => {
  test("strict TypeScript takes them, as bundlers and as Node resolve modules", async () => {
    const source = readFileSync(join(import.meta.dirname, "stranger.ts"), "utf8");
    const folder = await packed.install("types", { "src/index.ts": source });
    const base = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      target: "ES2022",
      lib: ["ES2022", "DOM"],
      types: [],
    };
    for (const [module, moduleResolution] of [
      ["ESNext", "bundler"],
      ["NodeNext", "NodeNext"],
    ]) {
      const compilerOptions = { ...base, module, moduleResolution };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
      const { stdout } = await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder]).catch(
        ({ stdout }: { stdout: string }) => ({ stdout }),
      );
      assert.equal(stdout, "", String(moduleResolution));
    }
  });
});

describe("bundled without configuration", () => {
  let alice: Person;
  let creating: Promise<Person>;
  /** What pages and workers asked for. */
  let addresses: string[] = [];
  const pages = new Map<Bundler, string>();

  before(async () => {
    creating = Person.create("alice", { initScript: collectViolations });
    const building = BUNDLERS.map(async (name) => pages.set(name, await buildPage(packed, name)));
    [alice] = await Promise.all([creating, ...building]);
    alice.context.on("request", (request) => addresses.push(request.url()));
  });

  after(async () => (await creating).close());

  /** Serves a bundler's page, with a policy or none, and sends sealed frames in it. */
  async function onPage(
    bundler: Bundler,
    { policy, ...options }: { policy?: string } & CallOptions,
    check: () => Promise<void>,
  ): Promise<void> {
    const headers: Record<string, string> = policy ? { "content-security-policy": policy } : {};
    const server = await StaticServer.start(pages.get(bundler) ?? "", headers);
    addresses = [];
    try {
      await alice.page.goto(server.url);
      await alice.page.evaluate(sendAndShow, options);
      await check();
      assertOwnFiles(server.url, pages.get(bundler) ?? "");
      assertNoPageErrors(alice);
    } finally {
      await alice.page.goto("about:blank");
      await server.stop();
    }
  }

  /** Nothing but the page's own files was asked for, and they were. */
  function assertOwnFiles(url: string, folder: string): void {
    const own = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const allowed = ["", ...own].map((name) => `${url}/${name}`);
    const others = addresses.filter((each) => !allowed.includes(each) && !each.startsWith(`blob:${url}/`));
    assert.deepEqual(others, []);
    assert.ok(addresses.length >= 2, "nothing was listened to");
  }

  const readStates = () => alice.page.evaluate(() => (window as unknown as PageWindow).states);

  async function assertOpens(format: FrameFormat = "sotto"): Promise<void> {
    await assertSight(alice, "alice", () => alice.lookAt("video"));
    const isHeard = (states: string[]) => states.some((words) => words.includes("Decryption"));
    const states = await alice.until(readStates, isHeard);
    assert.deepEqual(states.map((state) => state.trim()).sort(), [
      "alice video DecryptionSuccess",
      "alice video EncryptionSuccess",
    ]);
    const violations = await alice.page.evaluate(
      () => (window as unknown as PageWindow).violations,
    );
    assert.deepEqual(violations, []);
    const sent = await alice.page.evaluate(() => (window as unknown as PageWindow).format);
    assert.equal(sent, format);
  }

  for (const bundler of BUNDLERS) {
    test(`${bundler}: a sealed picture arrives`, () =>
      onPage(bundler, { withWorkerUrl: false }, () => assertOpens()));

    test(`${bundler}: with workerUrl under a strict policy too`, () =>
      onPage(bundler, { policy: STRICT, withWorkerUrl: true }, () => assertOpens()));

    for (const [where, options] of [
      ["", { withWorkerUrl: false }],
      [", with workerUrl under a strict policy too", { policy: STRICT, withWorkerUrl: true }],
    ] as const)
      test(`${bundler}: the core of the format livekit is found, and a picture arrives${where}`, () =>
        onPage(bundler, { ...options, frameFormat: "livekit" }, () => assertOpens("livekit")));

    test(`${bundler}: the bundle has the core that was built, and names no address`, () => {
      const folder = pages.get(bundler) ?? "";
      const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".js"))
        .map((name) => readFileSync(join(folder, name), "utf8"));
      const built = wasmHashes(packed.read("dist/worker.js").toString());
      const livekit = wasmHashes(packed.read("dist/livekit_wasm.js").toString());
      const carried = scripts.map(wasmHashes);
      // In the library, and in the worker of its own. The other format's lies where the bundler puts it.
      const holders = carried.filter((hashes) => built.every((hash) => hashes.includes(hash)));
      assert.equal(holders.length, 2);
      assert.deepEqual([...new Set(carried.flat())].sort(), [...built, ...livekit].sort());
      assert.deepEqual(scripts.flatMap(addressesIn), []);
    });
  }

  test("without workerUrl under a strict policy the error says what to do", () =>
    onPage("Vite", { policy: STRICT, withWorkerUrl: false }, async () => {
      const advice = /content-security policy, serve @sotto\/e2ee\/worker .* workerUrl/;
      const states = await alice.until(readStates, (all) => all.some((words) => advice.test(words)));
      assert.ok(!states.some((words) => words.includes("Success")));
      assert.equal(await alice.lookAt("video"), undefined);
    }));
});

/** Before the page's scripts. */
function collectViolations(): void {
  const violations: string[] = [];
  Object.assign(window, { states: [], violations });
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    violations.push(`${violatedDirective} ${blockedURI}`),
  );
}

/** What the README leaves to the page. */
async function sendAndShow({ withWorkerUrl, frameFormat }: CallOptions): Promise<void> {
  const own = window as unknown as PageWindow;
  own.providerOptions = {
    ...(withWorkerUrl && { workerUrl: own.workerUrl }),
    ...(frameFormat && { frameFormat }),
  };
  const media = await navigator.mediaDevices.getUserMedia({ video: true });
  const key = crypto.getRandomValues(new Uint8Array(32));
  const onTrack = (track: MediaStreamTrack) => {
    const video = document.querySelector("video");
    if (video) video.srcObject = new MediaStream([track]);
  };
  const onState = (words: string) => own.states.push(words);
  await own.sendSealed(media.getVideoTracks()[0], key, { onTrack, onState }).then(
    ({ alice }) => (own.format = alice.frameFormat),
    (error: Error) => own.states.push(error.message),
  );
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Of every module that stands in a script in base64, by what each begins with. */
function wasmHashes(script: string): string[] {
  return [...script.matchAll(/AGFzbQ[\w+/]+=*/g)]
    .map(([text]) => hashOf(Buffer.from(text, "base64")))
    .sort();
}

function addressesIn(text: string): string[] {
  return [...text.matchAll(/(?:https?|wss?):\/\/[^\s"'`]*/g)].map(([address]) => address);
}

function sizesOf(bytes: Buffer): [number, number] {
  return [bytes.length, gzipSync(bytes, { level: 9 }).length];
}

function inKb(size: number | undefined): string {
  return size === undefined ? "" : String(Math.round(size / 1000));
}
