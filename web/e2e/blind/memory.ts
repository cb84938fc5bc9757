// The memory of a process, as a core dump of it would be: everything that is mapped and readable,
// while the process stands still. Read from /proc, which needs no debugger; as root, or as the user of
// a process that allows it (sottod with SOTTO_CORE_DUMPS=true). Registers are not looked at.

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

const PAGE_SIZE = 4096;
const PAGE_RECORD_SIZE = 8;
/** Of a record of /proc/PID/pagemap: present, or swapped out. */
const IS_THERE = 0xc0;
const PIECE_PAGES = 2048;
const PAGES_PER_LOOK = 65_536;

interface Mapping {
  start: number;
  end: number;
}

function readMappings(pid: number): Mapping[] {
  return readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .flatMap((line) => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) (r)\S+ \S+ \S+ \S+\s*(.*)$/.exec(line);
      // Both are the kernel's, and cannot be read from outside.
      if (!match || /^\[(vvar|vsyscall)/.test(match[4] ?? "")) return [];
      return [{ start: parseInt(match[1] ?? "", 16), end: parseInt(match[2] ?? "", 16) }];
    });
}

/** Runs of pages that are there; most of what a browser maps is not. */
function* presentRuns(pageMap: number, { start, end }: Mapping): Generator<Mapping> {
  const records = Buffer.alloc(PAGES_PER_LOOK * PAGE_RECORD_SIZE);
  let from: number | undefined;
  for (let at = start; at < end; at += PAGES_PER_LOOK * PAGE_SIZE) {
    const count = Math.min(PAGES_PER_LOOK, (end - at) / PAGE_SIZE);
    const size = readSync(
      pageMap,
      records,
      0,
      count * PAGE_RECORD_SIZE,
      (at / PAGE_SIZE) * PAGE_RECORD_SIZE,
    );
    for (let i = 0; i < count; i++) {
      const isThere =
        i * PAGE_RECORD_SIZE < size && (records[i * PAGE_RECORD_SIZE + 7] ?? 0) & IS_THERE;
      const address = at + i * PAGE_SIZE;
      if (isThere) from ??= address;
      const isFull = from !== undefined && address - from >= PIECE_PAGES * PAGE_SIZE;
      if (from !== undefined && (!isThere || isFull)) {
        yield { start: from, end: address };
        from = isThere ? address : undefined;
      }
    }
  }
  if (from !== undefined) yield { start: from, end };
}

/**
 * Copies the memory, piece by piece; pieces that stand behind one another in memory overlap by
 * `overlap` bytes. The process is stopped meanwhile.
 */
export function readMemory(pid: number, overlap = 1024): Buffer[] {
  process.kill(pid, "SIGSTOP");
  try {
    waitUntilStopped(pid);
    return readStopped(pid, overlap);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

function readStopped(pid: number, overlap: number): Buffer[] {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const pageMap = openSync(`/proc/${pid}/pagemap`, "r");
  const pieces: Buffer[] = [];
  try {
    let before: Mapping = { start: 0, end: 0 };
    for (const mapping of readMappings(pid))
      for (const run of presentRuns(pageMap, mapping)) {
        const start = run.start === before.end ? run.start - overlap : run.start;
        const piece = readPiece(memory, start, run.end);
        if (piece) pieces.push(piece);
        before = run;
      }
  } finally {
    closeSync(memory);
    closeSync(pageMap);
  }
  return pieces;
}

function readPiece(memory: number, start: number, end: number): Buffer | undefined {
  const piece = Buffer.allocUnsafe(end - start);
  try {
    return piece.subarray(0, readSync(memory, piece, 0, piece.length, start));
  } catch {
    return undefined; // Of a device, such as a graphics card's.
  }
}

/** All threads: a signal reaches them one after the other. */
function waitUntilStopped(pid: number): void {
  const end = Date.now() + 1000;
  for (;;) {
    const states = readdirSync(`/proc/${pid}/task`).map((thread) => stateOf(pid, thread));
    if (states.every((state) => state === "T")) return;
    if (Date.now() > end) throw new Error(`process ${pid} did not stop: ${states.join()}`);
  }
}

function stateOf(pid: number, thread: string): string {
  const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2)[0] ?? "";
}

/** The processes in which a browser runs its pages, found below the one that was started. */
export function rendererProcesses(profile: string): number[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...describe(name) }));
  const family = new Set(
    processes
      .filter(({ command }) => command.includes(`--user-data-dir=${profile}`))
      .map(({ pid }) => pid),
  );
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes
    .filter(({ pid, command }) => family.has(pid) && command.includes("--type=renderer"))
    .map(({ pid }) => pid);
}

function describe(pid: string): { parent: number; command: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return { parent, command: readFileSync(`/proc/${pid}/cmdline`, "utf8") };
  } catch {
    return { parent: 0, command: "" };
  }
}
