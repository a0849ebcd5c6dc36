// What the REST API says, as types. Fields may be missing on older servers; those that a
// page can do without are optional.

export type StreamState = "idle" | "starting" | "live" | "away";
export type Quality = "source" | "high" | "medium" | "low";

/** What a viewer asks for. `null` and a missing value leave it to the server. */
export interface Wish {
  quality?: Quality | null;
  fps?: number | null;
  jpeg_quality?: number | null;
}

/** What is sent to a viewer now; `reason` says why it is less than the wish. */
export interface Delivered {
  quality: string;
  fps: number | null;
  reason: string | null;
}

export interface Audio {
  codec: string;
  sample_rate?: number;
  channels?: number;
}

export interface RenditionDetail {
  codec: string;
  /** Lines; `null` is as many as the source has. */
  height?: number | null;
  /** What is made less of because encoding takes too long. */
  reduced?: string | null;
}

export interface StreamInfo {
  stream_id: string;
  name?: string | null;
  source: string;
  quality: string;
  is_active: boolean;
  /** How the source's pictures are coded; `null` until the first came. */
  codec?: "mjpeg" | "h264" | null;
  /** The sound that comes with the pictures; `null` or missing where there is none. */
  audio?: Audio | null;
  state: StreamState;
  /** Why it is away. */
  reason: string | null;
  /** RFC 3339; since when it is live or away. */
  state_since: string | null;
  viewer_count: number;
  frame_count: number;
  byte_count?: number;
  fps: number;
  bitrate_bps?: number | null;
  renditions?: number;
  /** What is made of the source at the moment. */
  rendition_details?: RenditionDetail[];
  start_time: string | null;
  origin?: "configuration" | "api" | "publisher";
  kept?: boolean;
  on_demand?: boolean | null;
  settings: {
    width: number | null;
    height: number | null;
    fps: number | null;
    jpeg_quality: number | null;
  };
  /** What the stream was asked to be; `null` is the default. */
  requested?: {
    quality?: string | null;
    fps?: number | null;
    size?: string | null;
    jpeg_quality?: number | null;
  };
}

/** A change of a stream; `null` goes back to the default. */
export interface StreamChange {
  name?: string | null;
  source?: string | null;
  quality?: string | null;
  fps?: number | null;
  size?: string | null;
  jpeg_quality?: number | null;
  on_demand?: boolean | null;
}

/** A new stream. */
export interface NewStream extends StreamChange {
  id?: string;
  camera_index?: number;
}

export interface Viewer {
  id: number | string;
  remote: string;
  transport: string;
  agent?: string | null;
  since: string | null;
  frames: number;
  bytes?: number;
  skipped: number;
  fps?: number | null;
  rate_bps?: number | null;
  bandwidth_bps?: number | null;
  age_ms?: number | null;
  displayed_fps?: number | null;
  quality?: string | null;
  reason?: string | null;
}

/** A source that this machine has. */
export interface Source {
  source: string;
  name: string;
  kind: string;
  hint?: string | null;
}

/** A kind of source, as it is written. */
export interface SourceKind {
  scheme: string;
  example: string;
  help: string;
}

/** What can be set at a camera, and what it is set to. */
export interface CameraControls {
  /** Its device; null for a stream without such a camera. */
  camera: string | null;
  name: string | null;
  controls: Control[];
  /** Values that are set again whenever the camera is opened. */
  kept: Record<string, ControlValue>;
}

export interface Control {
  id: string;
  name: string;
  group: string;
  kind: "integer" | "boolean" | "menu" | "button" | "bitmask";
  minimum: number;
  maximum: number;
  step: number;
  default: ControlValue;
  /** Null when it has none or cannot be read. */
  value: ControlValue | null;
  choices?: { value: number; name: string }[];
  /** Without effect now, since another control is on automatic. */
  inactive: boolean;
  read_only: boolean;
}

export type ControlValue = number | boolean | string;

/** New values; null is the default, true presses a button. */
export type ControlChange = Record<string, ControlValue | null>;
