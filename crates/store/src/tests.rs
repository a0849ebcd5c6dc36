//! What is kept outlives the process; what is damaged or newer is not lost.

use super::*;

fn id(name: &str) -> StreamId {
    name.parse().unwrap()
}

fn check(store: &Store, expected: &[(&str, &str)]) {
    let all = store.all().unwrap();
    let all: Vec<_> = all
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    assert_eq!(all, expected);
}

#[test]
fn definitions_outlive_the_process_that_kept_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state").join("eyeline.db");
    let store = Store::open(&path).unwrap();
    store.put(&id("lab"), "1").unwrap();
    store.put(&id("front"), "2").unwrap();
    store.put(&id("front"), "3").unwrap();
    // As after SIGKILL: nothing is closed.
    std::mem::forget(store);
    let store = Store::open(&path).unwrap();
    check(&store, &[("front", "3"), ("lab", "1")]);
    assert!(store.remove(&id("lab")).unwrap());
    assert!(!store.remove(&id("lab")).unwrap());
    assert!(store.holds(&id("front")).unwrap());
    assert!(!store.holds(&id("lab")).unwrap());
    check(&store, &[("front", "3")]);
}

#[test]
fn a_file_that_is_no_database_is_moved_aside_and_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.db");
    fs::write(
        &path,
        "something else entirely, and long enough to be looked at",
    )
    .unwrap();
    let store = Store::open(&path).unwrap();
    check(&store, &[]);
    let aside = fs::read_to_string(path.with_extension("damaged")).unwrap();
    assert!(aside.starts_with("something else"));
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.db");
    Store::open(&path).unwrap().put(&id("front"), "2").unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "user_version", VERSION + 1)
        .unwrap();
    let error = Store::open(&path).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("newer version"), "{error}");
}
