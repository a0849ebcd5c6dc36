import { expect, test } from "vitest";
import { parseFrame } from "../src/client/frame.js";

function message(header: string, payload: number[] = [0xff, 0xd8], length?: number): ArrayBuffer {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(4 + text.length + payload.length);
  new DataView(bytes.buffer).setUint32(0, length ?? text.length);
  bytes.set(text, 4);
  bytes.set(payload, 4 + text.length);
  return bytes.buffer;
}

const HEADER = '{"stream_id":"front","timestamp":12.5,"frame_number":7,"quality":"medium"}';

test("a frame is read, and its picture is the message's own memory", () => {
  const buffer = message(HEADER, [1, 2, 3]);
  const frame = parseFrame(buffer);
  expect(frame).toMatchObject({
    stream_id: "front",
    timestamp: 12.5,
    frame_number: 7,
    quality: "medium",
    slate: false,
  });
  expect([...(frame?.jpeg ?? [])]).toEqual([1, 2, 3]);
  expect(frame?.jpeg.buffer).toBe(buffer);
});

test("a slate says that it is one", () => {
  expect(parseFrame(message('{"stream_id":"a","slate":true}'))?.slate).toBe(true);
});

test("what is no frame is null and throws nothing", () => {
  const check = (what: string, buffer: ArrayBuffer) => expect(parseFrame(buffer), what).toBeNull();
  check("empty", new ArrayBuffer(0));
  check("three bytes", new ArrayBuffer(3));
  check("a length beyond the end", message(HEADER, [], 10_000));
  check("a length of four gigabytes", message(HEADER, [], 0xffffffff));
  check("no JSON", message("{", []));
  check("no object", message("null"));
  check("a stream that is no text", message('{"stream_id":5}'));
});

test("a header cut at any place is no frame and no exception", () => {
  const whole = new Uint8Array(message(HEADER));
  for (let end = 0; end < 4 + HEADER.length; end += 1) {
    expect(parseFrame(whole.slice(0, end).buffer), `${end} bytes`).toBeNull();
  }
});
