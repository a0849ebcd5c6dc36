//! Who a client says it is: Basic (RFC 7617) and Digest (RFC 7616) with MD5 and SHA-256.
//!
//! Not here: whether it is let in.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use sha2::{Digest, Sha256};

const REALM: &str = "Eyeline";

/// What is asked of a client that brought nothing, strongest first: of those it knows some take
/// the last, some the best. The nonce must not be known before.
#[must_use]
pub fn challenges(nonce: &str) -> [String; 3] {
    [
        format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\""),
        // Without `qop`: there are clients that know only the form of RFC 2069.
        format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=MD5"),
        format!("Basic realm=\"{REALM}\", charset=\"UTF-8\""),
    ]
}

/// What a client brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// The password itself.
    Password(String),
    /// A proof that the client knows it.
    Digest(Proof),
}

/// A proof of knowing a password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    username: String,
    realm: String,
    nonce: String,
    uri: String,
    response: String,
    qop: String,
    nc: String,
    cnonce: String,
}

impl Credentials {
    /// Reads an `Authorization` field; `None` of what is not understood.
    #[must_use]
    pub fn parse(field: &str) -> Option<Self> {
        let (scheme, rest) = field.trim().split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Password(rest.to_owned()));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = String::from_utf8(BASE64.decode(rest).ok()?).ok()?;
            let (_, password) = decoded.split_once(':')?;
            return Some(Self::Password(password.to_owned()));
        }
        scheme
            .eq_ignore_ascii_case("digest")
            .then(|| Self::Digest(Proof::parse(rest)))
    }
}

impl Proof {
    fn parse(mut rest: &str) -> Self {
        let mut proof = Self::default();
        while let Some((name, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let (value, next) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => after.split_once(',').unwrap_or((after, "")),
            };
            let field = match name.trim().to_ascii_lowercase().as_str() {
                "username" => Some(&mut proof.username),
                "realm" => Some(&mut proof.realm),
                "nonce" => Some(&mut proof.nonce),
                "uri" => Some(&mut proof.uri),
                "response" => Some(&mut proof.response),
                "qop" => Some(&mut proof.qop),
                "nc" => Some(&mut proof.nc),
                "cnonce" => Some(&mut proof.cnonce),
                _ => None,
            };
            if let Some(field) = field {
                value.trim().clone_into(field);
            }
            rest = next.trim_start_matches([',', ' ']);
        }
        proof
    }

    /// Whether it proves that the client knows the password: for this method, and made for this nonce.
    #[must_use]
    pub fn holds(&self, method: &str, nonce: &str, password: &str) -> bool {
        if self.nonce != nonce || self.realm != REALM {
            return false;
        }
        // There are clients that say one algorithm and use the other: the length tells.
        let expected = match self.response.len() {
            32 => self.expected::<Md5>(method, password),
            64 => self.expected::<Sha256>(method, password),
            _ => return false,
        };
        let given = self.response.to_ascii_lowercase();
        // In a time that does not tell where they differ.
        let pairs = expected.bytes().zip(given.bytes());
        expected.len() == given.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }

    fn expected<D: Digest>(&self, method: &str, password: &str) -> String {
        let secret = hex::<D>(&[&self.username, REALM, password]);
        let what = hex::<D>(&[method, &self.uri]);
        if self.qop.is_empty() {
            return hex::<D>(&[&secret, &self.nonce, &what]);
        }
        let parts = [
            &secret,
            &self.nonce,
            &self.nc,
            &self.cnonce,
            &self.qop,
            &what,
        ];
        hex::<D>(&parts.map(String::as_str))
    }
}

/// The digest of these, with colons in between, in hexadecimal.
fn hex<D: Digest>(parts: &[&str]) -> String {
    let digest = D::digest(parts.join(":"));
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
