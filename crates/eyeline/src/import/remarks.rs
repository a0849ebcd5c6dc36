//! What is said of lines that have no equivalent.

/// Something to be said of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) line: usize,
    pub(super) text: String,
    /// Whether something is lost, so that it must not go unnoticed.
    pub(super) loud: bool,
}

/// What is said of some part of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remarks(pub(super) Vec<Remark>);

impl Remarks {
    /// Something is lost.
    pub(super) fn warn(&mut self, line: usize, text: impl Into<String>) {
        self.say(line, text, true);
    }

    /// Nothing is lost that matters.
    pub(super) fn note(&mut self, line: usize, text: impl Into<String>) {
        self.say(line, text, false);
    }

    pub(super) fn say(&mut self, line: usize, text: impl Into<String>, loud: bool) {
        let text = text.into();
        self.0.push(Remark { line, text, loud });
    }
}
