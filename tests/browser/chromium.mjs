// Starts the Chromium that scripts/setup found, without a sandbox (it runs as root in
// containers) and without talking to anyone but the server under test.
import { chromium } from "playwright-core";

const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

/** A camera that is none, and nobody to ask for it. */
export const CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** `more` are further switches, such as those of a camera that is none. */
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromiumSandbox: false,
    args: [...QUIET, ...more],
  });
}
