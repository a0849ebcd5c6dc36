//! The pages' files, compiled in. They hold nothing secret: a visitor who is not
//! let in sees the page that says so, and it should look like one of ours.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};

use crate::errors::Error;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

static ASSETS: &[Asset] = &[
    Asset {
        name: "style.css",
        content_type: CSS,
        text: include_str!("../pages/style.css"),
    },
    Asset {
        name: "tokens.css",
        content_type: CSS,
        text: include_str!("../pages/tokens.css"),
    },
    Asset {
        name: "shared.js",
        content_type: JS,
        text: include_str!("../pages/shared.js"),
    },
    Asset {
        name: "wall.js",
        content_type: JS,
        text: include_str!("../pages/wall.js"),
    },
    Asset {
        name: "stream.js",
        content_type: JS,
        text: include_str!("../pages/stream.js"),
    },
    Asset {
        name: "icon.svg",
        content_type: "image/svg+xml",
        text: include_str!("../pages/icon.svg"),
    },
];

/// `GET /assets/{name}`
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or(Error::NotFound)?;
    let tag = tag(asset.text);
    // The browser asks each time, and an update of the server is seen at once.
    let caching = [(ETAG, tag.clone()), (CACHE_CONTROL, "no-cache".to_owned())];
    if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| *known == *tag)
    {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok((caching, [(CONTENT_TYPE, asset.content_type)], asset.text).into_response())
}

fn tag(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}
