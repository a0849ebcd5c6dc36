//! What sources may be asked for by those who are not the operator: over the API, a
//! stream's source could be any command, file or machine of the server's own network.

use std::str::FromStr;

use crate::inputs::Risk;
use crate::reach::{OutOfReach, Reach};
use crate::spec::Spec;

/// What is allowed beyond sources that anybody could reach as well. By default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// Sources that run commands.
    pub exec: bool,
    /// Sources that read files.
    pub file: bool,
    /// Connections to addresses that are not public: private, loopback, link-local.
    pub private: bool,
}

/// A source that is not allowed. The text says how to allow it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It runs a command.
    #[error(
        "{0}: runs a command, which is not allowed over the API; \
         to allow it, add \"exec\" to api.allow in the configuration"
    )]
    Command(&'static str),
    /// It reads files.
    #[error(
        "{0}: reads files, which is not allowed over the API; \
         to allow it, add \"file\" to api.allow in the configuration"
    )]
    File(&'static str),
    /// It reads the server's standard input.
    #[error("standard input belongs to whoever started the server; use another source")]
    StandardInput,
    /// It names an address that is not public.
    #[error(transparent)]
    Address(#[from] OutOfReach),
}

/// A word that names nothing that could be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is nothing that could be allowed; use exec, file or private")]
pub struct UnknownPermission(String);

impl Allow {
    /// Everything there is to allow.
    pub const ALL: Self = Self {
        exec: true,
        file: true,
        private: true,
    };

    /// Whether this source may be asked for. What addresses a name means is found out when
    /// it connects: see [`reach`](Self::reach).
    ///
    /// # Errors
    /// [`NotAllowed`], which says how to allow it.
    pub fn check(self, spec: &Spec) -> Result<(), NotAllowed> {
        let input = spec.input();
        let scheme = input.schemes.first().copied().unwrap_or_default();
        match input.risk {
            Risk::Command if !self.exec => Err(NotAllowed::Command(scheme)),
            Risk::File if !self.file => Err(NotAllowed::File(scheme)),
            Risk::StandardInput => Err(NotAllowed::StandardInput),
            Risk::None | Risk::Command | Risk::File => {
                let address = spec.run().address();
                Ok(address.map_or(Ok(()), |address| self.reach().check(address))?)
            }
        }
    }

    /// How far a source may reach that was asked for: for [`Options::reach`](crate::Options::reach).
    #[must_use]
    pub fn reach(self) -> Reach {
        if self.private {
            Reach::Everywhere
        } else {
            Reach::Public
        }
    }

    /// All that either allows.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            exec: self.exec || other.exec,
            file: self.file || other.file,
            private: self.private || other.private,
        }
    }
}

impl FromStr for Allow {
    type Err = UnknownPermission;

    /// One word: `exec`, `file` or `private`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut allow = Self::default();
        match text {
            "exec" => allow.exec = true,
            "file" => allow.file = true,
            "private" => allow.private = true,
            _ => return Err(UnknownPermission(text.chars().take(20).collect())),
        }
        Ok(allow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_into_this_machine_is_refused_unless_it_is_allowed() {
        let check = |source: &str, allow: &str, says: Option<&str>| {
            let allow = allow.parse().unwrap_or_default();
            let refused = Allow::check(allow, &Spec::parse(source).unwrap()).err();
            let refused = refused.map(|refused| refused.to_string());
            let as_expected = match (&refused, says) {
                (Some(refused), Some(says)) => refused.contains(says),
                (None, None) => true,
                _ => false,
            };
            assert!(as_expected, "{source}: {refused:?}");
        };
        check("exec:id", "", Some("add \"exec\" to api.allow"));
        check("exec:id", "file", Some("\"exec\""));
        check("exec:id", "exec", None);
        check("file:/etc", "", Some("add \"file\" to api.allow"));
        check("file:/etc", "file", None);
        check("-", "exec", Some("standard input"));
        for source in [
            "test:",
            "push:",
            "http://8.8.8.8/",
            "http://cam/",
            "tcp://cam:1",
        ] {
            check(source, "", None);
        }
        for source in [
            "http://10.0.0.1/",
            "http://0x7f.1/",
            "https://[::1]/",
            "tcp://127.0.0.1:1",
            "tcp://[fe80::1]:1",
        ] {
            check(source, "", Some("add \"private\" to api.allow"));
            check(source, "private", None);
        }
        assert_eq!(
            Allow::ALL.check(&Spec::parse("-").unwrap()),
            Err(NotAllowed::StandardInput)
        );
    }

    #[test]
    fn a_word_that_allows_nothing_is_refused() {
        let error = "root".parse::<Allow>().unwrap_err().to_string();
        assert!(error.contains("exec, file or private"), "{error}");
    }
}
