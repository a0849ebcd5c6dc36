import { expect, test } from "vitest";
import { EMPTY, check, firstFree, freeId, placeError, request, said, shownBy } from "../src/parts/start-form.js";
import { commands, examples } from "../src/parts/start-examples.js";

test("only what was filled in is sent, as numbers and booleans", () => {
  expect(request(EMPTY)).toEqual({});
  const form = { ...EMPTY, id: " front ", source: "test:", fps: "15", jpeg_quality: "70", quality: "low" as const, on_demand: "no" as const };
  expect(request(form)).toEqual({ id: "front", source: "test:", fps: 15, jpeg_quality: 70, quality: "low", on_demand: false });
});

test("what can be seen to be wrong is told at its field", () => {
  expect(check(EMPTY, { source: false, id: false })).toEqual({});
  expect(Object.keys(check(EMPTY, { source: true, id: true }))).toEqual(["source", "id"]);
  expect(Object.keys(check({ ...EMPTY, id: "a b", fps: "0", jpeg_quality: "many" }, { source: false, id: false }))).toEqual(["id", "fps", "jpeg_quality"]);
});

test("the server's sentences stand beside the field that they concern", () => {
  const cases: [string, string, string][] = [
    ["exists", "a stream named front exists already", "id"],
    ["bad_stream_id", '"a b" cannot name a stream', "id"],
    ["bad_source", "source: nonsense: is no known kind of source", "source"],
    ["source_not_allowed", "exec: runs a command, which is not allowed over the API", "source"],
    ["bad_parameter", 'fps: "900" is no frame rate', "fps"],
    ["too_many_streams", "there are as many streams as allowed", "form"],
  ];
  for (const [code, message, field] of cases) expect(Object.keys(placeError(code, message))).toEqual([field]);
  expect(placeError("bad_parameter", 'fps: "900" is no frame rate')).toEqual({ fps: '"900" is no frame rate' });
});

test("a free id is proposed", () => {
  expect(freeId("camera", [])).toBe("camera");
  expect(freeId("camera", ["camera", "camera-2"])).toBe("camera-3");
  expect(freeId("", [])).toBe("camera");
});

test("examples are those of the server, what must be allowed last", () => {
  const kinds = ["stdin", "exec", "test", "http"].map((scheme) => ({ scheme, example: `${scheme}:x`, help: "Does this. And that." }));
  expect(examples(kinds).map((one) => one.source)).toEqual(["http:x", "test:x", "exec:x"]);
  expect(examples(kinds)[0]?.what).toBe("Does this");
});

test("commands name this server as the page reached it", () => {
  expect(commands(new URL("https://host/cams/")).push).toContain(" https://host/cams/streams/front");
  expect(commands(new URL("http://localhost:8000/")).push).toContain(" http://ADDRESS:8000/streams/front");
});

test("sentences begin large, but ids and schemes stay as they are", () => {
  expect(said("a stream named front exists already")).toBe("A stream named front exists already.");
  expect(said("there are too many streams")).toBe("There are too many streams.");
  expect(said("front has a source of its own; nobody can publish to it")).toBe("front has a source of its own; nobody can publish to it.");
  expect(said("front was made")).toBe("front was made.");
  expect(said("nonsense: is no known kind of source")).toBe("nonsense: is no known kind of source.");
  expect(said("The server does not answer.")).toBe("The server does not answer.");
});

test("a camera that a stream shows already is not proposed again", () => {
  const sources = [{ source: "v4l2:/dev/video0" }, { source: "v4l2:/dev/video1" }, { source: "test:" }];
  const check = (shown: string[], expected: string) => expect(firstFree(sources, shown.map((source) => ({ source })))).toBe(expected);
  check([], "v4l2:/dev/video0");
  check(["v4l2:/dev/video0?size=640x360"], "v4l2:/dev/video1");
  check(["v4l2:/dev/video0", "v4l2:/dev/video1", "test:"], "test:");
  expect(firstFree([], [])).toBe("");
  expect(shownBy("v4l2:/dev/video0", [{ source: "v4l2:/dev/video01" }])).toBeNull();
});
