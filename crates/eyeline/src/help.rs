//! Help that is generated from the list of inputs, so that it is never out of date.

use std::fmt::Write as _;

use eyeline_source::inputs::INPUTS;

/// The sources there are, each with an example and its parameters.
pub(crate) fn sources() -> String {
    let mut text = String::from("Sources:\n");
    for input in INPUTS {
        let _ = writeln!(
            text,
            "  {}\n      {}",
            input.example,
            wrapped(input.help, 6)
        );
        for param in input.params {
            let setting = match param.value {
                "" => param.name.to_owned(),
                value => format!("{}={value}", param.name),
            };
            let _ = writeln!(text, "      {setting:20} {}", wrapped(param.help, 27));
        }
    }
    text
}

/// The text in lines of at most 96 characters, all but the first indented.
fn wrapped(text: &str, indent: usize) -> String {
    const WIDTH: usize = 96;
    let mut out = String::new();
    let mut column = indent;
    for word in text.split_whitespace() {
        if column + word.len() >= WIDTH {
            let _ = write!(out, "\n{}", " ".repeat(indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_is_in_the_help() {
        let help = sources();
        for input in INPUTS {
            assert!(help.contains(input.example), "{}", input.example);
        }
    }

    #[test]
    fn long_texts_are_wrapped_and_keep_every_word() {
        let text = "word ".repeat(60);
        let said = wrapped(&text, 4);
        assert!(said.lines().all(|line| line.len() <= 96));
        assert_eq!(said.split_whitespace().count(), 60);
    }
}
