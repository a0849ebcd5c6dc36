// Where the tiles of a wall stand. Pure: aspects and a screen in, rectangles out.
//
// Tiles keep their cameras' aspects and their order. For the automatic layout several
// arrangements are tried: rows that fill the width, and even grids. The best is the one with
// the largest sum of the tiles' side lengths, which values even sizes: one large picture does
// not make up for many tiny ones.

import type { StreamInfo } from "../client/types.js";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Space {
  width: number;
  height: number;
  gap: number;
}

/** `auto`, or so many columns. */
export type Columns = "auto" | 1 | 2 | 3 | 4;

/** The root of a tile's area: below this it is no longer of use, and the wall rather scrolls. A picture
 * of 16:9 is then 220 px wide. */
const LEAST_SIDE = 165;
/** Beside a big tile the others may be smaller. */
const LEAST_SIDE_BESIDE = 90;
/** About how wide tiles are on a wall that scrolls. */
const SCROLLING_WIDTH = 286;
/** Below this width of the screen tiles stand one below the other. */
const PHONE_WIDTH = 600;
/** How much of the screen a big tile may take, in the direction in which it is divided. */
const BIG_SHARES = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85];

/** The rectangles of tiles with these aspects (width by height); `big` is the index of the big tile. */
export function layOut(aspects: number[], space: Space, columns: Columns, big: number | null = null): Rect[] {
  if (aspects.length === 0 || space.width <= 0) return [];
  if (big !== null && aspects.length > 1) return withBig(aspects, space, columns, big);
  if (columns !== "auto") return inColumns(aspects, space, columns);
  if (space.width < PHONE_WIDTH) return inColumns(aspects, space, space.width > space.height ? 2 : 1);
  return fitted(aspects, space, LEAST_SIDE) ?? scrolling(aspects, space);
}

/** Everything on the screen without scrolling; null if tiles would become smaller than `least`. */
function fitted(aspects: number[], space: Space, least: number): Rect[] | null {
  if (space.width <= 0 || space.height <= 0) return null;
  let best: Rect[] | null = null;
  for (let rows = 1; rows <= aspects.length; rows++) {
    const perRow = Math.ceil(aspects.length / rows);
    for (const rects of [filledRows(aspects, space, rows), grid(aspects, space, perRow, rows)]) {
      if (!rects || rects.some((rect) => side(rect) < least)) continue;
      if (!best || worth(rects) > worth(best) + 0.5) best = rects;
    }
  }
  return best;
}

function scrolling(aspects: number[], space: Space): Rect[] {
  const columns = Math.max(1, Math.floor((space.width + space.gap) / (SCROLLING_WIDTH + space.gap)));
  return inColumns(aspects, space, Math.min(columns, aspects.length));
}

function worth(rects: Rect[]): number {
  return rects.reduce((sum, rect) => sum + side(rect), 0);
}

function side({ width, height }: { width: number; height: number }): number {
  return Math.sqrt(width * height);
}

/** Rows that all fill the same width, as high as their pictures are. Null if there is no such cut. */
function filledRows(aspects: number[], space: Space, count: number): Rect[] | null {
  const rows = cut(aspects, count);
  const { gap } = space;
  const gaps = gap * (count - 1);
  // Of height = (width - gaps of the row) / aspects of the row, summed over rows: linear in width.
  const slope = rows.reduce((sum, row) => sum + 1 / total(row), 0);
  const fixed = rows.reduce((sum, row) => sum + (gap * (row.length - 1)) / total(row), 0);
  const width = Math.min(space.width, (space.height - gaps + fixed) / slope);
  if (width <= 0) return null;
  const rects: Rect[] = [];
  let y = 0;
  for (const row of rows) {
    const height = (width - gap * (row.length - 1)) / total(row);
    if (height <= 0) return null;
    let x = 0;
    for (const aspect of row) {
      rects.push({ x, y, width: aspect * height, height });
      x += aspect * height + gap;
    }
    y += height + gap;
  }
  return centred(rects, space);
}

/** Even cells, each tile in the middle of its own; the last row stands in the middle. */
function grid(aspects: number[], space: Space, columns: number, rows: number): Rect[] | null {
  const width = (space.width - space.gap * (columns - 1)) / columns;
  const height = (space.height - space.gap * (rows - 1)) / rows;
  if (width <= 0 || height <= 0) return null;
  // Cells are no larger than the pictures need, so that tiles stand together.
  const sizes = aspects.map((aspect) => contain(aspect, width, height));
  const cell = {
    width: Math.max(...sizes.map((size) => size.width)),
    height: Math.max(...sizes.map((size) => size.height)),
  };
  const rects = sizes.map((size, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, aspects.length - row * columns);
    const indent = ((columns - inRow) * (cell.width + space.gap)) / 2;
    return {
      x: indent + (index % columns) * (cell.width + space.gap) + (cell.width - size.width) / 2,
      y: row * (cell.height + space.gap) + (cell.height - size.height) / 2,
      ...size,
    };
  });
  return centred(rects, space);
}

/** A fixed number of tiles a row; as high as it becomes. A picture is never higher than the screen. */
function inColumns(aspects: number[], space: Space, columns: number): Rect[] {
  const { gap } = space;
  const usual = (space.width - gap * (columns - 1)) / columns;
  const rects: Rect[] = [];
  let y = 0;
  for (let start = 0; start < aspects.length; start += columns) {
    const row = aspects.slice(start, start + columns);
    const full = row.length === columns;
    const filling = (space.width - gap * (row.length - 1)) / total(row);
    const height = Math.min(full ? filling : usual / (total(row) / row.length), Math.max(space.height, 120));
    const used = total(row) * height + gap * (row.length - 1);
    let x = full ? Math.max(0, (space.width - used) / 2) : 0;
    for (const aspect of row) {
      rects.push({ x, y, width: aspect * height, height });
      x += aspect * height + gap;
    }
    y += height + gap;
  }
  return rects;
}

/** The big tile first, beside or above the others, whichever shows more. */
function withBig(aspects: number[], space: Space, columns: Columns, big: number): Rect[] {
  const aspect = aspects[big] ?? 1;
  const others = aspects.filter((_, index) => index !== big);
  const put = (first: Rect, rest: Rect[], x: number, y: number): Rect[] => {
    const rects = rest.map((rect) => ({ ...rect, x: rect.x + x, y: rect.y + y }));
    rects.splice(big, 0, first);
    return rects;
  };
  const above = (): Rect[] => {
    const size = contain(aspect, space.width, space.height);
    const first = { x: (space.width - size.width) / 2, y: 0, ...size };
    const rest = layOut(others, space, columns === "auto" && space.width >= PHONE_WIDTH ? 4 : columns);
    return put(first, rest, 0, size.height + space.gap);
  };
  if (space.width < PHONE_WIDTH || columns !== "auto") return above();

  let best: { rects: Rect[]; worth: number } | null = null;
  for (const share of BIG_SHARES) {
    for (const beside of [true, false]) {
      const { gap } = space;
      const size = beside
        ? contain(aspect, space.width * share, space.height)
        : contain(aspect, space.width, space.height * share);
      const left = beside
        ? { width: space.width - size.width - gap, height: space.height, gap }
        : { width: space.width, height: space.height - size.height - gap, gap };
      const rest = fitted(others, left, LEAST_SIDE_BESIDE);
      if (!rest || size.width < space.width * 0.4) continue;
      const rects = beside
        ? put({ x: 0, y: (space.height - size.height) / 2, ...size }, rest, size.width + gap, 0)
        : put({ x: (space.width - size.width) / 2, y: 0, ...size }, rest, 0, size.height + gap);
      // The big picture was asked for, so its size counts as much as that of the others together.
      const value = side(size) + worth(rest) / others.length;
      if (!best || value > best.worth) best = { rects, worth: value };
    }
  }
  return best?.rects ?? above();
}

/** Cuts the aspects into so many rows, in order, as even as it goes; earlier rows are the shorter. */
export function cut(aspects: number[], count: number): number[][] {
  const sums = [0];
  for (const aspect of aspects) sums.push((sums.at(-1) ?? 0) + aspect);
  const sum = (from: number, to: number) => (sums[to] ?? 0) - (sums[from] ?? 0);
  // cost[n][k]: the least sum of squared widths of the first n tiles in k rows.
  const n = aspects.length;
  const cost: number[][] = [];
  const from: number[][] = [];
  for (let end = 0; end <= n; end++) {
    cost.push(new Array<number>(count + 1).fill(Infinity));
    from.push(new Array<number>(count + 1).fill(0));
  }
  (cost[0] as number[])[0] = 0;
  for (let rows = 1; rows <= count; rows++) {
    for (let end = rows; end <= n; end++) {
      for (let start = rows - 1; start < end; start++) {
        const value = (cost[start]?.[rows - 1] ?? Infinity) + sum(start, end) ** 2;
        if (value < (cost[end]?.[rows] ?? Infinity) - 1e-9) {
          (cost[end] as number[])[rows] = value;
          (from[end] as number[])[rows] = start;
        }
      }
    }
  }
  const rows: number[][] = [];
  for (let end = n, left = count; left > 0; left--) {
    const start = from[end]?.[left] ?? 0;
    rows.unshift(aspects.slice(start, end));
    end = start;
  }
  return rows;
}

function contain(aspect: number, width: number, height: number): { width: number; height: number } {
  return width / aspect <= height ? { width, height: width / aspect } : { width: height * aspect, height };
}

function total(row: number[]): number {
  return row.reduce((sum, aspect) => sum + aspect, 0);
}

function centred(rects: Rect[], space: Space): Rect[] {
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const left = Math.min(...rects.map((rect) => rect.x));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  const x = (space.width - (right + left)) / 2;
  const y = Math.max(0, (space.height - bottom) / 2);
  return rects.map((rect) => ({ ...rect, x: rect.x + x, y: rect.y + y }));
}

/** The tile that is next in a direction: nearest among those that lie that way. */
export function neighbour(rects: Rect[], from: number, direction: "left" | "right" | "up" | "down"): number | null {
  const here = rects[from];
  if (!here) return rects.length > 0 ? 0 : null;
  const across = direction === "left" || direction === "right";
  const sign = direction === "left" || direction === "up" ? -1 : 1;
  let best: { index: number; distance: number } | null = null;
  rects.forEach((rect, index) => {
    const dx = rect.x + rect.width / 2 - (here.x + here.width / 2);
    const dy = rect.y + rect.height / 2 - (here.y + here.height / 2);
    const along = (across ? dx : dy) * sign;
    if (index === from || along <= 1) return;
    const distance = along + Math.abs(across ? dy : dx) * 2;
    if (!best || distance < best.distance) best = { index, distance };
  });
  return (best as { index: number } | null)?.index ?? null;
}

/** The shape of its pictures, if that is known. */
export function aspectOf(info: Pick<StreamInfo, "settings">): number | null {
  const { width, height } = info.settings;
  return width && height ? width / height : null;
}

/** On whole pixels, so that pictures are not blurred. */
export function whole(rect: Rect): Rect {
  const [x, y] = [Math.round(rect.x), Math.round(rect.y)];
  return { x, y, width: Math.round(rect.x + rect.width) - x, height: Math.round(rect.y + rect.height) - y };
}

/** Whether a point is in it. */
export function inside(rect: Rect | undefined, x: number, y: number): boolean {
  return rect !== undefined && x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
}
