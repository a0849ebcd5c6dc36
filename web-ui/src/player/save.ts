// A picture to keep: where it comes from if it is not here already, and a file of the visitor's.

import type { Address } from "./address.js";

const KEPT_MS = 10_000;

export function savePicture(picture: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = "snapshot.jpg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** The newest picture of the stream, as the server gives it. */
export async function fetchSnapshot(address: Address | null): Promise<Blob> {
  const none = "There is no picture yet";
  if (!address) throw new Error(none);
  const { base, id, token } = address;
  const url = new URL(`streams/${encodeURIComponent(id)}/snapshot.jpg`, base);
  if (token !== null) url.searchParams.set("token", token);
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(none);
  return response.blob();
}
