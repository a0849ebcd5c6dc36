// Controls of a camera for mock.mjs: of each kind one, one that depends on another, one that fails, and
// enough of them to need groups and a filter.
import { setTimeout as pause } from "node:timers/promises";

const figure = (id, name, group, least, most, usual, more = {}) => ({
  id, name, group, kind: "integer", minimum: least, maximum: most, step: 1, default: usual, value: usual, inactive: false, read_only: false, ...more,
});
const other = (id, name, group, kind, usual, more = {}) => figure(id, name, group, 0, 1, usual, { kind, ...more });

const USER = "User Controls";
const CAMERA = "Camera Controls";
const controls = [
  figure("brightness", "Brightness", USER, 0, 255, 128),
  figure("contrast", "Contrast", USER, 0, 255, 128),
  figure("saturation", "Saturation", USER, 0, 255, 128, { value: 90 }),
  figure("hue", "Hue", USER, -128, 128, 0),
  other("hflip", "Horizontal Flip", USER, "boolean", false),
  other("gain_automatic", "Gain, Automatic", USER, "boolean", true),
  figure("gain", "Gain", USER, 0, 255, 100, { inactive: true }),
  other("power_line_frequency", "Power Line Frequency", USER, "menu", 1, {
    maximum: 2, choices: [{ value: 0, name: "Disabled" }, { value: 1, name: "50 Hz" }, { value: 2, name: "60 Hz" }],
  }),
  figure("broken", "A Control That the Driver Refuses", USER, 0, 10, 5),
  other("auto_exposure", "Exposure, Auto", CAMERA, "menu", 0, {
    maximum: 1, choices: [{ value: 0, name: "Aperture Priority Mode" }, { value: 1, name: "Manual Mode" }],
  }),
  figure("exposure_time_absolute", "Exposure Time, Absolute", CAMERA, 3, 2047, 250, { step: 2, inactive: true }),
  other("pan_reset", "Pan, Reset", CAMERA, "button", 0, { value: null }),
  figure("temperature", "Temperature", CAMERA, 0, 100, 0, { value: 41, read_only: true }),
  other("bits", "Lamps", CAMERA, "bitmask", 0x80002000, { maximum: 0xffffffff }),
  ...Array.from({ length: 14 }, (_, at) => figure(`more_${at}`, `Something Else ${at + 1}`, "More Controls", 0, 1000, 500)),
];
let kept = {};
const all = () => ({ camera: "/dev/video0", name: "HD Pro Webcam C920", controls, kept });

/** Gives [status, answer]. */
export async function answer(method, query, body) {
  await pause(80);
  if (method === "DELETE") {
    for (const one of controls) if (one.value !== null && !one.read_only) one.value = one.default;
    kept = {};
  }
  for (const [id, wanted] of Object.entries(method === "PATCH" ? body : {})) {
    const one = controls.find((control) => control.id === id);
    if (!one || id === "broken") return [422, { error: `the camera does not take ${wanted} for ${id}`, code: "bad_parameter" }];
    if (one.kind !== "button") one.value = wanted ?? one.default;
    if (query.get("keep")) kept[id] = one.value;
  }
  const find = (id) => controls.find((control) => control.id === id);
  find("gain").inactive = find("gain_automatic").value;
  find("exposure_time_absolute").inactive = find("auto_exposure").value === 0;
  return [200, all()];
}
