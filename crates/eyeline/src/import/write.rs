//! Writes what was understood as our own configuration, with comments.
//!
//! ffserver's ffmpeg made the pictures of every `<Stream>` of a feed, and so it does here:
//! each becomes a stream that ffmpeg pushes to. Those with the same pictures become one.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use eyeline_media::StreamId;

use super::Made;
use super::commands;
use super::model::{Feed, From, Model, Pictures, Stream};
use super::remarks::Remarks;

/// Where ours listens if nothing is said.
const DEFAULT_PORT: u16 = 8000;
/// Most characters of a name for people.
const NAME_CHARS: usize = 100;

/// A stream of ours, and those of ffserver that it takes the place of.
struct Group<'a> {
    id: String,
    pictures: &'a Pictures,
    streams: Vec<&'a Stream>,
}

pub(super) fn write(model: &Model) -> Made {
    let mut writer = Writer {
        model,
        text: String::new(),
        warnings: Vec::new(),
    };
    writer.head();
    let groups = groups(&model.streams);
    for (number, feed) in model.feeds.iter().enumerate() {
        let of_feed = |group: &&Group<'_>| group.pictures.from == From::Feed(number);
        let groups: Vec<_> = groups.iter().filter(of_feed).collect();
        writer.feed(feed, &groups);
    }
    for group in &groups {
        if let From::File { path, format } = &group.pictures.from {
            let play = commands::play(path, format.as_deref());
            let source = format!("exec:{play} {}", commands::output(group.pictures, "-"));
            writer.text.push('\n');
            writer.stream(group, &source);
            writer.line("on_demand = true");
        }
    }
    writer.warnings.sort_by_key(|(line, _)| *line);
    Made {
        text: writer.text,
        warnings: writer.warnings,
    }
}

/// Streams of the same pictures together, under names that streams may have.
fn groups(streams: &[Stream]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for stream in streams {
        let same = groups
            .iter_mut()
            .find(|group| *group.pictures == stream.pictures);
        if let Some(group) = same {
            group.streams.push(stream);
            continue;
        }
        let taken = |id: &str| groups.iter().any(|group| group.id == id);
        groups.push(Group {
            id: name(&stream.name, taken),
            pictures: &stream.pictures,
            streams: vec![stream],
        });
    }
    groups
}

/// A stream's name without what only told its format.
fn name(old: &str, taken: impl Fn(&str) -> bool) -> String {
    let safe = |name: &str| -> String {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = name
            .chars()
            .map(|c| if allowed(c) { c } else { '-' })
            .collect();
        let name = name.trim_start_matches('.').trim_matches('-');
        name.chars().take(StreamId::MAX_LEN - 4).collect()
    };
    let stem = old.rsplit_once('.').map_or(old, |(stem, _)| stem);
    let numbered = (2..).map(|number| format!("stream-{number}"));
    [safe(stem), safe(old)]
        .into_iter()
        .chain(std::iter::once("stream".to_owned()))
        .chain(numbered)
        .find(|name| name.parse::<StreamId>().is_ok() && !taken(name))
        .unwrap_or_default()
}

struct Writer<'a> {
    model: &'a Model,
    text: String,
    warnings: Vec<(usize, String)>,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A comment, in which nothing is but what may be.
    fn comment(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        self.line(format!("# {text}").trim_end());
    }

    fn remarks(&mut self, remarks: &Remarks) {
        for remark in &remarks.0 {
            self.comment(&format!("line {}: {}", remark.line, remark.text));
            if remark.loud {
                let text = remark.text.chars().filter(|c| !c.is_control());
                self.warnings.push((remark.line, text.collect()));
            }
        }
    }

    fn port(&self) -> u16 {
        self.model.port.unwrap_or(DEFAULT_PORT)
    }

    fn head(&mut self) {
        let model = self.model;
        self.comment("Made from a configuration of ffserver by `eyeline import`. What has no");
        self.comment("equivalent stands in comments, with the number of its line there.");
        self.comment("");
        self.comment(
            "ffserver let everybody in unless told otherwise. Here visitors from other machines",
        );
        self.comment(
            "need the token, which is shown at each start; `open = true` lets everybody in.",
        );
        self.remarks(&model.remarks);
        self.text.push('\n');
        if model.ip.is_some() || model.port.is_some() {
            let ip = model.ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
            let listen = std::net::SocketAddr::new(ip, self.port());
            self.line(&format!("listen = \"{listen}\""));
        }
        let mut limits = Vec::new();
        if let Some(connections) = model.connections {
            limits.push(format!("connections = {connections}"));
        }
        if let Some(clients) = self.clients() {
            limits.push("# ffserver counted the viewers of all streams together.".to_owned());
            limits.push(format!("viewers_per_stream = {clients}"));
        }
        if !limits.is_empty() {
            self.line("\n[limits]");
            self.line(&limits.join("\n"));
        }
    }

    /// The limit of viewers: that of the server, or that which all streams have.
    fn clients(&mut self) -> Option<u32> {
        let streams = &self.model.streams;
        let mut of_streams = streams.iter().map(|stream| stream.clients);
        let first = of_streams.next().flatten();
        let equal = first.is_some() && of_streams.all(|clients| clients == first);
        if equal && self.model.clients.is_none() {
            return first;
        }
        for stream in streams {
            if let Some(clients) = stream.clients {
                let why =
                    "there is one limit for the viewers of each stream, limits.viewers_per_stream";
                let text = format!("MaxClients {clients} of <Stream {}>: {why}", stream.name);
                self.comment(&format!("line {}: {text}", stream.line));
                self.warnings.push((stream.line, text));
            }
        }
        self.model.clients
    }

    fn feed(&mut self, feed: &Feed, groups: &[&Group<'_>]) {
        self.text.push('\n');
        self.comment(&format!("<Feed {}> of line {}", feed.name, feed.line));
        self.remarks(&feed.remarks);
        let Some((first, others)) = groups.split_first() else {
            self.comment("No stream with pictures is made of it.");
            return;
        };
        let Some(launch) = &feed.launch else {
            self.pushed(feed, groups);
            return;
        };
        // One process, as the camera can be opened once: the first stream reads it, to the
        // others it pushes.
        let mut source = format!("exec:{}", commands::launch(launch));
        let _ = write!(source, " {}", commands::output(first.pictures, "-"));
        let host = self.own_host();
        for group in others {
            let to = format!("{host}/streams/{}/ingest", group.id);
            let _ = write!(source, " {}", commands::output(group.pictures, &to));
        }
        self.stream(first, &source);
        for group in others {
            self.text.push('\n');
            self.comment(&format!(
                "Pushed by the command of the stream {}.",
                first.id
            ));
            self.stream(group, "push:");
        }
    }

    /// Streams that wait for ffmpeg, which somebody starts.
    fn pushed(&mut self, feed: &Feed, groups: &[&Group<'_>]) {
        let port = self.port();
        let host = format!("http://HOST:{port}");
        self.comment(&format!(
            "Instead of `ffmpeg INPUT {host}/{}` run",
            feed.name
        ));
        let to = |id: &str| format!("{host}/streams/{id}/ingest");
        let outputs = groups
            .iter()
            .map(|group| commands::output(group.pictures, &to(&group.id)));
        let outputs: Vec<_> = outputs.collect();
        self.comment(&format!("  ffmpeg INPUT {}", outputs.join(" ")));
        self.comment("and from another machine with the token: http://any:TOKEN@HOST…");
        for (number, group) in groups.iter().enumerate() {
            if number > 0 {
                self.text.push('\n');
            }
            self.stream(group, "push:");
        }
    }

    /// Our own address as seen from this machine.
    fn own_host(&self) -> String {
        let ip = self.model.ip.filter(|ip| !ip.is_unspecified());
        let ip = ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        format!("http://{}", std::net::SocketAddr::new(ip, self.port()))
    }

    fn stream(&mut self, group: &Group<'_>, source: &str) {
        let port = self.port();
        for stream in &group.streams {
            let (id, old) = (&group.id, &stream.name);
            let new = if stream.still {
                "snapshot.jpg"
            } else {
                "mjpeg"
            };
            self.comment(&format!("<Stream {old}> of line {}:", stream.line));
            self.comment(&format!(
                "  http://HOST:{port}/{old} is now http://HOST:{port}/streams/{id}/{new}"
            ));
            self.remarks(&stream.remarks);
        }
        self.line(&format!("[streams.{}]", key(&group.id)));
        self.line(&format!("source = {}", quoted(source)));
        let title = group
            .streams
            .iter()
            .find_map(|stream| stream.title.as_ref());
        if let Some(title) = title {
            let title = title.chars().filter(|c| !c.is_control());
            let title: String = title.take(NAME_CHARS).collect();
            if !title.is_empty() {
                self.line(&format!("name = {}", quoted(&title)));
            }
        }
        if let Some(size) = group.pictures.size {
            self.line(&format!("size = \"{size}\""));
        }
        if let Some(fps) = group.pictures.fps {
            self.line(&format!("fps = {fps}"));
        }
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A stream's name as a key.
fn key(id: &str) -> String {
    if id.contains('.') {
        format!("\"{id}\"")
    } else {
        id.to_owned()
    }
}
