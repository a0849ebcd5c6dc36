//! The lines of an ffserver configuration: a keyword and its arguments each, some of them
//! between `<Stream name>` and `</Stream>`. What they mean is said in `model`.

use std::fmt;

/// Longest line, in bytes; ffserver read no longer ones.
const MAX_LINE_BYTES: usize = 1023;

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Mistake {
    pub(super) fn at(line: usize, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { line, what }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// A keyword with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) line: usize,
    pub(super) keyword: String,
    pub(super) args: Vec<String>,
}

impl Directive {
    /// Whether this is the keyword, in whatever case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.keyword.eq_ignore_ascii_case(keyword)
    }

    /// The first argument, which must be there.
    pub(super) fn arg(&self) -> Result<&str, Mistake> {
        let arg = self.args.first().filter(|arg| !arg.is_empty());
        let missing = || Mistake::at(self.line, format!("{} needs a value", self.keyword));
        arg.map(String::as_str).ok_or_else(missing)
    }

    /// A mistake in this line.
    pub(super) fn wrong(&self, why: &str) -> Mistake {
        Mistake::at(self.line, format!("{self}: {why}"))
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keyword)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Feed,
    Stream,
    Redirect,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Feed, Self::Stream, Self::Redirect];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Feed => "Feed",
            Self::Stream => "Stream",
            Self::Redirect => "Redirect",
        }
    }
}

/// What stands between `<Stream name>` and `</Stream>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) directives: Vec<Directive>,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} {}>", self.kind.name(), self.name)
    }
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conf {
    pub(super) globals: Vec<Directive>,
    pub(super) sections: Vec<Section>,
}

/// Reads a file.
pub(super) fn parse(text: &str) -> Result<Conf, Mistake> {
    let mut conf = Conf::default();
    let mut open: Option<Section> = None;
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        if text.len() > MAX_LINE_BYTES {
            let what = format!("the line is longer than {MAX_LINE_BYTES} bytes");
            return Err(Mistake::at(line, what));
        }
        let Some(directive) = directive(line, text) else {
            continue;
        };
        if let Some(kind) = tag(&directive, "<") {
            if let Some(open) = &open {
                let what = format!("{directive} within {open} of line {}", open.line);
                return Err(Mistake::at(line, what));
            }
            open = Some(section(kind, &directive)?);
        } else if let Some(kind) = tag(&directive, "</") {
            match open.take() {
                Some(section) if section.kind == kind => conf.sections.push(section),
                _ => return Err(directive.wrong("there is nothing of that kind to close")),
            }
        } else {
            let into = open.as_mut().map(|section| &mut section.directives);
            into.unwrap_or(&mut conf.globals).push(directive);
        }
    }
    match open {
        Some(open) => {
            let what = format!("{open} is not closed; </{}> is missing", open.kind.name());
            Err(Mistake::at(open.line, what))
        }
        None => Ok(conf),
    }
}

/// The kind of section that a line opens, or closes.
fn tag(directive: &Directive, begin: &str) -> Option<Kind> {
    let name = directive.keyword.strip_prefix(begin)?.trim_end_matches('>');
    let mut kinds = Kind::ALL.into_iter();
    kinds.find(|kind| kind.name().eq_ignore_ascii_case(name))
}

fn section(kind: Kind, directive: &Directive) -> Result<Section, Mistake> {
    let name = directive.args.first().map(String::as_str);
    let name = name.unwrap_or_default().trim_end_matches('>').to_owned();
    if name.is_empty() {
        let why = format!("it needs a name: <{} name>", kind.name());
        return Err(directive.wrong(&why));
    }
    Ok(Section {
        kind,
        name,
        line: directive.line,
        directives: Vec::new(),
    })
}

/// A line's keyword and arguments; `None` for empty lines and comments.
fn directive(line: usize, text: &str) -> Option<Directive> {
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    let mut words = Vec::new();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = word(rest);
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    let mut words = words.into_iter();
    Some(Directive {
        line,
        keyword: words.next()?,
        args: words.collect(),
    })
}

/// The first word of a line, perhaps in quotes, and what follows it.
fn word(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_keywords_with_arguments_in_quotes_or_not() {
        let check = |text: &str, expected: &[&str]| {
            let words = directive(1, text).map(|d| [vec![d.keyword], d.args].concat());
            assert_eq!(words.unwrap_or_default(), expected, "{text}");
        };
        check("  HTTPPort\t8090  ", &["HTTPPort", "8090"]);
        check("File \"/a b/c.avi\"", &["File", "/a b/c.avi"]);
        check("Title 'it''s", &["Title", "it", "s"]);
        check("MaxClients 10 # of many", &["MaxClients", "10"]);
        check("# nothing", &[]);
        check("", &[]);
    }

    #[test]
    fn sections_are_closed_and_not_nested() {
        let conf = parse("port 1\n<stream a.mjpg>\nFEED f\n</STREAM>\n").unwrap();
        assert_eq!(conf.globals.len(), 1);
        let section = &conf.sections[0];
        assert_eq!(
            (section.kind, section.name.as_str()),
            (Kind::Stream, "a.mjpg")
        );
        assert!(section.directives[0].is("Feed") && section.directives[0].line == 3);
    }

    #[test]
    fn a_mistake_names_its_line() {
        let check = |text: &str, line: usize, says: &str| {
            let mistake = parse(text).unwrap_err();
            assert_eq!(mistake.line, line, "{mistake}");
            assert!(mistake.what.contains(says), "{mistake}");
        };
        check("\n<Stream a>\nFormat mpjpeg\n", 2, "</Stream> is missing");
        check("<Stream a>\n<Feed b>\n", 2, "within <Stream a> of line 1");
        check("<Stream a>\n</Feed>", 2, "nothing of that kind to close");
        check("</Stream>", 1, "nothing of that kind to close");
        check("<Feed>\n</Feed>", 1, "needs a name");
        check(&"x".repeat(2000), 1, "longer than");
    }
}
