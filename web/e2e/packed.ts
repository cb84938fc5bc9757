// @sotto/e2ee as strangers get it: packed by npm, installed into folders outside of this workspace, and
// bundled there by a bundler without configuration.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";

import { ROOT } from "./key_server.ts";

const run = promisify(execFile);
const PACKAGE = join(ROOT, "web/packages/e2ee");

export const BUNDLERS = ["Vite", "webpack", "esbuild"] as const;
export type Bundler = (typeof BUNDLERS)[number];

/** A folder with what npm would publish; to be removed by who made it. */
export class Packed {
  readonly folder: string;
  readonly tarball: string;
  /** Paths in the package. */
  readonly files: string[];

  private constructor(folder: string, name: string, files: string[]) {
    this.folder = folder;
    this.tarball = join(folder, name);
    this.files = files;
  }

  static async create(): Promise<Packed> {
    const folder = mkdtempSync(join(tmpdir(), "sotto-packed-"));
    const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
    const { stdout } = await run("npm", options, { cwd: PACKAGE });
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    await run("tar", ["xzf", packed?.filename ?? ""], { cwd: folder });
    return new Packed(folder, packed?.filename ?? "", packed?.files.map(({ path }) => path) ?? []);
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, "package", path));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A folder with the package installed from the tarball, and with these files. */
  async install(name: string, files: Record<string, string>): Promise<string> {
    const folder = join(this.folder, name);
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    await run("npm", ["install", "--offline", "--no-audit", this.tarball], { cwd: folder });
    return folder;
  }
}

/** A page with the README's example in a bundle; returns the folder to serve. */
export async function buildPage(packed: Packed, bundler: Bundler): Promise<string> {
  const readme = packed.read("README.md").toString();
  const script =
    bundler === "Vite"
      ? '<script type="module" src="/src/index.js"></script>'
      : '<script src="main.js"></script>';
  const folder = await packed.install(bundler, {
    "src/index.js": entryOf(readme, bundler),
    "index.html": `<!doctype html><video autoplay muted></video>${script}`,
  });
  const outDir = join(folder, "dist");
  if (bundler === "Vite") await vite({ root: folder, configFile: false, logLevel: "error" });
  else {
    if (bundler === "webpack") await runWebpack(folder);
    else await runEsbuild(folder, blocksOf(readme, "With esbuild", "sh")[0] ?? "");
    copyFileSync(join(folder, "index.html"), join(outDir, "index.html"));
  }
  return outDir;
}

/**
 * The example, and the line that the README gives for this bundler's workerUrl. Which options the key
 * provider gets is up to the page.
 */
function entryOf(readme: string, bundler: Bundler): string {
  const [example = ""] = blocksOf(readme, "## Both ends", "js");
  const [workerUrl = ""] = blocksOf(readme, `With ${bundler}`, "js");
  const made = "new ExternalE2EEKeyProvider()";
  if (!example.includes(made) || !workerUrl.includes("workerUrl"))
    throw new Error("the README is not as this test reads it");
  const asked = "new ExternalE2EEKeyProvider(globalThis.providerOptions)";
  return (
    `${workerUrl}\n${example.replace(made, asked)}\n` +
    "Object.assign(globalThis, { sendSealed, workerUrl: String(workerUrl) });\n"
  );
}

/** The blocks of a language that come after some words. */
export function blocksOf(markdown: string, after: string, language: string): string[] {
  const text = markdown.slice(markdown.indexOf(after));
  return [...text.matchAll(/```(\w+)\n([^]*?)```\n/g)]
    .filter(([, name]) => name === language)
    .map(([, , code = ""]) => code);
}

/** It needs to be told where to put files, or takes the folder that this process runs in. */
function runWebpack(folder: string): Promise<void> {
  const output = { path: join(folder, "dist") };
  return new Promise((done, fail) =>
    webpack({ context: folder, mode: "production", output }, (error, stats) => {
      if (error) fail(error);
      else if (!stats || stats.hasErrors() || stats.hasWarnings())
        fail(new Error(stats?.toString("errors-warnings")));
      else done();
    }),
  );
}

/** And what the README says to do beside the page. */
async function runEsbuild(folder: string, commands: string): Promise<void> {
  const { warnings } = await esbuild({
    absWorkingDir: folder,
    entryPoints: ["src/index.js"],
    bundle: true,
    outfile: "dist/main.js",
  });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
  await run("sh", ["-euc", `cd dist\n${commands.replace("node_modules", "../node_modules")}`], {
    cwd: folder,
  });
}
