//! Lets visitors in, or not, before any handler sees them. What a handler may do
//! hangs on the [`Access`] that only this can put into a request.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use eyeline_auth::{Access, Token, decide};
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};

use crate::app::Server;
use crate::connection::Via;
use crate::cors;
use crate::errors::Error;
use crate::pages;
use crate::visit::{COOKIE_NAME, Seen, TOKEN_PARAMETER};

/// How long a browser remembers the token: a year, in seconds.
const COOKIE_MAX_AGE: u32 = 365 * 24 * 60 * 60;

/// The visitor of a request, who was let in.
pub(crate) struct Admitted(pub(crate) Access);

impl<S: Sync> FromRequestParts<S> for Admitted {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        // Only a route that forgot the layer below lacks it.
        let access = parts.extensions.get::<Access>().cloned();
        access.map(Self).ok_or(Error::NotAsked)
    }
}

/// The layer in front of every route that is not for everybody.
pub(crate) async fn check(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(Via(connection)) = request.extensions().get::<Via>().cloned() else {
        return Error::NotAsked.into_response();
    };
    let (parts, body) = request.into_parts();
    let policy = &server.app.policy;
    let seen = Seen::of(&parts, &policy.origins);
    let page = pages::is_page(&parts.uri);
    let access = match decide(policy, &seen.visit(connection.peer.ip())) {
        Ok(access) => access,
        Err(denied) => {
            server.metrics.denied.inc();
            tracing::debug!(peer = %connection.peer, path = parts.uri.path(), %denied, "denied");
            let mut refusal = refuse(denied.into(), &parts);
            // Why not is no secret, and the page can tell its reader.
            if let Some(origin) = &seen.foreign_origin {
                cors::allow(&mut refusal, origin);
            }
            return refusal;
        }
    };
    let cookie = match (&policy.token, &seen.in_url) {
        (Some(token), Some(_)) => set_cookie(token),
        _ => None,
    };
    // Out of the address bar, the history and the links that people copy.
    if cookie.is_some() && page && parts.method == Method::GET {
        return with_cookie(redirect(&parts.uri), cookie);
    }
    request = Request::from_parts(parts, body);
    request.extensions_mut().insert(access);
    let response = next.run(request).await;
    // What caches may keep is for nobody in particular.
    let cookie = cookie.filter(|_| !is_shared(&response));
    let mut response = with_cookie(response, cookie);
    if let Some(origin) = seen.readable_by(policy) {
        cors::allow(&mut response, origin);
    }
    response
}

fn refuse(error: Error, request: &Parts) -> Response {
    let path = request.uri.path();
    let page = pages::is_page(&request.uri);
    let challenge = challenge(page, &request.headers);
    let mut response = if page {
        pages::error(&error, path)
    } else {
        error.into_response()
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Players and programs send a password only when asked by `Basic`; browsers would
/// put up a box for it, over a page that explains more and under scripts that cope.
fn challenge(page: bool, headers: &HeaderMap) -> HeaderValue {
    const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
    let by_page = headers
        .get(SEC_FETCH_MODE)
        .is_some_and(|mode| mode != "navigate");
    HeaderValue::from_static(if page || by_page {
        "Bearer realm=\"Eyeline\""
    } else {
        "Basic realm=\"Eyeline\", charset=\"UTF-8\""
    })
}

fn set_cookie(token: &Token) -> Option<HeaderValue> {
    let token = token.reveal();
    let cookie =
        format!("{COOKIE_NAME}={token}; Path=/; Max-Age={COOKIE_MAX_AGE}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&cookie).ok()
}

fn is_shared(response: &Response) -> bool {
    let cache = response.headers().get(CACHE_CONTROL);
    cache.is_some_and(|cache| cache.as_bytes().starts_with(b"public"))
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn redirect(uri: &Uri) -> Response {
    let location = HeaderValue::from_str(&without_token(uri));
    let location = location.unwrap_or(HeaderValue::from_static("./"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The same page without the token, relative to itself, so that it holds below
/// whatever path a proxy puts in front.
fn without_token(uri: &Uri) -> String {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let rest: Vec<_> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(TOKEN_PARAMETER))
        .collect();
    let query = if rest.is_empty() { "" } else { "?" };
    let path = if last.is_empty() { "./" } else { last };
    format!("{path}{query}{}", rest.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_cut_out_of_a_link_and_the_rest_stays() {
        let check = |from: &str, to: &str| {
            assert_eq!(without_token(&from.parse().unwrap()), to, "{from}");
        };
        check("/?token=abc", "./");
        check("/streams/front?token=abc", "front");
        check(
            "/streams/front?fps=5&token=abc&quality=low",
            "front?fps=5&quality=low",
        );
        check("/streams/front?tokens=1&token=abc", "front?tokens=1");
    }
}
