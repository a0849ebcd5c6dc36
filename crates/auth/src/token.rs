//! The shared secret of a server without configured users.

use std::fmt;

use subtle::ConstantTimeEq;

/// The secret that lets a visitor from another machine in. Compared in constant
/// time; never printed by `Debug`.
#[derive(Clone)]
pub struct Token(String);

/// A text that is too weak or not safe in a link to serve as a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has {min} to {max} letters, digits, '-' or '_'", min = Token::MIN_LEN, max = Token::MAX_LEN)]
pub struct InvalidToken;

impl Token {
    /// Fewest characters accepted.
    pub const MIN_LEN: usize = 16;
    /// Most characters accepted.
    pub const MAX_LEN: usize = 256;

    /// A token from text.
    ///
    /// # Errors
    /// [`InvalidToken`] when it is too short, too long, or would have to be escaped in a URL.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let fits = (Self::MIN_LEN..=Self::MAX_LEN).contains(&text.len());
        if fits && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidToken)
        }
    }

    /// A token of random bytes, written in hexadecimal.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether `presented` is this token, in time that does not depend on where
    /// they differ.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// The secret itself, to be shown to the operator or stored.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_unsafe_texts_are_refused() {
        let check = |text: &str, valid| assert_eq!(Token::new(text).is_ok(), valid, "{text:?}");
        check("0123456789abcdef", true);
        check("short", false);
        check("with spaces in it all", false);
        check(&"x".repeat(257), false);
    }

    #[test]
    fn only_the_whole_token_matches() {
        let token = Token::from_random([7; 16]);
        assert!(token.matches(token.reveal()));
        assert!(!token.matches(&token.reveal()[1..]));
        assert!(!token.matches(""));
    }

    #[test]
    fn debug_output_does_not_hold_the_secret() {
        let token = Token::new("abcdefghijklmnop").unwrap();
        assert!(!format!("{token:?}").contains("abcd"));
    }
}
