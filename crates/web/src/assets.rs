//! The pages' files, compiled in from `web-ui/dist`. They hold nothing secret: a visitor who
//! is not let in sees the page that says so, and pages of other sites may load the player.

use std::borrow::Cow;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use http::{StatusCode, Uri};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::errors::Error;

#[derive(RustEmbed)]
#[folder = "../../web-ui/dist"]
struct Dist;

/// The browser asks each time, and an update of the server is seen at once.
const ASK: &str = "no-cache";
/// The name changes with the content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Other sites' pages may be refused by a browser unless both headers are there: the
/// second where they isolate themselves (Cross-Origin-Embedder-Policy).
const FOR_ALL_SITES: [(HeaderName, &str); 2] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
];

/// A page of the build, as text.
pub(crate) fn page(name: &str) -> Cow<'static, str> {
    let file = Dist::get(name).map(|file| file.data).unwrap_or_default();
    match file {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

/// `GET /player.js`: the one name that other sites' pages know.
pub(crate) async fn player(headers: HeaderMap) -> Result<Response, Error> {
    serve("player.js", ASK, &headers)
}

/// `GET /assets/{path}`
pub(crate) async fn asset(
    Path(path): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    // Packed files are what their plain names may come as, and no files of their own.
    if path.ends_with(".gz") || uri.path().contains("//") {
        return Err(Error::NotFound);
    }
    let caching = if is_hashed(&path) { FOR_EVER } else { ASK };
    serve(&format!("assets/{path}"), caching, &headers)
}

fn serve(path: &str, caching: &'static str, headers: &HeaderMap) -> Result<Response, Error> {
    let plain = Dist::get(path).ok_or(Error::NotFound)?;
    let packed = takes_gzip(headers).then(|| Dist::get(&format!("{path}.gz")));
    let packed = packed.flatten();
    let tag = tag(packed.as_ref().unwrap_or(&plain));
    let mut response = if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| *known == tag)
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body(packed.as_ref().map_or(plain.data, |file| file.data.clone()))
    };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, content_type(path));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    answer.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    answer.insert(ETAG, tag);
    for (name, value) in FOR_ALL_SITES {
        answer.insert(name, HeaderValue::from_static(value));
    }
    if packed.is_some() {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn body(bytes: Cow<'static, [u8]>) -> Response {
    match bytes {
        Cow::Borrowed(bytes) => bytes.into_response(),
        Cow::Owned(bytes) => bytes.into_response(),
    }
}

fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    })
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING);
    let accepted = accepted
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().trim_start_matches("q=").parse() == Ok(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Whether the build put a hash of the content into the name: `index-DhQm7tZC.js`.
fn is_hashed(path: &str) -> bool {
    let stem = path
        .rsplit('/')
        .next()
        .and_then(|name| name.split('.').next());
    let hash = stem.and_then(|stem| stem.get(stem.len().checked_sub(9)?..));
    hash.is_some_and(|hash| {
        hash.starts_with('-')
            && hash[1..]
                .bytes()
                .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("index-DhQm7tZC.js"));
        assert!(is_hashed("sub/styles-Cdu8_O6m.css"));
        for name in ["icon.svg", "swagger-ui-standalone.js", "a.js", "-.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn what_is_packed_goes_to_those_who_can_unpack_it() {
        let check = |accepted: &'static str, expected: bool| {
            let headers = [(ACCEPT_ENCODING, HeaderValue::from_static(accepted))];
            assert_eq!(
                takes_gzip(&headers.into_iter().collect()),
                expected,
                "{accepted}"
            );
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.5", true);
        check("gzip;q=0", false);
        check("deflate", false);
        check("", false);
    }

    #[test]
    fn every_page_was_built() {
        for name in ["index.html", "stream.html", "docs.html", "error.html"] {
            assert!(page(name).contains("</html>"), "{name}");
        }
        assert!(Dist::get("player.js").is_some());
    }
}
