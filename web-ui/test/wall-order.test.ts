import { expect, test } from "vitest";
import { arrange, load, matches, move, remember, save } from "../src/pages/wall-order.js";

test("placed streams stand where they were put, new ones come last", () => {
  expect(arrange(["a", "b", "c", "new"], ["c", "gone", "a", "b"])).toEqual(["c", "a", "b", "new"]);
});

test("a stream is moved to a place, and not beyond the ends", () => {
  expect(move(["a", "b", "c"], "a", 2)).toEqual(["b", "c", "a"]);
  expect(move(["a", "b", "c"], "c", 0)).toEqual(["c", "a", "b"]);
  expect(move(["a", "b", "c"], "b", 99)).toEqual(["a", "c", "b"]);
  expect(move(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
});

test("a stream that is absent while others are moved comes back to its place", () => {
  const order = remember(["a", "gone", "b"], ["b", "a"]);
  expect(arrange(["a", "b", "gone"], order)).toEqual(["b", "a", "gone"]);
  expect(remember(["gone", "a"], ["a"])).toEqual(["gone", "a"]);
});

test("what was chosen is kept; what is broken is forgotten", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const choices = { order: ["b", "a"], columns: 3 as const, big: "a", helped: true, named: true };
  save(storage, "wall", choices);
  expect(load(storage, "wall")).toEqual(choices);
  for (const broken of ["{", "null", '{"order":5,"columns":9,"big":{}}']) {
    kept.set("wall", broken);
    expect(load(storage, "wall")).toEqual({ order: [], columns: "auto", big: null, helped: false, named: false });
  }
  expect(load(null, "wall").columns).toBe("auto");
});

test("the filter finds by any word of name, id, source and state", () => {
  const stream = { stream_id: "front", name: "Front door", source: "v4l2:/dev/video0", state: "live" };
  for (const text of ["", "front", "DOOR", "video0", "live door", "  "]) expect(matches(text, stream)).toBe(true);
  for (const text of ["gate", "door gate"]) expect(matches(text, stream)).toBe(false);
});
