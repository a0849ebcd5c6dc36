//! The pages: HTML for people. Everything that changes is fetched and put into the
//! page by its script, as text and never as markup.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName};
use http::{StatusCode, Uri};

use crate::access::Admitted;
use crate::app::Server;
use crate::assets;
use crate::compat::mjpg_streamer;
use crate::errors::Error;

/// Only what this server serves itself, and no frames on other sites.
const POLICY: &str = "default-src 'none'; img-src 'self' blob: data:; media-src 'self' blob:; \
    style-src 'self'; script-src 'self'; worker-src 'self' blob:; connect-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-cache"),
];

/// The way on from an error: bring the token, or go to the wall.
const ENTER: &str = r#"<form class="row" method="get">
        <input name="token" type="password" placeholder="Token" aria-label="Token" autocomplete="current-password" required autofocus>
        <button class="primary">Enter</button>
    </form>"#;
const LEAVE: &str = r#"<a class="button" href="{{base}}">All streams</a>"#;

/// Whether an address is that of a page, where errors are told to people.
pub(crate) fn is_page(uri: &Uri) -> bool {
    let path = uri.path();
    match path.strip_prefix("/streams/") {
        Some(id) => !id.is_empty() && !id.contains('/'),
        None if path == "/" => !mjpg_streamer::is_action(uri.query()),
        None => path == "/api/docs",
    }
}

/// `GET /`
pub(crate) async fn wall(Admitted(_): Admitted) -> Response {
    (HEADERS, Html(assets::page("index.html"))).into_response()
}

/// `GET /streams/{id}`
pub(crate) async fn stream(
    State(server): State<Arc<Server>>,
    Admitted(access): Admitted,
    Path(id): Path<String>,
    uri: Uri,
) -> Response {
    let exists = || -> Result<(), Error> {
        server.app.hub.watch(&access.view(&id.parse()?))?;
        Ok(())
    };
    match exists() {
        Ok(()) => (HEADERS, Html(assets::page("stream.html"))).into_response(),
        Err(missing) => error(&missing, uri.path()),
    }
}

/// `GET /api/docs`
pub(crate) async fn docs(Admitted(_): Admitted) -> Response {
    (HEADERS, Html(assets::page("docs.html"))).into_response()
}

/// A page that says what is wrong and what to do, in place of the page at `path`.
pub(crate) fn error(error: &Error, path: &str) -> Response {
    let (status, _, _) = error.meaning();
    let title = match status {
        StatusCode::UNAUTHORIZED => "A token is needed",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::NOT_FOUND => "Not found",
        _ => "This did not work",
    };
    let page = assets::page("error.html")
        .replace("{{title}}", title)
        .replace(
            "{{way_on}}",
            if status == StatusCode::UNAUTHORIZED {
                ENTER
            } else {
                LEAVE
            },
        )
        .replace("{{base}}", if path == "/" { "./" } else { "../" })
        .replace("{{message}}", &escape(&capitalised(&error.to_string())));
    (status, HEADERS, Html(page)).into_response()
}

/// A sentence of an error starts small, because it may stand behind a colon.
fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wall_and_streams_themselves_are_pages() {
        let check = |uri: &str, expected: bool| {
            assert_eq!(is_page(&uri.parse().unwrap()), expected, "{uri}");
        };
        for uri in ["/", "/?token=x", "/streams/front", "/api/docs"] {
            check(uri, true);
        }
        for uri in [
            "/?action=stream",
            "/api/streams",
            "/streams/",
            "/streams/front/mjpeg",
            "/x",
        ] {
            check(uri, false);
        }
    }

    #[test]
    fn a_name_in_an_error_is_no_markup() {
        let id = "<script>".parse::<eyeline_media::StreamId>().unwrap_err();
        let said = escape(&capitalised(&Error::StreamId(id).to_string()));
        assert!(
            !said.contains('<') && said.contains("&lt;script&gt;"),
            "{said}"
        );
    }
}
