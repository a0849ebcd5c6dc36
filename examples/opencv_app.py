"""Writes annotated video frames to standard output, as raw BGR: what an edge-AI
script does after its model has run.

    python3 examples/opencv_app.py clip.mp4 | eyeline serve "-?format=bgr24&size=768x432&fps=24"

The number of each frame is drawn as sixteen black or white squares along the top, most
significant bit first, so that a program which watches can tell whether it saw them all. A second
argument is the rate, if not 24 frames a second.
"""

import sys
import time

import cv2

WIDTH, HEIGHT = 768, 432
SQUARE = 24


def frames(path):
    """The clip's frames over and over, at the size that is announced."""
    while True:
        clip = cv2.VideoCapture(path)
        ok, frame = clip.read()
        if not ok:
            sys.exit(f"cannot read {path}")
        while ok:
            yield cv2.resize(frame, (WIDTH, HEIGHT))
            ok, frame = clip.read()


def annotate(frame, number):
    for bit in range(16):
        shade = 255 if number >> (15 - bit) & 1 else 0
        corner = (bit * SQUARE, 0)
        cv2.rectangle(frame, corner, (corner[0] + SQUARE - 1, SQUARE - 1), (shade,) * 3, -1)
    cv2.putText(frame, f"frame {number}", (16, HEIGHT - 16),
                cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2, cv2.LINE_AA)


def main():
    fps = float(sys.argv[2]) if len(sys.argv) > 2 else 24
    start = time.monotonic()
    for number, frame in enumerate(frames(sys.argv[1])):
        annotate(frame, number & 0xFFFF)
        sys.stdout.buffer.write(frame)
        sys.stdout.buffer.flush()
        time.sleep(max(0.0, start + (number + 1) / fps - time.monotonic()))


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()
