// Sources as they are written, for the dialog and the first steps.

export interface Example {
  source: string;
  what: string;
}

export const EXAMPLES: Example[] = [
  { source: "http://192.168.1.20/video.mjpg", what: "A network camera that sends MJPEG" },
  { source: "http://192.168.1.20/snapshot.jpg#fps=5", what: "A camera's snapshot, fetched again and again" },
  { source: "tcp://192.168.1.20:5000", what: "JPEGs from a port" },
  { source: "push:", what: "Whoever publishes: eyeline push, curl, a program" },
  { source: "test:?size=1280x720&fps=30", what: "The test pattern" },
];

/** Commands that bring a first camera; `at` is the root of this server, as this page reached it. */
export function commands(at: URL): { camera: string; pipe: string; push: string } {
  const root = at.href.replace(/\/$/, "");
  const ffmpeg = "ffmpeg -loglevel error -f v4l2 -input_format mjpeg -i /dev/video0 -c copy -f mjpeg -";
  return {
    camera: `eyeline 'front=exec:${ffmpeg}'`,
    pipe: "python3 app.py | eyeline serve front=-",
    push: `python3 app.py | eyeline push - ${root}/streams/front`,
  };
}
