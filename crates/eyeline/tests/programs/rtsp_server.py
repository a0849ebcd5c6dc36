"""A network camera: GStreamer's RTSP server with a test picture.

    rtsp_server.py [--port N] [--user NAME --password WORD] [--codec h264|vp8|audio]

Prints its port, and a line whenever a viewer says goodbye.
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=20/1"
MEDIA = {
    "h264": PICTURE
    + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=300 ! rtph264pay name=pay0 pt=96",
    "vp8": PICTURE + " ! vp8enc deadline=1 ! rtpvp8pay name=pay0 pt=96",
    "audio": "audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay0 pt=8",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--codec", choices=MEDIA, default="h264")
    wanted = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {MEDIA[wanted.codec]} )")
    if wanted.user:
        protect(server, factory, wanted.user, wanted.password)
    server.get_mount_points().add_factory("/live", factory)
    server.connect("client-connected", lambda _, client: client.connect("teardown-request", said_goodbye))
    if server.attach(None) == 0:
        raise SystemExit(f"port {wanted.port} is taken")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def protect(server, factory, user, password):
    """Lets only this user in, by Digest."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


def said_goodbye(_client, _context):
    print("teardown", flush=True)


if __name__ == "__main__":
    main()
