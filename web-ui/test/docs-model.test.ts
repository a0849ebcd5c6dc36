import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { address, curl, groups, limits, rows, sample, typeWords, type Description } from "../src/pages/docs-model.js";

// The description that the program itself is held to.
const api = JSON.parse(readFileSync(new URL("../../crates/web/openapi.json", import.meta.url), "utf8")) as Description;
const operations = groups(api).flatMap((group) => group.operations);
const find = (id: string) => {
  const found = operations.find((one) => one.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};

test("every operation of the description is there once, with words", () => {
  const described = Object.values(api.paths ?? {}).reduce((sum, item) => sum + Object.keys(item).length, 0);
  expect(operations).toHaveLength(described);
  expect(new Set(operations.map((one) => one.id)).size).toBe(described);
  for (const one of operations) expect(one.summary, one.id).not.toBe("");
});

test("every schema has fields or a type in words, and a sample", () => {
  for (const [name, schema] of Object.entries(api.components?.schemas ?? {})) {
    expect(rows(api, schema).length > 0 || typeWords(schema) !== "anything", name).toBe(true);
    expect(sample(api, schema), name).toBeDefined();
  }
});

test("types and limits are told in words", () => {
  expect(typeWords({ type: ["integer", "null"] })).toBe("integer or null");
  expect(typeWords({ type: "array", items: { $ref: "#/components/schemas/Info" } })).toBe("list of Info");
  expect(typeWords({ oneOf: [{ $ref: "#/x/Quality" }, { type: "null" }] })).toBe("Quality or null");
  expect(limits({ minimum: 1, maximum: 120, default: 30 })).toBe("1 to 120, by default 30");
});

test("parts of a schema are put together", () => {
  const names = rows(api, { $ref: "#/components/schemas/Created" }).map((row) => row.name);
  expect(names).toContain("stream_id");
  expect(names).toContain("message");
});

test("the command is one that a shell understands", () => {
  const make = find("create_stream");
  expect(curl(make, "http://h/api/streams", `{"name":"it's"}`)).toBe(
    `curl -X POST -H 'Content-Type: application/json' -d '{"name":"it'\\''s"}' http://h/api/streams`,
  );
  expect(curl(find("follow_events"), "http://h/api/events", null)).toBe("curl -N http://h/api/events");
  const list = find("list_viewers");
  const at = address(list, { id: "a/b", limit: "5" });
  expect(at).toBe("api/streams/a%2Fb/viewers?limit=5");
  expect(curl(list, `http://h/${at}`, null)).toBe(`curl 'http://h/${at}'`);
});
