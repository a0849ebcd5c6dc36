// Saves a picture as a file of the visitor's.

const KEPT_MS = 10_000;

export function savePicture(picture: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = "snapshot.jpg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
