//! An input or an output is one file and one line of a list; a file that is in no list
//! would never run.
//!
//! Not here: what the lists are for (the crates themselves).

use super::Violation;
use super::rust_text::Code;
use super::tree::Tree;

/// A folder whose every module stands in a list.
struct Listed {
    folder: &'static str,
    /// The constant in the folder's `mod.rs`.
    list: &'static str,
}

const LISTS: &[Listed] = &[
    Listed {
        folder: "crates/source/src/inputs/",
        list: "INPUTS",
    },
    Listed {
        folder: "crates/output/src/outputs/",
        list: "OUTPUTS",
    },
];

/// Each file of a listed folder is named in the folder's list as `module::`.
pub(super) fn every_file_is_in_its_list(tree: &Tree) -> Vec<Violation> {
    LISTS
        .iter()
        .flat_map(|listed| missing_from(tree, listed))
        .collect()
}

fn missing_from(tree: &Tree, listed: &Listed) -> Vec<Violation> {
    let index = format!("{}mod.rs", listed.folder);
    let modules: Vec<(&str, &str)> = modules(tree, listed.folder).collect();
    if modules.is_empty() {
        return Vec::new();
    }
    let list = tree
        .text(&index)
        .and_then(|text| body_of_list(&index, text, listed.list));
    let Some(list) = list else {
        return vec![Violation::new(
            &index,
            1,
            format!("there is no list `{}`", listed.list),
            format!("write `const {}: … = &[module::…, …];`", listed.list),
        )];
    };
    modules
        .into_iter()
        .filter(|(_, module)| !names(&list, module))
        .map(|(path, module)| {
            Violation::new(
                path,
                1,
                format!("`{module}` is not in {}", listed.list),
                format!("add a line `{module}::…,` to the list in {index}"),
            )
        })
        .collect()
}

/// The modules directly in `folder`: path and name, whether file or folder.
fn modules<'a>(tree: &'a Tree, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    tree.with_extension("rs").filter_map(move |(path, _)| {
        let inside = path.strip_prefix(folder)?;
        let module = inside
            .strip_suffix("/mod.rs")
            .or_else(|| inside.strip_suffix(".rs"))?;
        let is_listed = !module.contains('/') && module != "mod" && !module.ends_with("tests");
        is_listed.then_some((path, module))
    })
}

/// The text between the brackets of `const LIST: … = …[ … ]`.
fn body_of_list(path: &str, text: &str, list: &str) -> Option<String> {
    let code: Vec<String> = Code::of(path, text)
        .production()
        .map(|(_, line)| line.to_owned())
        .collect();
    let code = code.join("\n");
    let declared = ["const", "static"]
        .iter()
        .find_map(|keyword| code.find(&format!("{keyword} {list}:")))?;
    let (_, value) = code[declared..].split_once('=')?;
    let (body, _) = value.split_once(';')?;
    Some(body.to_owned())
}

fn names(list: &str, module: &str) -> bool {
    let path = format!("{module}::");
    list.match_indices(&path)
        .any(|(at, _)| !list[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    const INDEX: &str = "mod exec;\nmod http;\nmod test;\n\
        pub const INPUTS: &[Input] = &[\n    test::INPUT,\n    // exec::INPUT,\n    super::http::INPUT,\n];\n";

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(places(every_file_is_in_its_list, files), expected);
    }

    #[test]
    fn a_file_missing_from_its_list_is_found() {
        check(
            &[
                ("crates/source/src/inputs/mod.rs", INDEX),
                ("crates/source/src/inputs/exec.rs", ""),
                ("crates/source/src/inputs/http/mod.rs", ""),
                ("crates/source/src/inputs/http/basic.rs", ""),
                ("crates/source/src/inputs/st.rs", ""),
                ("crates/source/src/inputs/test.rs", ""),
                ("crates/source/src/inputs/tests.rs", ""),
            ],
            &[
                "crates/source/src/inputs/exec.rs:1",
                "crates/source/src/inputs/st.rs:1",
            ],
        );
    }

    #[test]
    fn a_missing_list_is_found_and_a_missing_folder_is_no_fault() {
        check(
            &[
                ("crates/output/src/outputs/mod.rs", "mod mjpeg;"),
                ("crates/output/src/outputs/mjpeg.rs", ""),
            ],
            &["crates/output/src/outputs/mod.rs:1"],
        );
        check(&[], &[]);
    }
}
