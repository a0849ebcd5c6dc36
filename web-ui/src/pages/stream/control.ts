// What a control's figures mean: which values it takes, how they are said, what belongs together.

import type { CameraControls, Control, ControlChange, ControlValue } from "../../client/types.js";

/** From so many on a slider has no use; a browser's sliders count in floating point. */
const SLIDER_MOST = 2 ** 40;

export interface Group {
  name: string;
  controls: Control[];
}

/** In the driver's order, those that the filter finds. */
export function groups(controls: Control[], filter: string): Group[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, Control[]>();
  for (const control of controls) {
    const text = `${control.name} ${control.id} ${control.group}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const list = found.get(control.group);
    if (list) list.push(control);
    else found.set(control.group, [control]);
  }
  return [...found].map(([name, list]) => ({ name, controls: list }));
}

export function hasSlider(control: Control): boolean {
  return control.kind === "integer" && control.maximum > control.minimum && control.maximum - control.minimum <= SLIDER_MOST;
}

/** The nearest value that the control takes; of bits, those that it has. */
export function nearest(control: Control, wanted: number): number {
  if (control.kind === "bitmask") return (wanted & control.maximum) >>> 0;
  const step = Math.max(control.step, 1);
  const inside = Math.min(Math.max(wanted, control.minimum), control.maximum);
  // Not counted from the minimum without need: that of 64 bits is beyond exact numbers.
  if (step === 1) return Math.round(inside);
  const stepped = control.minimum + Math.round((inside - control.minimum) / step) * step;
  return stepped > control.maximum ? stepped - step : stepped;
}

/** What was typed as the nearest value that the control takes, or null. Bits are hexadecimal. */
export function typed(control: Control, text: string): number | null {
  const trimmed = text.trim();
  if (control.kind === "bitmask") {
    const digits = /^(?:0x)?([0-9a-f]+)$/i.exec(trimmed)?.[1];
    return digits ? nearest(control, Number.parseInt(digits, 16)) : null;
  }
  const value = trimmed === "" ? Number.NaN : Number(trimmed);
  return Number.isFinite(value) ? nearest(control, value) : null;
}

/** A value as it is read. */
export function said(control: Control, value: ControlValue | null): string {
  if (value === null) return "–";
  if (control.kind === "boolean") return value ? "On" : "Off";
  if (control.kind === "menu") return control.choices?.find((choice) => choice.value === Number(value))?.name ?? String(value);
  if (control.kind === "bitmask") return `0x${unsigned(value).toString(16).padStart(8, "0")}`;
  return String(value);
}

/** The highest of 32 bits is a sign to some. */
function unsigned(value: ControlValue): number {
  return Number(value) >>> 0;
}

/** Where a value stands on the slider, from 0 to 1. */
export function place(control: Control, value: number): number {
  return Math.min(Math.max((value - control.minimum) / (control.maximum - control.minimum), 0), 1);
}

export function canSet(control: Control): boolean {
  return !control.read_only && !control.inactive;
}

/** Whether two values are the same, however they are written: an item by name or number, 1 for on. */
export function same(control: Control, one: ControlValue | undefined, other: ControlValue): boolean {
  if (one === undefined) return false;
  const plain = (value: ControlValue) =>
    Number(control.choices?.find((choice) => choice.name === value)?.value ?? value);
  if (control.kind === "bitmask") return unsigned(one) === unsigned(other);
  return plain(one) === plain(other);
}

export function differs(control: Control, value: ControlValue | null): boolean {
  return control.kind !== "button" && value !== null && !same(control, control.default, value);
}

/** What is to be kept: all that differs from the default, and what was kept with another value. */
export function toKeep({ controls, kept }: CameraControls): ControlChange {
  const change: ControlChange = {};
  for (const control of controls) {
    const { id, value } = control;
    if (value === null || control.kind === "button" || !canSet(control)) continue;
    if (id in kept ? !same(control, kept[id], value) : differs(control, value)) change[id] = value;
  }
  return change;
}
