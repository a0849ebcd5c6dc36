//! What a client asks for: a stream, and who it says it is.

use super::limits::MAX_NAME_CHARS;

/// The application that many programs put before the name of a stream; here it means nothing.
const LIVE: &str = "live";

/// What a client wants to play or publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Name of the stream: the path of its address without `live/` in front.
    pub stream: String,
    /// Host and port as the client knows them.
    pub host: Option<String>,
    /// The password in the address.
    pub password: Option<String>,
    /// The parameters behind the address or the name, `a=b&c=d`.
    pub query: String,
    /// What the client's program says it is.
    pub agent: Option<String>,
}

impl Target {
    /// Of what `connect` (`app` and `tcUrl`) and `play` or `publish` (`name`) say. Programs divide an
    /// address among the three in different ways.
    pub(super) fn new(app: &str, tc_url: &str, name: &str) -> Self {
        let [app, tc_url, name] = [app, tc_url, name].map(cut);
        let (tc_url, url_query) = divide(&tc_url, '?');
        let (app, app_query) = divide(&app, '?');
        let (name, name_query) = divide(&name, '?');
        let authority = tc_url
            .split_once("://")
            .map(|(_, rest)| divide(rest, '/').0);
        let (user, host) = match authority.and_then(|authority| authority.rsplit_once('@')) {
            Some((user, host)) => (Some(user), Some(host)),
            None => (None, authority),
        };
        let mut segments: Vec<&str> = app.split('/').chain(name.split('/')).collect();
        segments.retain(|segment| !segment.is_empty());
        if segments.len() > 1 && segments[0] == LIVE {
            segments.remove(0);
        }
        let mut queries = vec![name_query, app_query, url_query];
        queries.retain(|query| !query.is_empty());
        queries.dedup();
        Self {
            stream: segments.join("/"),
            host: host.filter(|host| !host.is_empty()).map(str::to_owned),
            password: user
                .and_then(|user| user.split_once(':'))
                .map(|(_, word)| word.to_owned()),
            query: queries.join("&"),
            agent: None,
        }
    }
}

fn divide(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_found_however_a_program_divides_its_address() {
        let check = |app: &str, url: &str, name: &str, stream: &str, query: &str| {
            let target = Target::new(app, url, name);
            assert_eq!(
                (&*target.stream, &*target.query),
                (stream, query),
                "{app} {url} {name}"
            );
        };
        check("live", "rtmp://h/live", "cam", "cam", "");
        check(
            "live",
            "rtmp://h:1935/live",
            "cam?token=a&b=c",
            "cam",
            "token=a&b=c",
        );
        check(
            "live?token=a",
            "rtmp://h/live?token=a",
            "cam",
            "cam",
            "token=a",
        );
        check("", "rtmp://h/", "cam", "cam", "");
        check("cam", "rtmp://h/cam", "", "cam", "");
        check("live/cam", "rtmp://h/live/cam", "", "cam", "");
        check("live/", "rtmp://h/live/", "/cam", "cam", "");
        check("live", "rtmp://h/live", "", "live", "");
        check("app", "rtmp://h/app", "cam", "app/cam", "");
    }

    #[test]
    fn host_and_password_are_those_of_the_address() {
        let check = |url: &str, host: Option<&str>, password: Option<&str>| {
            let target = Target::new("live", url, "cam");
            assert_eq!(
                (target.host.as_deref(), target.password.as_deref()),
                (host, password)
            );
        };
        check("rtmp://h:1935/live", Some("h:1935"), None);
        check(
            "rtmp://u:p%40@[::1]:1935/live",
            Some("[::1]:1935"),
            Some("p%40"),
        );
        check("rtmp://u@h/live", Some("h"), None);
        check("live", None, None);
    }
}
