//! Just enough of Rust's grammar to tell code from comments and strings, and
//! production code from tests.
//!
//! Not here: any rule, and any more of the grammar than the rules need.

/// A source file with comments, strings and characters blanked out, line by line.
pub(super) struct Code {
    lines: Vec<String>,
    is_test: Vec<bool>,
}

impl Code {
    pub(super) fn of(path: &str, text: &str) -> Code {
        let blanked = blank_what_is_not_code(text);
        let lines: Vec<String> = blanked.lines().map(str::to_owned).collect();
        let mut is_test = vec![is_test_path(path); lines.len()];
        for start in 0..lines.len() {
            if !is_test[start] && begins_test_item(&lines[start]) {
                let end = end_of_item(&lines, start);
                is_test[start..=end].fill(true);
            }
        }
        Code { lines, is_test }
    }

    /// All lines with their numbers, counted from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines
            .iter()
            .enumerate()
            .map(|(index, line)| (index + 1, line.as_str()))
    }

    /// The lines that are not test code.
    pub(super) fn production(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(line, _)| !self.is_test[line - 1])
    }
}

/// Whether `word` stands in `line` by itself, not as a part of a longer name.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_name) && !line[at + word.len()..].starts_with(part_of_name)
    })
}

fn is_test_path(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/") || path.starts_with("crates/testkit/")
}

fn begins_test_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test,")
}

/// The index of the line on which the item that starts at `start` ends: at its closing
/// brace, or at a semicolon outside all brackets.
fn end_of_item(lines: &[String], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, line) in lines.iter().enumerate().skip(start) {
        for c in line.chars() {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(c, '}' | ';') {
                return index;
            }
        }
    }
    lines.len() - 1
}

/// The same text with every character of a comment, string or character literal
/// replaced by a space; line breaks stay where they are.
fn blank_what_is_not_code(text: &str) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside_name = blanked.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        match length_of_non_code(rest, inside_name) {
            Some(length) => {
                let hidden = rest[..length].chars();
                blanked.extend(hidden.map(|c| if c == '\n' { '\n' } else { ' ' }));
                rest = &rest[length..];
            }
            None => {
                blanked.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    blanked
}

/// How many bytes at the start of `rest` are a comment or a literal, if they are one.
fn length_of_non_code(rest: &str, inside_name: bool) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(length_of_block_comment(rest));
    }
    if rest.starts_with('\'') {
        return length_of_char(rest);
    }
    if rest.starts_with('"') {
        return Some(length_to_quote(rest, '"'));
    }
    if inside_name {
        return None;
    }
    let raw = rest.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let text = raw.trim_start_matches('#');
    let hashes = raw.len() - text.len();
    let closing = format!("\"{}", "#".repeat(hashes));
    let body = text.strip_prefix('"')?;
    let body_length = body
        .find(&closing)
        .map_or(body.len(), |at| at + closing.len());
    Some(rest.len() - body.len() + body_length)
}

fn length_of_block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(next) = rest[at..].find(['/', '*']) {
        at += next;
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// A character literal; `None` for a lifetime, which is code.
fn length_of_char(rest: &str) -> Option<usize> {
    let mut chars = rest[1..].chars();
    let first = chars.next()?;
    if first == '\\' || chars.next() == Some('\'') {
        return Some(length_to_quote(rest, '\''));
    }
    None
}

/// From an opening quote through the next such quote that is not escaped.
fn length_to_quote(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_code(text: &str, expected: &str) {
        let squeezed = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&blank_what_is_not_code(text)), expected, "{text}");
    }

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        check_code("a // unsafe {\nb", "a b");
        check_code("a /* x /* y */ unsafe */ b", "a b");
        check_code(r#"f("unsafe \" {", x)"#, "f( , x)");
        check_code(r##"f(r#"a " b"#, br"c\", x)"##, "f( , , x)");
        check_code(r"f('{', '\'', '\u{7b}', '\\', x)", "f( , , , , x)");
    }

    #[test]
    fn lifetimes_and_names_that_end_in_r_stay() {
        check_code("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check_code("for r in bar {}", "for r in bar {}");
    }

    #[test]
    fn line_breaks_stay_where_they_are() {
        let text = "a \"x\ny\" /*\n\n*/ b";
        assert_eq!(blank_what_is_not_code(text).lines().count(), 4);
    }

    fn check_production(path: &str, text: &str, expected: &[usize]) {
        let code = Code::of(path, text);
        let lines: Vec<usize> = code.production().map(|(line, _)| line).collect();
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn test_modules_are_not_production() {
        check_production(
            "a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\nfn b() {}",
            &[1, 6],
        );
        check_production(
            "a.rs",
            "#[cfg(all(test, loom))]\nmod loom_tests;\nfn a() {}",
            &[3],
        );
        check_production(
            "a.rs",
            "#[cfg(test)]\nfn f(x: [u8; 3]) {\n    g();\n}\nfn a() {}",
            &[5],
        );
        check_production("crates/x/tests/all.rs", "fn a() {}", &[]);
        check_production("crates/x/src/ring_tests.rs", "fn a() {}", &[]);
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_name() {
        assert!(has_word("x.unsafe {", "unsafe"));
        assert!(!has_word("unsafe_code", "unsafe"));
        assert!(!has_word("not_unsafe", "unsafe"));
    }
}
