// Where tiles stand. Pure: from a count and an area to boxes.

export interface Area {
  width: number;
  height: number;
}

export interface Box extends Area {
  left: number;
  top: number;
}

export interface Grid {
  columns: number;
  rows: number;
  tile: Area;
}

const GAP = 10;
const WIDE = 16 / 9;
const SQUARE = 1;
const STRIP_SHARE = 0.19;
const STRIP_WIDTH_MIN = 160;
const STRIP_WIDTH_MAX = 230;
const STRIP_HEIGHT = 112;
/** A smaller tile shows nobody. */
const TILE_WIDTH_MIN = 150;
const TILES_MAX = 16;

/** Columns and rows with the largest tiles; of equals, the one with fewer empty places. */
export function fitGrid(count: number, area: Area, ratio: number, gap = GAP): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const width = Math.min(
      (area.width - gap * (columns - 1)) / columns,
      ((area.height - gap * (rows - 1)) / rows) * ratio,
    );
    if (width <= best.tile.width) continue;
    best = { columns, rows, tile: { width, height: width / ratio } };
  }
  return best;
}

/** Upright areas have square tiles, which leave less of them empty. */
export function ratioOf({ width, height }: Area): number {
  return height > width ? SQUARE : WIDE;
}

/** A box for each of `count` tiles, row by row; the last row stands in the middle. */
export function gridBoxes(count: number, area: Area, ratio = ratioOf(area), gap = GAP): Box[] {
  const { columns, rows, tile } = fitGrid(count, area, ratio, gap);
  const top = (area.height - rows * tile.height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (area.width - inRow * tile.width - (inRow - 1) * gap) / 2;
    return {
      left: left + (i - row * columns) * (tile.width + gap),
      top: top + row * (tile.height + gap),
      ...tile,
    };
  });
}

/** How many tiles find room, the one that says "more" included. */
export function capacityOf(area: Area, hasScreen: boolean): number {
  if (area.width <= 0 || area.height <= 0) return TILES_MAX;
  if (hasScreen) {
    const { strip, tile, isBeside } = stripOf(area);
    const room = isBeside
      ? (strip.height + GAP) / (tile.height + GAP)
      : (strip.width + GAP) / (tile.width + GAP);
    return Math.max(1, Math.min(TILES_MAX, Math.floor(room + 1e-6)));
  }
  for (let count = TILES_MAX; count > 4; count--)
    if (fitGrid(count, area, ratioOf(area)).tile.width >= TILE_WIDTH_MIN) return count;
  return 4;
}

/** The first box is the screen's; the others are in a strip beside it, or below it where it is narrow. */
export function screenBoxes(count: number, area: Area): Box[] {
  const { strip, tile, isBeside } = stripOf(area);
  const people = Math.max(0, count - 1);
  if (people === 0) return [{ left: 0, top: 0, ...area }];
  const screen: Box = isBeside
    ? { left: 0, top: 0, width: area.width - tile.width - GAP, height: area.height }
    : { left: 0, top: 0, width: area.width, height: area.height - tile.height - GAP };
  const used = isBeside
    ? people * (tile.height + GAP) - GAP
    : people * (tile.width + GAP) - GAP;
  const start = ((isBeside ? strip.height : strip.width) - used) / 2;
  const boxes = Array.from({ length: people }, (_, i): Box =>
    isBeside
      ? { left: strip.left, top: start + i * (tile.height + GAP), ...tile }
      : { left: start + i * (tile.width + GAP), top: strip.top, ...tile },
  );
  return [screen, ...boxes];
}

function stripOf(area: Area): { strip: Box; tile: Area; isBeside: boolean } {
  const isBeside = area.width > area.height;
  if (isBeside) {
    const wanted = area.width * STRIP_SHARE;
    const width = Math.min(STRIP_WIDTH_MAX, Math.max(STRIP_WIDTH_MIN, wanted));
    const strip = { left: area.width - width, top: 0, width, height: area.height };
    return { strip, tile: { width, height: width / WIDE }, isBeside };
  }
  const tile = { width: STRIP_HEIGHT, height: STRIP_HEIGHT };
  const strip = { left: 0, top: area.height - STRIP_HEIGHT, width: area.width, height: STRIP_HEIGHT };
  return { strip, tile, isBeside };
}
