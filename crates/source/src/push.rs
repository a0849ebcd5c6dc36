//! Publishes a source to a server elsewhere: `python3 app.py | eyeline push - URL`.
//!
//! The source runs into a stream of this program's own, as any other, and its pictures
//! are posted as multipart MJPEG. What the network cannot carry is left out: the
//! newest picture wins.

mod body;

use std::time::Duration;

use eyeline_auth::Access;
use eyeline_hub::{End, State, Subscriber, Transcode};
use eyeline_media::Packet;
use eyeline_proto::mpjpeg::mux;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::error::InputError;
use crate::http_client::{HttpClient, Target, bearer, cause, pushing_client};
use crate::local::{Local, LocalError};
use crate::options::Options;
use crate::redact;
use crate::spec::Spec;
use crate::supervise::{Backoff, SOUND_AFTER, jitter, stopped};
use body::Parts;

/// How long the server may take to answer once everything is sent.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How much of what a server says about a refusal is read.
const MAX_REFUSAL: usize = 4096;

/// Where to publish to.
#[derive(Clone)]
pub struct Destination {
    target: Target,
}

/// Why publishing ended.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Not a place to publish to.
    #[error("{url}: {why}")]
    Destination {
        /// The URL, without credentials.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server does not want it, and trying again would not help.
    #[error("the server refuses: {0}")]
    Refused(String),
    /// The source ended before it gave a picture.
    #[error("the source gave no picture: {0}")]
    NoPicture(String),
    /// A stream of this program's own could not be made, which is a defect.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// There is no way to connect at all, such as no certificates.
    #[error(transparent)]
    Client(#[from] InputError),
}

impl Destination {
    /// A stream's URL, such as `http://host:8000/streams/front`; `/ingest` is added
    /// if it is missing. Credentials stand in the URL, or are a `token`.
    ///
    /// # Errors
    /// [`PushError::Destination`] that says what is wrong with it.
    pub fn parse(url: &str, token: Option<&str>) -> Result<Self, PushError> {
        let wrong = |why: &str| PushError::Destination {
            url: redact::redact(url),
            why: why.to_owned(),
        };
        let mut target = Target::parse(url).map_err(|why| wrong(&why))?;
        let path = target.url().path().trim_end_matches('/').to_owned();
        if path.is_empty() {
            return Err(wrong(
                "name the stream to publish to, such as http://host:8000/streams/front",
            ));
        }
        if !path.ends_with("/ingest") {
            target = target.with_path(&format!("{path}/ingest"));
        }
        if let Some(token) = token {
            let token = bearer(token).ok_or_else(|| wrong("the token cannot stand in a header"))?;
            target.authorization = Some(token);
        }
        Ok(Self { target })
    }
}

/// Publishes the sources (the first that gives pictures) to `destination` until `stop`
/// says true or the sources end for good. Connects again when the connection is lost.
/// `access` is the operator's, and `transcode` makes JPEGs of what is none.
///
/// # Errors
/// [`PushError`]: the server refuses for good, or there was never a picture.
pub async fn run(
    specs: Vec<Spec>,
    destination: Destination,
    options: Options,
    access: &Access,
    transcode: Box<dyn Transcode>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), PushError> {
    let options = Options {
        end_with_source: true,
        ..options
    };
    let (local, packets) = Local::start(specs, options, access, transcode)?;
    let mut push = Push {
        client: pushing_client(&destination.target)?,
        target: destination.target,
        packets,
        backoff: Backoff::default(),
        ever: false,
    };
    let ended = {
        let mut pushing = std::pin::pin!(push.run(&local));
        tokio::select! {
            ended = &mut pushing => ended,
            () = stopped(&mut stop) => {
                // The body ends with the stream, properly.
                local.stop();
                timeout(ANSWER_TIMEOUT, pushing).await.unwrap_or(Ok(()))
            }
        }
    };
    let state = local.state();
    let stopped = *stop.borrow();
    local.end().await;
    match state {
        State::Away { reason, .. } if ended.is_ok() && !stopped && !push.ever => {
            Err(PushError::NoPicture(reason))
        }
        _ => ended,
    }
}

struct Push {
    client: HttpClient<Parts>,
    target: Target,
    /// Says when there is something to send, and keeps the source running.
    packets: Subscriber<Packet>,
    backoff: Backoff,
    /// Whether the server ever took anything.
    ever: bool,
}

impl Push {
    /// Sends until the source ends for good.
    async fn run(&mut self, local: &Local) -> Result<(), PushError> {
        while self.has_picture().await {
            let Ok(jpegs) = local.jpegs() else { break };
            let (body, mut sent) = Parts::new(jpegs);
            let start = Instant::now();
            tracing::info!(to = %self.target.url(), "publishing");
            let mut answer = std::pin::pin!(self.client.request(self.request(body)?));
            // While pictures are being sent, only a refusal is answered.
            let answer = tokio::select! {
                answer = &mut answer => Some(answer),
                () = sent.ended() => timeout(ANSWER_TIMEOUT, answer).await.ok(),
            };
            let worked = sent.any().then(|| start.elapsed());
            let why = match answer {
                Some(Ok(answer)) if answer.status().is_success() => {
                    self.ever = true;
                    self.backoff = Backoff::default();
                    continue;
                }
                Some(Ok(answer)) => self.refused(answer).await?,
                Some(Err(error)) => cause(&error),
                None => "the server did not answer".to_owned(),
            };
            self.ever |= worked.is_some_and(|worked| worked >= SOUND_AFTER);
            let wait = self.backoff.failed(worked, jitter());
            tracing::warn!(to = %self.target.url(), "{why}; trying again in {:.1} s", wait.as_secs_f64());
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Waits for a picture of the source; `false` when none will come.
    async fn has_picture(&mut self) -> bool {
        // What happened while pictures were being sent is over: only the newest counts.
        let mut newest = None;
        while let Some(item) = self.packets.take() {
            newest = Some(item);
        }
        loop {
            match newest {
                Some(item) if !item.value.slate => return true,
                _ => match self.packets.next().await {
                    Ok(item) => newest = Some(item),
                    Err(End) => return false,
                },
            }
        }
    }

    fn request(&self, body: Parts) -> Result<Request<Parts>, PushError> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target.uri()?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(mux::CONTENT_TYPE));
        headers.insert(USER_AGENT, HeaderValue::from_static("eyeline"));
        if let Some(authorization) = &self.target.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }

    /// What the server says; an error if trying again would not help.
    async fn refused(&self, answer: Response<Incoming>) -> Result<String, PushError> {
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_REFUSAL).collect();
        let body = timeout(ANSWER_TIMEOUT, body)
            .await
            .ok()
            .and_then(Result::ok);
        let text = body.map(|body| String::from_utf8_lossy(&body.to_bytes()).trim().to_owned());
        let why = match text {
            Some(text) if !text.is_empty() => format!("{status}: {text}"),
            _ => status.to_string(),
        };
        let passing = [
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::CONFLICT,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        if status.is_client_error() && !passing.contains(&status) && !self.ever {
            return Err(PushError::Refused(why));
        }
        Ok(why)
    }
}
