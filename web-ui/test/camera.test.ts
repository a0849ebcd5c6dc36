import { expect, test } from "vitest";
import { ApiError } from "../src/client/rest.js";
import type { CameraControls, Control, ControlChange } from "../src/client/types.js";
import { Camera } from "../src/pages/stream/camera.js";
import { groups, hasSlider, nearest, place, said, same, toKeep, typed } from "../src/pages/stream/control.js";
import { Sender } from "../src/pages/stream/sender.js";

const BRIGHTNESS: Control = {
  id: "brightness",
  name: "Brightness",
  group: "User Controls",
  kind: "integer",
  minimum: 0,
  maximum: 255,
  step: 1,
  default: 128,
  value: 128,
  inactive: false,
  read_only: false,
};
const EXPOSURE: Control = {
  ...BRIGHTNESS,
  id: "auto_exposure",
  name: "Exposure, Auto",
  group: "Camera Controls",
  kind: "menu",
  default: 3,
  value: 3,
  choices: [
    { value: 1, name: "Manual Mode" },
    { value: 3, name: "Aperture Priority Mode" },
  ],
};
const FLIP: Control = { ...BRIGHTNESS, id: "hflip", name: "Horizontal Flip", kind: "boolean", default: false, value: false };
const BITS: Control = { ...BRIGHTNESS, id: "bits", kind: "bitmask", maximum: 0xffffffff, default: 0, value: 0x2000 };
const ALL: CameraControls = { camera: "/dev/video0", name: "A camera", controls: [BRIGHTNESS, EXPOSURE, FLIP], kept: {} };

/** Answers when it is told to. */
class Wire<Answer> {
  readonly sent: ControlChange[] = [];
  readonly answers: Answer[] = [];
  readonly failures: ControlChange[] = [];
  #asked: { resolve(answer: Answer): void; reject(error: unknown): void }[] = [];
  readonly sender = new Sender<Answer>({
    send: (change) => this.open(change),
    answered: (answer) => this.answers.push(answer),
    failed: (_, change) => this.failures.push(change),
  });

  open(change: ControlChange): Promise<Answer> {
    this.sent.push({ ...change });
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  }
  get underWay(): number {
    return this.#asked.length;
  }
  async answer(answer: Answer): Promise<void> {
    this.#asked.shift()?.resolve(answer);
    await settle();
  }
  async fail(error: unknown): Promise<void> {
    this.#asked.shift()?.reject(error);
    await settle();
  }
}
/** All that is to be done without waiting for anybody is done. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("one message is under way at a time, and the newest values are sent last", async () => {
  const wire = new Wire<string>();
  for (const value of [1, 2, 3, 4]) wire.sender.set("brightness", value);
  wire.sender.set("hue", 7);
  expect([wire.sent, wire.underWay]).toEqual([[{ brightness: 1 }], 1]);
  expect(wire.sender.pending).toEqual({ brightness: 4, hue: 7 });
  await wire.answer("first");
  expect([wire.sent.length, wire.underWay]).toEqual([2, 1]);
  expect(wire.sent[1]).toEqual({ brightness: 4, hue: 7 });
  await wire.answer("second");
  expect([wire.sent.length, wire.answers, wire.sender.pending]).toEqual([2, ["first", "second"], {}]);
});

test("what failed is told unless a newer value waits, which is sent all the same", async () => {
  const wire = new Wire<string>();
  wire.sender.set("brightness", 1);
  wire.sender.set("brightness", 2);
  await wire.fail(new Error("no"));
  expect([wire.failures, wire.sent[1]]).toEqual([[{}], { brightness: 2 }]);
  await wire.fail(new Error("no"));
  expect(wire.failures[1]).toEqual({ brightness: 2 });
  expect([wire.sender.pending, wire.sender.idle]).toEqual([{}, true]);
});

test("other questions wait until all values have been sent", async () => {
  const wire = new Wire<string>();
  wire.sender.set("brightness", 1);
  const asked = wire.sender.ask(() => wire.open({ keep: true }));
  wire.sender.set("brightness", 2);
  await wire.answer("first");
  expect(wire.sent).toEqual([{ brightness: 1 }, { brightness: 2 }]);
  await wire.answer("second");
  expect(wire.sent[2]).toEqual({ keep: true });
  await wire.answer("kept");
  await asked;
  expect(wire.answers).toEqual(["first", "second", "kept"]);
});

test("values that were dropped are not sent", async () => {
  const wire = new Wire<string>();
  wire.sender.set("brightness", 1);
  wire.sender.set("brightness", 2);
  wire.sender.drop();
  await wire.answer("first");
  expect([wire.sent, wire.sender.idle]).toEqual([[{ brightness: 1 }], true]);
});

/** A camera whose server answers as the wire is told to. */
async function camera(): Promise<{ one: Camera; wire: Wire<CameraControls> }> {
  const wire = new Wire<CameraControls>();
  const one = new Camera(
    {
      controls: () => wire.open({ GET: true }),
      setControls: (_, change, keep) => wire.open(keep ? { ...change, KEEP: true } : change),
      resetControls: () => wire.open({ DELETE: true }),
    },
    "front",
  );
  void one.refresh();
  await wire.answer(ALL);
  return { one, wire };
}
const bright = (value: number): CameraControls => ({ ...ALL, controls: [{ ...BRIGHTNESS, value }, EXPOSURE, FLIP] });

test("what was set last is shown until the camera has answered to it, then what is true", async () => {
  const { one, wire } = await camera();
  const shown = () => one.shown(one.known?.controls[0] as Control);
  one.set("brightness", 10);
  one.set("brightness", 20);
  expect(shown()).toBe(20);
  await wire.answer(bright(10));
  expect(shown()).toBe(20);
  // The driver has steps of its own.
  await wire.answer(bright(21));
  expect(shown()).toBe(21);
  one.set("brightness", null);
  expect(shown()).toBe(128);
});

test("a control that was refused says why, shows the true value, and is right again when it is set", async () => {
  const { one, wire } = await camera();
  one.set("brightness", 10);
  await wire.fail(new ApiError("the camera does not take 10", 422, "bad_parameter"));
  expect(one.wrong("brightness")).toBe("The camera does not take 10.");
  expect(wire.sent.at(-1)).toEqual({ GET: true });
  await wire.answer(bright(90));
  expect([one.shown(one.known?.controls[0] as Control), one.wrong("hflip")]).toEqual([90, ""]);
  one.set("brightness", 11);
  expect(one.wrong("brightness")).toBe("");
});

test("a camera that cannot be asked keeps what was known of it, and says why", async () => {
  const { one, wire } = await camera();
  void one.refresh();
  await wire.fail(new ApiError("the camera was unplugged", 503, "away"));
  expect([one.present, one.failure]).toEqual([true, "The camera was unplugged."]);
  void one.refresh();
  await wire.answer(ALL);
  expect(one.failure).toBe("");
  void one.refresh();
  await wire.fail(new ApiError("there is nothing at this address", 404, "not_found"));
  expect(one.present).toBe(false);
});

test("that a camera was away is told beside its control until it answers again", async () => {
  const { one, wire } = await camera();
  one.set("brightness", 10);
  await wire.fail(new ApiError("the camera was unplugged", 503, "camera_away"));
  await wire.fail(new ApiError("the camera was unplugged", 503, "camera_away"));
  expect([one.wrong("brightness"), one.failure]).toEqual(["The camera was unplugged.", "The camera was unplugged."]);
  void one.look();
  await wire.answer(ALL);
  expect([one.wrong("brightness"), one.failure]).toEqual(["", ""]);
});

test("reset forgets what was not sent yet; looking waits for no one", async () => {
  const { one, wire } = await camera();
  one.set("brightness", 10);
  one.set("brightness", 20);
  void one.reset();
  await wire.answer(bright(10));
  expect(wire.sent.at(-1)).toEqual({ DELETE: true });
  void one.look();
  expect(wire.underWay).toBe(1);
  await wire.answer(ALL);
  expect(one.shown(one.known?.controls[0] as Control)).toBe(128);
});

test("what differs from the defaults is kept, and what was kept follows", async () => {
  const check = (controls: Control[], kept: CameraControls["kept"], expected: ControlChange) =>
    expect(toKeep({ ...ALL, controls, kept })).toEqual(expected);
  check(ALL.controls, {}, {});
  check([{ ...BRIGHTNESS, value: 130 }, { ...EXPOSURE, value: 1 }, FLIP], {}, { brightness: 130, auto_exposure: 1 });
  check([{ ...BRIGHTNESS, value: 130 }, { ...EXPOSURE, value: 1 }], { brightness: 130, auto_exposure: "Manual Mode" }, {});
  check([BRIGHTNESS], { brightness: 130 }, { brightness: 128 });
  check([{ ...BRIGHTNESS, value: 1, inactive: true }, { ...BRIGHTNESS, value: 1, read_only: true }], {}, {});
  check([{ ...BRIGHTNESS, kind: "button", value: 1 }, { ...BRIGHTNESS, value: null }], {}, {});
  const { one, wire } = await camera();
  one.set("brightness", 130);
  const kept = one.keep();
  await wire.answer(bright(130));
  expect(wire.sent.at(-1)).toEqual({ brightness: 130, KEEP: true });
  await wire.answer({ ...bright(130), kept: { brightness: 130 } });
  expect([await kept, one.canKeep]).toEqual([1, false]);
});

test("controls stand in the driver's groups, and the filter finds them by any of their names", () => {
  const check = (filter: string, expected: Record<string, string[]>) =>
    expect(Object.fromEntries(groups(ALL.controls, filter).map(({ name, controls }) => [name, controls.map((one) => one.id)]))).toEqual(expected);
  check("", { "User Controls": ["brightness", "hflip"], "Camera Controls": ["auto_exposure"] });
  check("flip hor", { "User Controls": ["hflip"] });
  check("CAMERA", { "Camera Controls": ["auto_exposure"] });
  check("nothing like it", {});
});

test("what is typed becomes the nearest value that the control takes, or nothing", () => {
  const check = (control: Control, text: string, expected: number | null) => expect(typed(control, text)).toBe(expected);
  check(BRIGHTNESS, " 130 ", 130);
  check(BRIGHTNESS, "999", 255);
  check(BRIGHTNESS, "-3", 0);
  check(BRIGHTNESS, "bright", null);
  check(BRIGHTNESS, "", null);
  check({ ...BRIGHTNESS, minimum: 3, maximum: 10, step: 4 }, "6", 7);
  check({ ...BRIGHTNESS, minimum: 3, maximum: 10, step: 4 }, "10", 7);
  check(BITS, "0xff", 255);
  check(BITS, "ff", 255);
  check({ ...BITS, maximum: 0x80000010 }, "0x80000011", 0x80000010);
  check({ ...BRIGHTNESS, minimum: -(2 ** 63), maximum: 2 ** 63 }, "5", 5);
  check(BITS, "-1", null);
  expect(nearest({ ...BRIGHTNESS, step: 0 }, 5)).toBe(5);
});

test("values are said as people read them, and are the same however they are written", () => {
  expect([said(BRIGHTNESS, 5), said(BRIGHTNESS, null), said(FLIP, true), said(EXPOSURE, 1), said(BITS, -0x80000000)]).toEqual([
    "5",
    "–",
    "On",
    "Manual Mode",
    "0x80000000",
  ]);
  expect([same(EXPOSURE, "Manual Mode", 1), same(FLIP, true, 1), same(BRIGHTNESS, 1, 2), same(BRIGHTNESS, undefined, 0)]).toEqual([true, true, false, false]);
  expect(same(BITS, 0x80002000, 0x80002000 - 2 ** 32)).toBe(true);
});

test("a slider is for ranges that one can see", () => {
  expect([hasSlider(BRIGHTNESS), hasSlider({ ...BRIGHTNESS, maximum: 2 ** 63 }), hasSlider({ ...BRIGHTNESS, maximum: 0 })]).toEqual([true, false, false]);
  expect(place({ ...BRIGHTNESS, minimum: -100, maximum: 100 }, 0)).toBe(0.5);
});
