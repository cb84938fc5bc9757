// The one table that all of it ends in.

import { foundCount, type Report } from "./needles.ts";

export interface Row {
  what: string;
  where: string;
  searched: string;
  needles: string;
  expected: string;
  found: string;
  isGood: boolean;
  /** It is good or not by a clock, which other work on the machine makes slower. */
  isTimed?: boolean;
}

const COLUMNS = ["what", "where", "searched", "needles × forms", "expected", "found", "verdict"];
const MIB = 1024 * 1024;

/** A search that must find nothing. */
export function absentRow(what: string, where: string, report: Report): Row {
  const names = [...report.found.keys()].join(", ");
  const found = foundCount(report) === 0 ? "0" : `${foundCount(report)}: ${names}`;
  // Nothing found in nothing is no proof.
  return {
    ...searchRow(what, where, report),
    expected: "0",
    found,
    isGood: found === "0" && report.size > 0,
  };
}

/** A control: at least so many needles must be found. */
export function presentRow(what: string, where: string, report: Report, atLeast = 1): Row {
  const found = foundCount(report);
  return {
    ...searchRow(what, where, report),
    expected: `≥ ${atLeast}`,
    found: String(found),
    isGood: found >= atLeast,
  };
}

function searchRow(what: string, where: string, report: Report) {
  const size = report.size / MIB;
  const searched = `${size < 0.1 ? size.toFixed(3) : size.toFixed(1)} MiB`;
  return { what, where, searched, needles: `${report.needleCount} × ${formsPerNeedle(report)}` };
}

function formsPerNeedle({ patternCount, needleCount }: Report): string {
  return (patternCount / Math.max(1, needleCount)).toFixed(1);
}

/** A row of anything else that was counted or timed. */
export function plainRow(
  what: string,
  where: string,
  searched: string,
  outcome: Pick<Row, "expected" | "found" | "isGood" | "isTimed"> & { needles?: string },
): Row {
  return { what, where, searched, needles: "", ...outcome };
}

export function inSecondTry(row: Row): Row {
  return row.isTimed ? { ...row, where: `${row.where}, second try` } : row;
}

/** In Markdown, so that docs can quote it. */
export function printTable(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.where,
    row.searched,
    row.needles,
    row.expected,
    row.found,
    row.isGood ? "ok" : "FAILED",
  ]);
  const widths = COLUMNS.map((name, i) =>
    Math.max(name.length, ...cells.map((line) => (line[i] ?? "").length)),
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(COLUMNS), rule, ...cells.map(line)].join("\n");
}
