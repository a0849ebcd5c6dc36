//! HLS behind the cache that the documentation describes: however many ask, the server is asked
//! once. nginx is the real one, with the configuration that is shipped.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use eyeline_testkit::hls::Playlist;
use eyeline_testkit::http::{self, Answer};
use eyeline_testkit::server::Server;
use eyeline_testkit::tools::{self, Program};
use eyeline_testkit::wait;

const PLAYERS: usize = 1_000;
const HLS: &str = "/streams/cam/hls";
const TOKEN: &str = "0123456789abcdef0123";
const CAMERA: &str = "cam=exec:ffmpeg -nostdin -loglevel error -re -f lavfi \
    -i testsrc2=size=320x240:rate=30 -c:v libx264 -preset ultrafast -tune zerolatency \
    -pix_fmt yuv420p -g 30 -sc_threshold 0 -f h264 -flush_packets 1 -";

struct Nginx {
    port: u16,
    folder: tempfile::TempDir,
    _process: Program,
}

impl Nginx {
    /// The shipped configuration, with other ports and folders.
    fn before(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let shipped = fs::read_to_string(tools::there("docs/nginx-hls.conf")).unwrap();
        let mut text = shipped;
        for (from, to) in [
            ("/var/cache/nginx/eyeline", at("cache")),
            (
                "server 127.0.0.1:8000;",
                format!("server 127.0.0.1:{};", server.port()),
            ),
            (
                "listen 8080;",
                format!("listen 127.0.0.1:{port} backlog=4096;"),
            ),
        ] {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text = text.replace(from, &to);
        }
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", at(name)))
            .concat();
        let main = format!(
            "daemon off; master_process off; pid {}; error_log stderr warn;\n\
             events {{ worker_connections 8192; }}\n\
             http {{ log_format upstream '$request_uri $upstream_addr'; access_log {} upstream;\n\
             {temporary}{text} }}",
            at("pid"),
            at("log"),
        );
        let path = at("nginx.conf");
        fs::write(&path, main).unwrap();
        let mut nginx = Command::new("nginx");
        nginx
            .args(["-p", &at(""), "-c", &path])
            .stdin(Stdio::null());
        let nginx = Self {
            port,
            _process: Program::spawn(&mut nginx),
            folder,
        };
        wait::until("nginx to listen", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        nginx
    }

    fn get(&self, path: &str) -> Answer {
        http::get(self.port, path)
    }

    /// How often the server was asked for what begins so.
    fn upstream(&self, path: &str) -> usize {
        let log = fs::read_to_string(self.folder.path().join(Path::new("log"))).unwrap();
        let lines = log.lines().filter(|line| line.starts_with(path));
        lines.filter(|line| !line.ends_with(" -")).count()
    }

    /// What so many players get who ask at the same time.
    fn get_by_all(&self, path: &str) -> Vec<Answer> {
        let (port, path) = (self.port, path.to_owned());
        let players: Vec<_> = (0..PLAYERS)
            .map(|_| {
                let path = path.clone();
                let player = thread::Builder::new().stack_size(256 * 1024);
                player.spawn(move || http::get(port, &path)).unwrap()
            })
            .collect();
        players
            .into_iter()
            .map(|player| player.join().unwrap())
            .collect()
    }
}

#[test]
fn a_thousand_players_behind_nginx_cost_one_request_for_each_part_and_playlist() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.toml");
    fs::write(&path, format!("[auth]\ntoken = \"{TOKEN}\"\n")).unwrap();
    let server = Server::start(
        env!("CARGO_BIN_EXE_eyeline"),
        ["--config", path.to_str().unwrap(), CAMERA],
    );
    let nginx = Nginx::before(&server);
    let with = format!("token={TOKEN}");
    let first = nginx.get(&format!("{HLS}/video.m3u8?{with}"));
    let known = Playlist::parse(&first.text()).unwrap_or_else(|error| panic!("{error}: {first:?}"));
    // Parts and playlists that are yet to come: all wait for them.
    let next = format!("{HLS}/video.m3u8?{with}&{}", known.next_query());
    let playlists = nginx.get_by_all(&next);
    assert!(
        playlists
            .iter()
            .all(|answer| answer.status == 200 && answer.body == playlists[0].body)
    );
    assert_eq!(nginx.upstream(&next), 1);
    let whole = Playlist::parse(&playlists[0].text()).unwrap();
    let part = whole.segments.last().unwrap().parts.last().unwrap();
    let part = format!("{HLS}/{}", part.uri);
    let parts = nginx.get_by_all(&part);
    assert!(
        parts
            .iter()
            .all(|answer| answer.status == 200 && answer.body == parts[0].body)
    );
    assert!(parts[0].body.windows(4).any(|four| four == b"moof"));
    assert_eq!(nginx.upstream(&part), 1);
    // Later ones find it in the cache, and who has no token finds nothing.
    assert_eq!(nginx.get(&part).header("x-cache"), Some("HIT"));
    let bare = part.split('?').next().unwrap();
    assert_eq!(nginx.get(bare).status, 401);
    server.stop();
}
