// How a video keeps with what comes: a little behind the newest picture, never far.

/** Faster while it is further behind than this, in seconds. */
const BEHIND = 0.2;
/** A little faster, which nobody sees. */
const COMFORTABLE = 0.1;
/** Slower: the next picture would come too late. */
const CLOSE = 0.02;
/** Nothing comes: it waits, or what comes next would be past. */
const AHEAD = -0.05;
/** Jumps. */
const FAR = 1;

/** The rate to play at, by how far the video is behind the newest picture; `jump` is to the newest. */
export function pace(behind: number): number | "jump" {
  if (behind > FAR) return "jump";
  if (behind > BEHIND) return 1.1;
  if (behind > COMFORTABLE) return 1.03;
  if (behind < AHEAD) return 0;
  return behind < CLOSE ? 0.9 : 1;
}
