//! What an ffserver configuration means: where it listens, the feeds that ffmpeg sends or is
//! started for, and the streams that are to be made of them.

use std::net::{IpAddr, Ipv4Addr};

use eyeline_hub::Fps;
use eyeline_media::Resolution;

use super::commands::is_live;
use super::keywords::leave_out;
use super::parse::{Conf, Directive, Kind, Mistake, Section};
use super::remarks::Remarks;
use super::sizes;

/// JPEG quality of ffmpeg where nothing is said, 2 (best) to 31.
const QSCALE: u8 = 5;

/// A whole configuration.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) ip: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) connections: Option<u32>,
    pub(super) clients: Option<u32>,
    pub(super) feeds: Vec<Feed>,
    pub(super) streams: Vec<Stream>,
    pub(super) remarks: Remarks,
}

/// What ffmpeg sends.
#[derive(Debug, Default)]
pub(super) struct Feed {
    pub(super) line: usize,
    pub(super) name: String,
    /// The arguments of the ffmpeg that ffserver started for it.
    pub(super) launch: Option<Vec<String>>,
    pub(super) remarks: Remarks,
}

/// Where a stream's pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The feed of this number.
    Feed(usize),
    File {
        path: String,
        format: Option<String>,
    },
}

/// How the pictures of a stream are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pictures {
    pub(super) from: From,
    pub(super) size: Option<Resolution>,
    pub(super) fps: Option<Fps>,
    pub(super) qscale: u8,
}

/// A stream that has pictures.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) pictures: Pictures,
    /// Whether it was a single picture.
    pub(super) still: bool,
    pub(super) title: Option<String>,
    pub(super) clients: Option<u32>,
    pub(super) remarks: Remarks,
}

impl Model {
    /// Makes sense of a file.
    pub(super) fn read(conf: &Conf) -> Result<Self, Mistake> {
        let mut model = Self::default();
        for directive in &conf.globals {
            model.read_global(directive)?;
        }
        let of_kind = |kind| conf.sections.iter().filter(move |s| s.kind == kind);
        for section in of_kind(Kind::Feed) {
            let known = |feed: &Feed| feed.name == section.name;
            model.check_new(section, model.feeds.iter().any(known))?;
            model.feeds.push(Feed::read(section)?);
        }
        for section in of_kind(Kind::Stream) {
            let known = |stream: &Stream| stream.name == section.name;
            model.check_new(section, model.streams.iter().any(known))?;
            model.read_stream(section)?;
        }
        for section in of_kind(Kind::Redirect) {
            let mut urls = section.directives.iter().filter(|d| d.is("URL"));
            let url = urls.next().map_or(Ok(""), Directive::arg)?;
            let why = "there are no redirects here; set it up in a proxy in front";
            let text = format!("{section} to {url}: {why}");
            model.remarks.warn(section.line, text);
        }
        Ok(model)
    }

    fn check_new(&self, section: &Section, known: bool) -> Result<(), Mistake> {
        let what = || format!("there is a {section} already");
        if known {
            Err(Mistake::at(section.line, what()))
        } else {
            Ok(())
        }
    }

    fn read_global(&mut self, directive: &Directive) -> Result<(), Mistake> {
        if directive.is("HTTPPort") || directive.is("Port") {
            self.port = Some(number(directive, 1..=65_535)? as u16);
        } else if directive.is("HTTPBindAddress") || directive.is("BindAddress") {
            self.ip = Some(address(directive)?);
        } else if directive.is("MaxHTTPConnections") {
            self.connections = Some(number(directive, 1..=1_000_000)?);
        } else if directive.is("MaxClients") {
            self.clients = Some(number(directive, 1..=1_000_000)?);
        } else {
            leave_out(directive, &mut self.remarks);
        }
        Ok(())
    }

    fn read_stream(&mut self, section: &Section) -> Result<(), Mistake> {
        let find = |keyword: &str| section.directives.iter().find(|d| d.is(keyword));
        let format = find("Format").map(Directive::arg).transpose()?;
        let format = format.unwrap_or_default().to_lowercase();
        if format == "status" {
            let why = "the pages at / and /api/docs, and /metrics, tell how the server is doing";
            self.remarks.note(section.line, format!("{section}: {why}"));
            return Ok(());
        }
        if find("NoVideo").is_some() || is_sound(&format) {
            let why = "it has sound only, and this version carries none";
            self.remarks
                .warn(section.line, format!("{section} was left out: {why}"));
            return Ok(());
        }
        let Some(from) = self.from(section)? else {
            let why = "it has neither Feed nor File";
            self.remarks
                .warn(section.line, format!("{section} was left out: {why}"));
            return Ok(());
        };
        let stream = Stream::read(section, from, &format)?;
        self.streams.push(stream);
        Ok(())
    }

    fn from(&self, section: &Section) -> Result<Option<From>, Mistake> {
        let find = |keyword: &str| section.directives.iter().find(|d| d.is(keyword));
        if let Some(directive) = find("Feed") {
            let name = directive.arg()?;
            let found = self.feeds.iter().position(|feed| feed.name == name);
            let found = found.ok_or_else(|| directive.wrong("there is no feed of that name"))?;
            return Ok(Some(From::Feed(found)));
        }
        let Some(file) = find("File").or_else(|| find("ReadOnlyFile")) else {
            return Ok(None);
        };
        let format = find("InputFormat").map(Directive::arg).transpose()?;
        Ok(Some(From::File {
            path: file.arg()?.to_owned(),
            format: format.map(str::to_owned),
        }))
    }
}

impl Feed {
    fn read(section: &Section) -> Result<Self, Mistake> {
        let mut feed = Self {
            line: section.line,
            name: section.name.clone(),
            ..Self::default()
        };
        for directive in &section.directives {
            let line = directive.line;
            if directive.is("Launch") {
                directive.arg()?;
                // Its first argument only stood for the program.
                feed.launch = Some(directive.args[1..].to_vec());
            } else if directive.is("File") {
                let why = "nothing is stored: this version does not record and has no time shift";
                feed.remarks.note(line, format!("{directive}: {why}"));
            } else if directive.is("ReadOnlyFile") {
                let why = "files of the type ffm cannot be played; make another of it with an \
                           FFmpeg of that time, and play that with Launch";
                feed.remarks.warn(line, format!("{directive}: {why}"));
            } else if directive.is("ACL") && is_this_machine(directive) {
                let why = "so it is here: publishing from other machines needs the token";
                feed.remarks.note(line, format!("{directive}: {why}"));
            } else {
                leave_out(directive, &mut feed.remarks);
            }
        }
        Ok(feed)
    }
}

impl Stream {
    fn read(section: &Section, from: From, format: &str) -> Result<Self, Mistake> {
        let mut stream = Self {
            line: section.line,
            name: section.name.clone(),
            pictures: Pictures {
                from,
                size: None,
                fps: None,
                qscale: QSCALE,
            },
            still: is_still(format, &section.name),
            title: None,
            clients: None,
            remarks: Remarks::default(),
        };
        for directive in &section.directives {
            stream.read_directive(directive)?;
        }
        if let From::File { path, format } = &stream.pictures.from
            && !is_live(path, format.as_deref())
        {
            let why = "ffserver played it from its beginning for each viewer; here all see the \
                       same, over and over, while somebody looks";
            stream
                .remarks
                .warn(section.line, format!("{section}: {why}"));
        }
        Ok(stream)
    }

    fn read_directive(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let pictures = &mut self.pictures;
        if directive.is("VideoSize") {
            let size = sizes::read(directive.arg()?);
            pictures.size = Some(size.map_err(|why| directive.wrong(&why))?);
        } else if directive.is("VideoFrameRate") {
            pictures.fps = Some(rate(directive, &mut self.remarks)?);
        } else if directive.is("VideoQMin") || directive.is("Qscale") {
            pictures.qscale = number(directive, 0..=1024)?.clamp(2, 31) as u8;
        } else if directive.is("MaxClients") {
            self.clients = Some(number(directive, 1..=1_000_000)?);
        } else if directive.is("Format") {
            self.read_format(directive)?;
        } else if directive.is("Title") {
            self.title = Some(directive.arg()?.to_owned());
        } else if directive.is("Metadata") && directive.arg()?.eq_ignore_ascii_case("title") {
            self.title = directive.args.get(1).cloned();
        } else if !["Feed", "File", "ReadOnlyFile", "InputFormat"]
            .iter()
            .any(|keyword| directive.is(keyword))
        {
            leave_out(directive, &mut self.remarks);
        }
        Ok(())
    }

    fn read_format(&mut self, directive: &Directive) -> Result<(), Mistake> {
        match directive.arg()?.to_lowercase().as_str() {
            "mpjpeg" | "jpeg" | "singlejpeg" => {}
            "mjpeg" => {
                let why = "the JPEGs come as multipart/x-mixed-replace";
                self.remarks
                    .note(directive.line, format!("{directive}: {why}"));
            }
            _ => {
                let why = "this version sends JPEGs only, which browsers and players show, too; \
                           without sound";
                self.remarks
                    .warn(directive.line, format!("{directive}: {why}"));
            }
        }
        Ok(())
    }
}

fn is_sound(format: &str) -> bool {
    [
        "mp2", "mp3", "ra", "wav", "ac3", "adts", "au", "flac", "oga",
    ]
    .contains(&format)
}

fn is_still(format: &str, name: &str) -> bool {
    let ends = |end: &str| name.to_lowercase().ends_with(end);
    match format {
        "jpeg" | "singlejpeg" => true,
        "" => ends(".jpg") || ends(".jpeg"),
        _ => false,
    }
}

fn is_this_machine(acl: &Directive) -> bool {
    let [action, addresses @ ..] = acl.args.as_slice() else {
        return false;
    };
    let local = |address: &String| address == "127.0.0.1" || address == "localhost";
    action.eq_ignore_ascii_case("allow") && !addresses.is_empty() && addresses.iter().all(local)
}

fn number(directive: &Directive, range: std::ops::RangeInclusive<u32>) -> Result<u32, Mistake> {
    let parsed = directive.arg()?.parse().ok();
    parsed.filter(|n| range.contains(n)).ok_or_else(|| {
        let why = format!("use a number from {} to {}", range.start(), range.end());
        directive.wrong(&why)
    })
}

fn address(directive: &Directive) -> Result<IpAddr, Mistake> {
    let text = directive.arg()?;
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    let parsed = text.parse();
    parsed.map_err(|_| directive.wrong("use an address in numbers, such as 0.0.0.0"))
}

/// Frames a second, `25` or `30000/1001`, as the nearest whole number there is.
fn rate(directive: &Directive, remarks: &mut Remarks) -> Result<Fps, Mistake> {
    let text = directive.arg()?;
    let (over, under) = text.split_once('/').unwrap_or((text, "1"));
    let rate = match (over.parse::<f64>(), under.parse::<f64>()) {
        (Ok(over), Ok(under)) => over / under,
        _ => f64::NAN,
    };
    if !(rate.is_finite() && rate > 0.0) {
        return Err(directive.wrong("use a number such as 25 or 30000/1001"));
    }
    let whole = rate.round().clamp(1.0, 120.0);
    if (whole - rate).abs() > 0.05 {
        let why = format!("rates are whole numbers from 1 to 120 here, so it is {whole}");
        remarks.note(directive.line, format!("{directive}: {why}"));
    }
    let fps = Fps::new(whole as u32);
    fps.map_err(|error| directive.wrong(&error.to_string()))
}
