"""Watches a stream with OpenCV and writes the luma of each picture to standard output."""

import sys
import time

import cv2

print(f"join {int(time.time() * 1e6)}", file=sys.stderr, flush=True)
video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
while True:
    ok, frame = video.read()
    if not ok:
        sys.exit("the stream ended")
    sys.stdout.buffer.write(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).tobytes())
