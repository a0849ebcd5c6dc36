// What is said of a stream's sound beside its picture.

import type { Audio } from "../../client/types.js";
import { transportWords } from "./agent.js";

const CODECS: Record<string, string> = { aac: "AAC", opus: "Opus", pcm_mulaw: "G.711 µ-law", pcm_alaw: "G.711 A-law" };

/** `heard`: whether it comes with the pictures by the transport in use. Empty for a stream without sound. */
export function soundWords(audio: Audio | null | undefined, transport: string | null | undefined, heard: boolean): string {
  if (!audio) return "";
  const { codec, sample_rate, channels } = audio;
  const what = [
    CODECS[codec] ?? codec,
    sample_rate ? `${sample_rate / 1000} kHz` : "",
    channels ? ({ 1: "mono", 2: "stereo" }[channels] ?? `${channels} channels`) : "",
  ];
  if (transport && !heard) what.push(`not by ${transportWords(transport)}`);
  return what.filter(Boolean).join(", ");
}
