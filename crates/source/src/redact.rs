//! Texts without their passwords, for logs, pages and error messages.

/// What stands for a secret.
const HIDDEN: &str = "***";
/// Parameters whose values are secrets, as cameras name them.
const SECRET_PARAMS: [&str; 9] = [
    "password", "passwd", "pass", "pwd", "token", "secret", "key", "apikey", "auth",
];

/// The text with the passwords of URLs in it hidden: `http://user:secret@host` and
/// `?password=secret`.
#[must_use]
pub fn redact(text: &str) -> String {
    redact_params(&redact_userinfo(text))
}

fn redact_userinfo(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'');
        let authority = &after[..after.find(ends).unwrap_or(after.len())];
        // A password may hold an unescaped '@'; the last one ends it.
        rest = match authority.rsplit_once('@') {
            Some((userinfo, host)) => {
                let user = userinfo.split_once(':').map(|(user, _)| user);
                // A name alone may be a token.
                match user {
                    Some(user) if !user.is_empty() => {
                        clean.push_str(user);
                        clean.push(':');
                        clean.push_str(HIDDEN);
                    }
                    _ => clean.push_str(HIDDEN),
                }
                clean.push('@');
                clean.push_str(host);
                &after[authority.len()..]
            }
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}

fn redact_params(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['?', '&']) {
        let (before, after) = rest.split_at(at + 1);
        clean.push_str(before);
        rest = after;
        let ends = |c: char| c.is_whitespace() || matches!(c, '&' | '#' | '"' | '\'');
        let pair = &after[..after.find(ends).unwrap_or(after.len())];
        if let Some((name, value)) = pair.split_once('=')
            && !value.is_empty()
            && SECRET_PARAMS
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret))
        {
            clean.push_str(name);
            clean.push('=');
            clean.push_str(HIDDEN);
            rest = &after[pair.len()..];
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected, "{text}");
    }

    #[test]
    fn passwords_in_urls_are_hidden_wherever_the_url_stands() {
        check("http://anna:s3cret@cam/video", "http://anna:***@cam/video");
        check("http://anna:s3@cret@cam", "http://anna:***@cam");
        check("http://token@cam/", "http://***@cam/");
        check("http://:token@cam/", "http://***@cam/");
        check(
            "exec:ffmpeg -i rtsp://u:p@a/1 -f mjpeg 'http://v:w@b'",
            "exec:ffmpeg -i rtsp://u:***@a/1 -f mjpeg 'http://v:***@b'",
        );
    }

    #[test]
    fn parameters_that_are_named_like_secrets_are_hidden() {
        check(
            "http://cam/snap?user=a&pwd=b&x=1#fps=5",
            "http://cam/snap?user=a&pwd=***&x=1#fps=5",
        );
        check("http://cam/?Token=abc", "http://cam/?Token=***");
    }

    #[test]
    fn texts_without_secrets_stay_as_they_are() {
        for text in [
            "test:?size=1x1&fps=30",
            "http://cam/a@b",
            "-",
            "",
            "a://b://c",
            "http://cam?keys=1&key=",
        ] {
            check(text, text);
        }
    }
}
