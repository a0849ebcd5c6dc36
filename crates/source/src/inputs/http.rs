//! `http://…` and `https://…`: multipart MJPEG, MP4, HLS, or a snapshot that is polled.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::Timestamp;
use eyeline_proto::m3u8::{MAX_PLAYLIST_BYTES, Range};
use eyeline_proto::mpjpeg::{Kind, Limits, Picture};
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RANGE, USER_AGENT,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;
use url::Url;

use super::{Input, Risk, Run, Running};
use crate::byte_stream::{Content, H264_TYPES, Intake, TRANSPORT_TYPES, essence, schedule};
use crate::error::InputError;
use crate::hls;
use crate::http_client::{HttpClient, Target, cause, reading_client};
use crate::params::{Param, Params};
use crate::reach::Reach;
use crate::session::Session;
use crate::sink::Sink;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["http", "https"],
    example: "http://user:password@camera/video.mjpg",
    help: "Multipart MJPEG, as cameras and other servers send it; MP4 or MPEG-TS with H.264; HLS (a playlist, \
           `….m3u8`), of which the best variant with H.264 is taken; or, if the answer is a single \
           image/jpeg, a snapshot that is fetched again and again. The camera's own parameters \
           stay in the URL; Eyeline's stand after a `#`: `http://camera/snap.jpg?ch=1#fps=2`. User \
           and password are sent by the Basic scheme.",
    params: PARAMS,
    wish: false,
    risk: Risk::None,
    parse,
};

const PARAMS: &[Param] = &[
    Param {
        name: "fps",
        value: "5",
        help: "How often a snapshot is fetched, times a second; 5 if not given, 0.01 to 60.",
    },
    Param {
        name: "loop",
        value: "",
        help: "Begin again at the end of a recording in HLS.",
    },
];

const DEFAULT_POLL_FPS: f64 = 5.0;
/// How long the answer's head, and a whole snapshot, may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// How long a playlist or a segment may take.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

struct Http {
    target: Target,
    poll_fps: f64,
    again: bool,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (url, fragment) = written.text.split_once('#').unwrap_or((written.text, ""));
    let params = Params::read(fragment, PARAMS)?;
    let poll_fps = params
        .number("fps", 0.01..=60.0)?
        .unwrap_or(DEFAULT_POLL_FPS);
    let target = Target::parse(url)
        .map_err(|why| SpecError::Malformed(format!("{}: {why}", crate::redact(url))))?;
    Ok(Arc::new(Http {
        target,
        poll_fps,
        again: params.switch("loop")?,
    }))
}

impl Run for Http {
    fn address(&self) -> Option<IpAddr> {
        self.target.address()
    }

    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let mut getter = Getter {
                client: reading_client(&self.target, session.reach)?,
                target: self.target.clone(),
                reach: session.reach,
                range: None,
            };
            let answer = getter.follow().await?;
            let content_type = header(answer.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
            let content_type = &content_type.to_owned()[..];
            let essence = essence(Some(content_type));
            let sink = &mut session.sink;
            match essence.as_str() {
                essence if hls::is_playlist(essence, &getter.target) => {
                    let text = getter.body(answer, MAX_PLAYLIST_BYTES).await?;
                    hls::pull(getter, &text, self.again, sink).await
                }
                "video/mp4" => getter.stream(answer, Content::Mp4, sink).await,
                "image/jpeg" | "image/jpg" => getter.poll(answer, self.poll_fps, sink).await,
                ""
                | "application/octet-stream"
                | "video/x-motion-jpeg"
                | "video/mjpeg"
                | "video/x-mjpeg" => {
                    let content = Content::typed(Some(content_type))?;
                    getter.stream(answer, content, sink).await
                }
                essence
                    if essence.starts_with("multipart/")
                        || H264_TYPES.contains(&essence)
                        || TRANSPORT_TYPES.contains(&essence) =>
                {
                    let content = Content::typed(Some(content_type))?;
                    getter.stream(answer, content, sink).await
                }
                other => Err(InputError::Http(format!(
                    "{} answers with {other}, not with multipart MJPEG, a JPEG, MP4, MPEG-TS or HLS",
                    getter.target.url()
                ))),
            }
        })
    }
}

/// Asks for things over HTTP.
#[derive(Clone)]
pub(crate) struct Getter {
    client: HttpClient<Empty<Bytes>>,
    target: Target,
    reach: Reach,
    /// Which bytes to ask for, if not all.
    range: Option<Range>,
}

type Never = Result<std::convert::Infallible, InputError>;

impl Getter {
    /// Asks, and asks elsewhere where it is redirected to.
    async fn follow(&mut self) -> Result<Response<Incoming>, InputError> {
        let answer = self.answer().await?;
        self.accept(answer)
    }

    /// The answer, whatever it says, but where else to ask.
    async fn answer(&mut self) -> Result<Response<Incoming>, InputError> {
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.get().await?;
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            let location = header(answer.headers(), LOCATION.as_str()).unwrap_or_default();
            let redirected = self.target.redirect(location);
            self.target = redirected.map_err(|why| {
                InputError::Http(format!("{} redirects to nowhere: {why}", self.target.url()))
            })?;
        }
        Err(InputError::Http(format!(
            "more than {MAX_REDIRECTS} redirects, the last to {}",
            self.target.url()
        )))
    }

    async fn get(&self) -> Result<Response<Incoming>, InputError> {
        let within = self.target.check(self.reach);
        within.map_err(|error| InputError::Connect {
            to: self.target.authority().to_owned(),
            why: error.to_string(),
        })?;
        let mut request = Request::new(Empty::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.target.uri()?;
        let headers = request.headers_mut();
        headers.insert(
            ACCEPT,
            http::HeaderValue::from_static("multipart/x-mixed-replace, image/jpeg, */*;q=0.5"),
        );
        headers.insert(USER_AGENT, http::HeaderValue::from_static("eyeline"));
        if let Some(authorization) = &self.target.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(range) = &self.range {
            let last = range.offset.saturating_add(range.len.saturating_sub(1));
            let range = HeaderValue::from_str(&format!("bytes={}-{last}", range.offset));
            headers.extend(range.map(|range| (RANGE, range)));
        }
        let to = self.target.authority();
        let answer = timeout(ANSWER_TIMEOUT, self.client.request(request)).await;
        answer
            .map_err(|_| InputError::connect_timeout(to, ANSWER_TIMEOUT))?
            .map_err(|error| InputError::Connect {
                to: to.to_owned(),
                why: cause(&error),
            })
    }

    /// An answer that says it has what was asked for.
    fn accept(&self, answer: Response<Incoming>) -> Result<Response<Incoming>, InputError> {
        let (status, url) = (answer.status(), self.target.url());
        if status.is_success() {
            return Ok(answer);
        }
        let wants = header(answer.headers(), WWW_AUTHENTICATE.as_str()).unwrap_or_default();
        let digest = wants
            .trim_start()
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("digest"));
        Err(InputError::Http(match status.as_u16() {
            401 if digest => format!(
                "{url} wants Digest authentication, which is not supported yet; allow Basic at the camera"
            ),
            401 if self.target.authorization.is_some() => {
                format!("{url} does not accept this user and password")
            }
            401 => format!("{url} wants a user and a password: write http://user:password@host/…"),
            _ => format!("{url} answers {status}"),
        }))
    }

    /// Reads pictures out of an answer that does not end.
    async fn stream(&self, answer: Response<Incoming>, content: Content, sink: &mut Sink) -> Never {
        let mut intake = Intake::new(content);
        if answer.headers().contains_key(CONTENT_LENGTH) {
            // A file, which comes as fast as it can.
            intake.keep_pace();
        }
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.broken(&error))?;
            if let Ok(piece) = frame.into_data() {
                intake.push(piece, sink).await?;
            }
        }
        intake.finish(sink).await?;
        Err(sink.ended(InputError::Closed(self.target.authority().to_owned())))
    }

    /// Fetches a snapshot again and again; the first one is being answered already.
    async fn poll(&self, mut answer: Response<Incoming>, fps: f64, sink: &mut Sink) -> Never {
        let mut ticks = schedule(fps);
        ticks.tick().await;
        loop {
            let captured = header(answer.headers(), "x-timestamp").and_then(Timestamp::parse_secs);
            let body = Limited::new(answer.into_body(), Limits::MAX_PART_BYTES).collect();
            let body = timeout(ANSWER_TIMEOUT, body).await;
            let data = body
                .map_err(|_| InputError::Http(format!("{} is too slow", self.target.url())))?
                .map_err(|error| self.broken(error.as_ref()))?
                .to_bytes();
            let now = sink.now();
            sink.picture(
                Picture {
                    data,
                    captured,
                    kind: Kind::Jpeg,
                },
                now,
            )
            .await?;
            ticks.tick().await;
            answer = self.accept(self.get().await?)?;
        }
    }

    /// Where it stands.
    pub(crate) fn url(&self) -> &Url {
        self.target.url()
    }

    /// Goes where this leads from here.
    pub(crate) fn go(&mut self, uri: &str) -> Result<(), InputError> {
        let there = self.target.redirect(uri);
        self.target = there.map_err(|why| {
            InputError::Http(format!("{} names what cannot be had: {why}", self.url()))
        })?;
        Ok(())
    }

    /// What is here, asked for with more behind the question mark. It stands where it was redirected to
    /// then.
    pub(crate) async fn whole(
        &mut self,
        more: Option<&str>,
        limit: usize,
    ) -> Result<Bytes, InputError> {
        let Some(more) = more else {
            let answer = self.follow().await?;
            return self.body(answer, limit).await;
        };
        let mut asking = self.clone();
        asking.target = asking.target.asking(more);
        let answer = asking.follow().await?;
        asking.body(answer, limit).await
    }

    /// What this leads to from here; `None` if it is not there.
    pub(crate) async fn fetch(
        &self,
        uri: &str,
        range: Option<Range>,
        limit: usize,
    ) -> Result<Option<Bytes>, InputError> {
        let mut there = self.clone();
        there.go(uri)?;
        there.range = range;
        let answer = there.answer().await?;
        let status = answer.status();
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            tracing::debug!(url = %there.url(), %status, "what a playlist lists is not there");
            return Ok(None);
        }
        let answer = there.accept(answer)?;
        let body = there.body(answer, limit).await?;
        let Some(range) = range.filter(|_| status != StatusCode::PARTIAL_CONTENT) else {
            return Ok(Some(body));
        };
        // The server gives all, whatever is asked for.
        let from = usize::try_from(range.offset)
            .unwrap_or(usize::MAX)
            .min(body.len());
        let len = usize::try_from(range.len).unwrap_or(usize::MAX);
        Ok(Some(
            body.slice(from..from.saturating_add(len).min(body.len())),
        ))
    }

    /// A whole answer.
    async fn body(&self, answer: Response<Incoming>, limit: usize) -> Result<Bytes, InputError> {
        let body = Limited::new(answer.into_body(), limit).collect();
        let body = timeout(PIECE_TIMEOUT, body).await;
        let body = body
            .map_err(|_| InputError::Http(format!("{} is too slow", self.url())))?
            .map_err(|error| self.broken(error.as_ref()))?;
        Ok(body.to_bytes())
    }

    fn broken(&self, error: &(dyn std::error::Error + 'static)) -> InputError {
        InputError::Http(format!(
            "{} broke off: {}",
            self.target.authority(),
            cause(error)
        ))
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_redirect_leads_no_further_than_the_source_may_reach() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            assert!(peer.read(&mut asked).await.unwrap() > 0);
            let answer =
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:1/\r\nContent-Length: 0\r\n\r\n";
            peer.write_all(answer.as_bytes()).await.unwrap();
        });
        let target = Target::parse(&format!("http://{address}/")).unwrap();
        let reach = Reach::Only(address.ip());
        let mut getter = Getter {
            client: reading_client(&target, reach).unwrap(),
            target,
            reach,
            range: None,
        };
        let error = getter.follow().await.unwrap_err().to_string();
        serving.await.unwrap();
        assert!(
            error.contains("127.0.0.2 is not a public address"),
            "{error}"
        );
    }
}
