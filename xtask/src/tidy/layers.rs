//! Which crate may know which: dependencies point to a smaller layer, never sideways,
//! and the lower layers know neither sockets nor a runtime.
//!
//! Not here: what each layer holds (ARCHITECTURE.md).

use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata};

use super::Violation;
use super::tree::{Tree, line_of};

/// The layer of every crate, by name without the `eyeline-` prefix. `sys-*` are on
/// [`FENCE_LAYER`].
const LAYERS: &[(&str, u8)] = &[
    ("media", 0),
    ("clock", 0),
    ("proto", 1),
    ("auth", 1),
    ("hub", 2),
    ("source", 3),
    ("transcode", 3),
    ("output", 3),
    ("store", 3),
    ("tcp", 4),
    ("rtsp", 5),
    ("annexb", 5),
    ("rtmp", 5),
    ("web", 5),
    ("eyeline", 6),
];

const FENCE_LAYER: u8 = 1;

/// Crates that are not part of the program: they may use any of it, and it uses them in
/// tests at most.
const DEV_CRATES: &[&str] = &["bench", "testkit", "xtask"];

/// Those of them that lie beside `crates/`.
const TOP_LEVEL: &[&str] = &["bench", "xtask"];

/// The highest layer that does without IO and without a runtime.
const HIGHEST_PURE_LAYER: u8 = 2;

/// What the pure layers must not use.
const IO_CRATES: &[&str] = &["axum", "hyper", "reqwest", "socket2", "tokio"];

/// (crate, dependency) pairs that are allowed all the same.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Child processes: their pipes and their exit are awaited by the runtime's own types,
    // and a second implementation of both in `source` would be the worse fence.
    ("sys-process", "tokio"),
];

const PREFIX: &str = "eyeline-";

/// What the rules need to know of a workspace member.
pub(super) struct Member {
    /// With prefix.
    name: String,
    /// Path of the manifest, relative to the root.
    manifest: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    /// The package's name, whatever it is renamed to.
    name: String,
    dev_only: bool,
}

/// The workspace members and their direct dependencies.
pub(super) fn crates(metadata: &Metadata) -> Vec<Member> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Member {
            name: package.name.to_string(),
            manifest: package
                .manifest_path
                .strip_prefix(&metadata.workspace_root)
                .unwrap_or(&package.manifest_path)
                .to_string(),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    dev_only: dependency.kind == DependencyKind::Development,
                })
                .collect(),
        })
        .collect()
}

/// Every dependency of every member leads to a smaller layer, or out of the workspace
/// to something its layer may use.
pub(super) fn dependencies_point_down(crates: &[Member], tree: &Tree) -> Vec<Violation> {
    let members: Vec<&str> = crates.iter().map(|member| member.name.as_str()).collect();
    let mut violations = Vec::new();
    for member in crates {
        let name = short(&member.name);
        if DEV_CRATES.contains(&name) {
            continue;
        }
        let Some(layer) = layer(name) else {
            violations.push(Violation::new(
                &member.manifest,
                1,
                format!("`{name}` has no layer"),
                "add it to LAYERS in xtask/src/tidy/layers.rs and to ARCHITECTURE.md",
            ));
            continue;
        };
        for dependency in member.dependencies.iter().filter(|found| !found.dev_only) {
            let is_member = members.contains(&dependency.name.as_str());
            if let Some((wrong, remedy)) = objection(name, layer, &dependency.name, is_member) {
                let text = tree.text(&member.manifest).unwrap_or_default();
                let line = line_of(text, |line| {
                    line.strip_prefix(&dependency.name)
                        .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
                });
                violations.push(Violation::new(&member.manifest, line, wrong, remedy));
            }
        }
    }
    violations
}

/// A crate's folder carries its name without the prefix.
pub(super) fn folders_are_named_for_their_crate(crates: &[Member]) -> Vec<Violation> {
    let expected = |name: &str| match short(name) {
        tool if TOP_LEVEL.contains(&tool) => format!("{tool}/Cargo.toml"),
        short => format!("crates/{short}/Cargo.toml"),
    };
    crates
        .iter()
        .filter(|member| member.manifest != expected(&member.name))
        .map(|member| {
            let folder = Path::new(&member.manifest)
                .parent()
                .unwrap_or(Path::new(""))
                .display();
            Violation::new(
                &member.manifest,
                1,
                format!("crate `{}` lies in `{folder}`", member.name),
                "name the folder crates/NAME for the crate eyeline-NAME",
            )
        })
        .collect()
}

/// What is wrong with a crate of `layer` using `dependency`, and what to do.
fn objection(
    name: &str,
    layer: u8,
    dependency: &str,
    is_member: bool,
) -> Option<(String, &'static str)> {
    let used = short(dependency);
    if is_member {
        if DEV_CRATES.contains(&used) {
            return Some((
                format!("`{name}` uses `{used}` outside of its tests"),
                "move it to [dev-dependencies]",
            ));
        }
        let used_layer = self::layer(used)?;
        return (used_layer >= layer).then(|| {
            (
                format!("`{name}` (layer {layer}) uses `{used}` (layer {used_layer})"),
                "depend on a smaller layer only: move the shared part down, or the use of it up",
            )
        });
    }
    let forbidden = layer <= HIGHEST_PURE_LAYER && IO_CRATES.contains(&dependency);
    (forbidden && !EXCEPTIONS.contains(&(name, dependency))).then(|| {
        (
            format!("`{name}` (layer {layer}) uses `{dependency}`"),
            "keep sockets and runtimes to layers 3 and up",
        )
    })
}

fn short(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

fn layer(name: &str) -> Option<u8> {
    if name.starts_with("sys-") {
        return Some(FENCE_LAYER);
    }
    LAYERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, layer)| *layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, uses: &[&str], dev_uses: &[&str]) -> Member {
        let dependency = |name: &&str, dev_only| Dependency {
            name: (*name).to_owned(),
            dev_only,
        };
        let normal = uses.iter().map(|name| dependency(name, false));
        let dev = dev_uses.iter().map(|name| dependency(name, true));
        Member {
            name: name.to_owned(),
            manifest: format!("crates/{}/Cargo.toml", short(name)),
            dependencies: normal.chain(dev).collect(),
        }
    }

    fn check(members: &[Member], expected: &[&str]) {
        let tree = Tree::of(&[]);
        let found: Vec<String> = dependencies_point_down(members, &tree)
            .into_iter()
            .map(|violation| violation.wrong)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_dependency_on_a_smaller_layer_is_in_order() {
        check(
            &[
                member("eyeline-media", &["bytes"], &[]),
                member("eyeline-hub", &["eyeline-media"], &[]),
                member("eyeline-sys-codec", &["eyeline-media"], &[]),
                member("eyeline-source", &["eyeline-hub", "tokio"], &[]),
            ],
            &[],
        );
    }

    #[test]
    fn a_dependency_sideways_or_upwards_is_not() {
        check(
            &[
                member("eyeline-source", &["eyeline-output"], &[]),
                member("eyeline-output", &[], &[]),
                member("eyeline-media", &["eyeline-sys-codec"], &[]),
                member("eyeline-sys-codec", &[], &[]),
            ],
            &[
                "`source` (layer 3) uses `output` (layer 3)",
                "`media` (layer 0) uses `sys-codec` (layer 1)",
            ],
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_refused() {
        check(
            &[member("eyeline-weather", &[], &[])],
            &["`weather` has no layer"],
        );
    }

    #[test]
    fn the_lower_layers_have_no_runtime_and_no_sockets() {
        check(
            &[
                member("eyeline-hub", &["tokio"], &[]),
                member("eyeline-proto", &["socket2"], &["tokio"]),
                member("eyeline-sys-process", &["tokio", "hyper"], &[]),
            ],
            &[
                "`hub` (layer 2) uses `tokio`",
                "`proto` (layer 1) uses `socket2`",
                "`sys-process` (layer 1) uses `hyper`",
            ],
        );
    }

    #[test]
    fn testkit_is_for_tests_and_for_chores() {
        check(
            &[
                member("eyeline-testkit", &["eyeline-web"], &[]),
                member("eyeline-web", &["eyeline-testkit"], &[]),
                member("eyeline-output", &[], &["eyeline-testkit"]),
                member("xtask", &["eyeline-testkit"], &[]),
                member("eyeline-bench", &["eyeline-web"], &[]),
            ],
            &["`web` uses `testkit` outside of its tests"],
        );
    }

    #[test]
    fn the_violation_points_at_the_dependency() {
        let manifest = "[dependencies]\ntokio-util = \"1\"\ntokio.workspace = true\n";
        let tree = Tree::of(&[("crates/hub/Cargo.toml", manifest)]);
        let found = dependencies_point_down(&[member("eyeline-hub", &["tokio"], &[])], &tree);
        assert_eq!(found[0].line, 3);
    }

    #[test]
    fn a_folder_not_named_for_its_crate_is_found() {
        let mut moved = member("eyeline-hub", &[], &[]);
        moved.manifest = "crates/eyeline-hub/Cargo.toml".to_owned();
        let found = folders_are_named_for_their_crate(&[moved, member("eyeline-media", &[], &[])]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/eyeline-hub/Cargo.toml");
    }
}
