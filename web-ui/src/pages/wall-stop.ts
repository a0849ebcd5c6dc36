// Stops a stream for everybody, when the visitor has said so twice.

import { asApiError } from "../client/streams.js";
import type { StreamInfo } from "../client/types.js";
import { confirm } from "../parts/dialog.js";
import { plural, title } from "../parts/format.js";
import { api } from "../parts/server.js";
import { said } from "../parts/start-form.js";
import { say } from "../parts/toast.js";

/** Whether it was stopped. What went wrong has been told. */
export async function stopStream(info: StreamInfo): Promise<boolean> {
  const name = title(info);
  const watching = info.viewer_count > 1 ? ` ${plural(info.viewer_count, "viewer")} will see it end.` : "";
  if (!(await confirm(`Stop ${name}?`, `The stream is removed from the server.${watching}`, "Stop stream"))) return false;
  try {
    const { message } = await api.stop(info.stream_id);
    say(said(message ?? `${name} has ended`));
    return true;
  } catch (error) {
    say(said(asApiError(error).message), "failure");
    return false;
  }
}
