// What a program calls itself, in a word or two.

const BROWSERS: [RegExp, string][] = [
  [/\bEdg\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/\b(?:Headless)?Chrome\//, "Chrome"],
  [/\bVersion\/.*Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];
const PROGRAMS: [RegExp, string][] = [
  [/^Lavf\//, "FFmpeg"],
  [/^VLC\//, "VLC"],
  [/^GStreamer/i, "GStreamer"],
  [/^eyeline\//i, "Eyeline"],
];

export function agentWords(agent: string | null | undefined): string {
  if (!agent) return "";
  const find = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find(BROWSERS);
  if (browser) return [browser, find(SYSTEMS)].filter(Boolean).join(" on ");
  return find(PROGRAMS) ?? (agent.split(/[\s/]/)[0] || agent).slice(0, 24);
}

/** A transport as people say it. */
export function transportWords(transport: string | null | undefined): string {
  const known: Record<string, string> = {
    ws: "WebSocket",
    websocket: "WebSocket",
    mjpeg: "MJPEG",
    mse: "H.264",
    hls: "HLS",
    dash: "DASH",
    rtsp: "RTSP",
    rtmp: "RTMP",
    ts: "MPEG-TS",
    mp4: "MP4",
    snapshot: "Snapshot",
  };
  return transport ? (known[transport] ?? transport) : "";
}
