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

#[test]
fn what_is_set_on_cameras_is_kept_until_it_is_taken_back_or_the_stream_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.db");
    let store = Store::open(&path).unwrap();
    store.put_controls(&id("lab"), "{1}").unwrap();
    store.put_controls(&id("lab"), "{2}").unwrap();
    store.put_controls(&id("front"), "{3}").unwrap();
    let store = Store::open(&path).unwrap();
    let kept = |name: &str| store.controls(&id(name)).unwrap();
    assert_eq!(kept("lab").as_deref(), Some("{2}"));
    store.put_controls(&id("lab"), "").unwrap();
    assert_eq!(kept("lab"), None);
    store.remove(&id("front")).unwrap();
    assert_eq!(kept("front"), None);
}

#[test]
fn a_file_of_an_older_program_is_taken_over_with_what_it_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(STEPS[0]).unwrap();
    old.execute_batch("INSERT INTO streams VALUES ('lab', '1'); PRAGMA user_version = 1;")
        .unwrap();
    drop(old);
    let store = Store::open(&path).unwrap();
    check(&store, &[("lab", "1")]);
    store.put_controls(&id("lab"), "{}").unwrap();
}
