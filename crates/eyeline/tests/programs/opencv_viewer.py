"""Watches a stream with OpenCV and prints the number drawn in each frame, a line each."""

import sys

import cv2

url, count = sys.argv[1], int(sys.argv[2])
video = cv2.VideoCapture(url)
for _ in range(count):
    ok, frame = video.read()
    if not ok:
        sys.exit("the stream ended")
    number = 0
    for bit in range(16):
        number = number << 1 | int(frame[8:16, bit * 24 + 8:bit * 24 + 16].mean() > 127)
    print(number, flush=True)
