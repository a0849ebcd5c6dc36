//! The REST interface keeps to its own description: schemathesis reads the OpenAPI file of
//! a running server and drives every operation with what it allows and with what it forbids.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use eyeline_testkit::server::Server;
use eyeline_testkit::tools;

/// `GET /api/events` never ends; `web`'s own tests follow it.
const ENDLESS: &str = "/api/events";
const EXAMPLES_PER_OPERATION: &str = "25";

/// What is understood but impossible is refused, too: no description can tell which cameras
/// there are.
const CONFIGURATION: &str = "[checks]
positive_data_acceptance.expected-statuses = [\"2xx\", \"401\", \"403\", \"404\", \"409\", \"422\", \"503\"]
";

#[test]
fn every_operation_does_what_its_description_says() {
    let server = Server::start(env!("CARGO_BIN_EXE_eyeline"), ["front=test:"]);
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("schemathesis.toml");
    std::fs::write(&configuration, CONFIGURATION).unwrap();
    let url = format!("http://127.0.0.1:{}/api/openapi.json", server.port());
    let mut command = tools::python();
    command
        .args(["-m", "schemathesis.cli"])
        .arg("--config-file")
        .arg(&configuration)
        .args(["run", &url, "--exclude-path", ENDLESS])
        .args(["--seed", "1", "--max-examples", EXAMPLES_PER_OPERATION])
        .args(["--generation-database", "none", "--no-color"])
        .current_dir(folder.path());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    // All but the endless one, and many requests: a run that tested nothing would pass, too.
    assert!(said.contains("Tested: 13"), "{said}");
}
