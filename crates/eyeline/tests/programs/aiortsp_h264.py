"""Plays a stream by aiortsp, a client in pure Python, and writes its H.264 to standard output as Annex B."""

import asyncio
import sys
import time

from aiortsp.rtsp.reader import RTSPReader

START = b"\0\0\0\1"


def units(payload):
    """What an RTP packet adds to the byte stream (RFC 6184)."""
    kind = payload[0] & 31
    if kind < 24:
        return START + payload
    if kind == 24:
        out, at = b"", 1
        while at + 2 <= len(payload):
            length = int.from_bytes(payload[at:at + 2], "big")
            out += START + payload[at + 2:at + 2 + length]
            at += 2 + length
        return out
    if kind == 28:
        begins = payload[1] & 128
        header = bytes([payload[0] & 224 | payload[1] & 31])
        return (START + header if begins else b"") + payload[2:]
    sys.exit(f"a packet of kind {kind}")


async def main(url):
    async with RTSPReader(url) as reader:
        async for packet in reader.iter_packets():
            sys.stdout.buffer.write(units(packet.data))
            sys.stdout.buffer.flush()
    sys.exit("the stream ended")


print(f"join {int(time.time() * 1e6)}", file=sys.stderr, flush=True)
asyncio.run(main(sys.argv[1]))
