import { expect, test } from "vitest";
import { parseAddress } from "../src/player/address.js";

const PAGE = "http://host:8000/streams/robot";

test("a stream's address gives the server's root, below any path, the id, the token and the wish", () => {
  const check = (src: string, base: string, id: string, token: string | null) => {
    const address = parseAddress(src, PAGE);
    expect(address?.base.href, src).toBe(base);
    expect(address?.id, src).toBe(id);
    expect(address?.token, src).toBe(token);
  };
  check("http://cam:8000/streams/front?token=abc", "http://cam:8000/", "front", "abc");
  check("https://site.test/a/b/streams/front", "https://site.test/a/b/", "front", null);
  check("front", "http://host:8000/", "front", null);
  check("/x/streams/a%20b/", "http://host:8000/x/", "a b", null);
  expect(parseAddress("front?quality=low&fps=15", PAGE)?.wish).toEqual({
    quality: "low",
    fps: 15,
    jpeg_quality: null,
  });
});

test("what is no stream's address is null", () => {
  for (const src of ["http://host/", "http://host/streams/", "javascript:streams/a", "http://", "/streams/%E0%A4%A"]) {
    expect(parseAddress(src, "http://host:8000/"), src).toBeNull();
  }
});

test("a wish that makes no sense is left out", () => {
  expect(parseAddress("a?quality=best&fps=-3&jpeg_quality=x", PAGE)?.wish).toEqual({
    quality: null,
    fps: null,
    jpeg_quality: null,
  });
});
