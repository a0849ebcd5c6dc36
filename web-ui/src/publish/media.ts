// The visitor's cameras and screen, and in plain words why there is none.

import type { Quality } from "../client/types.js";

/** Why this page cannot use a camera at all, as a sentence with what to do; null if it can. */
export function cannotCapture(kind: "camera" | "screen"): string | null {
  if (!window.isSecureContext) {
    return (
      `Browsers lend a ${kind} only to pages that come over HTTPS or from the same machine. ` +
      `Open this page as https://… (through a proxy with a certificate), or as http://localhost:${location.port || 80}/ ` +
      `on the machine that Eyeline runs on.`
    );
  }
  if (kind === "screen" && !navigator.mediaDevices?.getDisplayMedia) {
    return "This browser cannot share its screen. Phones cannot; use a computer.";
  }
  if (!navigator.mediaDevices?.getUserMedia) return "This browser cannot use a camera.";
  return null;
}

export interface Camera {
  id: string;
  label: string;
}

/** Cameras there are. Names are told only after the visitor has let the page use one. */
export async function cameras(): Promise<Camera[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return devices
    .filter((device) => device.kind === "videoinput" && device.deviceId !== "")
    .map((device, index) => ({ id: device.deviceId, label: device.label || `Camera ${index + 1}` }));
}

const HEIGHT: Record<Quality, number> = { source: 1080, high: 720, medium: 480, low: 480 };

/** Opens a camera; null is the one that the browser prefers, on a phone the one at its back. */
export function openCamera(device: string | null, quality: Quality, fps: number | null): Promise<MediaStream> {
  const height = HEIGHT[quality];
  const video: MediaTrackConstraints = { height: { ideal: height }, width: { ideal: Math.round((height * 16) / 9) } };
  if (fps) video.frameRate = { ideal: fps };
  if (device) video.deviceId = { exact: device };
  else video.facingMode = { ideal: "environment" };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

export function openScreen(fps: number | null): Promise<MediaStream> {
  return navigator.mediaDevices.getDisplayMedia({ video: fps ? { frameRate: { ideal: fps } } : true, audio: false });
}

/** Why opening failed, as a sentence with what to do. */
export function captureFailure(error: unknown, kind: "camera" | "screen"): string {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return kind === "screen"
        ? "Nothing was chosen to be shared. Choose a screen or a window to go on."
        : "The browser does not let this page use the camera. Allow it beside the address of the page, then try again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return `The browser finds no ${kind}. Connect one, then try again.`;
    case "NotReadableError":
    case "AbortError":
      return `The ${kind} is in use by another program. Close that, then try again.`;
    default:
      return error instanceof Error ? error.message : `The ${kind} cannot be opened.`;
  }
}
