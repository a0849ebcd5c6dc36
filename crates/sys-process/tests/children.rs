//! What a parent sees of its children: output, status, and that nothing is left of them.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

mod support;

use std::error::Error;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use eyeline_sys_process::{Child, Grace, Input, SpawnError, Spec, Step, shell};
use support::{eventually, process, running_in_session, runs};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

type TestResult = Result<(), Box<dyn Error>>;

/// A step that the test is to get past.
const BRIEF: Duration = Duration::from_millis(100);
/// A step that the test must never get past.
const FOREVER: Duration = Duration::from_secs(3600);

const PIPELINE: &str = "sleep 1000 | sleep 1000";

/// Reads a line of the child's output, which shows that it has come so far.
async fn line(child: &mut Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::with_capacity(1, stdout)
        .read_line(&mut line)
        .await
        .unwrap();
    line.trim_end().to_owned()
}

/// A shell with a pipeline of two in its session, and its guard.
async fn pipeline() -> (Child, i32) {
    let child = shell(PIPELINE).spawn().await.unwrap();
    eventually("the pipeline runs", || {
        running_in_session(child.pid()).len() == 3
    });
    let guard = process(child.pid()).unwrap().parent;
    (child, guard)
}

#[tokio::test]
async fn output_and_errors_arrive_apart_and_end() -> TestResult {
    let mut child = shell("echo seen; echo wrong >&2").spawn().await?;
    let (mut seen, mut wrong) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut seen)
        .await?;
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut wrong)
        .await?;
    assert_eq!((seen.as_str(), wrong.as_str()), ("seen\n", "wrong\n"));
    assert!(child.wait().await?.success());
    Ok(())
}

#[tokio::test]
async fn a_line_written_to_the_program_comes_back() -> TestResult {
    let mut child = Spec::new("cat").stdin(Input::Piped).spawn().await?;
    child.stdin.as_mut().unwrap().write_all(b"there\n").await?;
    assert_eq!(line(&mut child).await, "there");
    assert!(child.wait().await?.success(), "wait() ends the input");
    Ok(())
}

#[tokio::test]
async fn arguments_arrive_as_they_are_even_empty_ones() -> TestResult {
    let arguments = ["%s|", "", "a b", "*", ""];
    let mut child = Spec::new("printf").args(arguments).spawn().await?;
    let mut seen = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut seen)
        .await?;
    assert_eq!(seen, "|a b|*||");
    child.wait().await?;
    Ok(())
}

#[tokio::test]
async fn an_exit_code_passes_through() -> TestResult {
    let mut child = shell("exit 42").spawn().await?;
    assert_eq!(child.wait().await?.code(), Some(42));
    assert_eq!(child.wait().await?.code(), Some(42), "a second time, too");
    Ok(())
}

#[tokio::test]
async fn a_death_by_signal_passes_through() -> TestResult {
    let mut child = shell("kill -s SEGV $$").spawn().await?;
    assert_eq!(child.wait().await?.signal(), Some(libc::SIGSEGV));
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_missing_is_an_error_at_the_start() {
    let error = Spec::new("no-such-program").spawn().await.unwrap_err();
    assert!(matches!(error, SpawnError::Program { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "cannot start no-such-program: No such file or directory (os error 2)"
    );
}

#[tokio::test]
async fn a_program_inherits_no_descriptor_but_the_standard_ones() -> TestResult {
    // Not closed on exec, as those are that a careless starter of ours left open.
    let inherited = rustix::io::dup(std::io::stderr())?;
    let mut child = Spec::new("cat").stdin(Input::Piped).spawn().await?;
    // Once it answers, it has closed the libraries it reads at its start.
    child.stdin.as_mut().unwrap().write_all(b"there\n").await?;
    assert_eq!(line(&mut child).await, "there");
    let mut open: Vec<_> = std::fs::read_dir(format!("/proc/{}/fd", child.pid()))?
        .map(|entry| entry.unwrap().file_name())
        .collect();
    open.sort();
    assert_eq!(open, ["0", "1", "2"]);
    child.wait().await?;
    drop(inherited);
    Ok(())
}

#[tokio::test]
#[expect(unsafe_code, reason = "there is no other way to ignore a signal")]
async fn a_program_inherits_no_blocked_or_ignored_signal() -> TestResult {
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
    let mut child = shell("grep -E 'Sig(Blk|Ign)' /proc/self/status")
        .spawn()
        .await?;
    for name in ["SigBlk", "SigIgn"] {
        let line = line(&mut child).await;
        let mask = line.strip_prefix(name).unwrap().trim_start_matches(":\t");
        // The C library keeps signals 32 and 33 for itself and does not let us touch them.
        let reserved = 0b11 << 31;
        assert_eq!(u64::from_str_radix(mask, 16)? & !reserved, 0, "{line}");
    }
    child.wait().await?;
    Ok(())
}

#[tokio::test]
async fn what_a_program_leaves_behind_is_gone_when_the_wait_is_over() -> TestResult {
    let mut child = shell("sleep 1000 & exit 3").spawn().await?;
    assert_eq!(child.wait().await?.code(), Some(3));
    assert_eq!(running_in_session(child.pid()), []);
    Ok(())
}

#[tokio::test]
async fn a_daemon_that_left_the_session_is_killed_too() -> TestResult {
    let script = "setsid sh -c 'echo $$; exec sleep 1000' & wait";
    let mut child = shell(script).spawn().await?;
    let daemon = line(&mut child).await.parse()?;
    assert!(runs(daemon) && process(daemon).unwrap().session != child.pid());
    let grace = Grace {
        interrupt: BRIEF,
        terminate: BRIEF,
    };
    child.stop(grace).await?;
    assert!(!runs(daemon));
    Ok(())
}

#[tokio::test]
async fn a_polite_program_ends_by_itself_when_stopped() -> TestResult {
    let script = "trap 'echo bye; exit 7' INT; echo ready; while :; do sleep 0.01; done";
    let mut child = shell(script).spawn().await?;
    assert_eq!(line(&mut child).await, "ready");
    let mut stdout = child.stdout.take().unwrap();
    let grace = Grace {
        interrupt: FOREVER,
        terminate: FOREVER,
    };
    let stopped = child.stop(grace).await?;
    assert_eq!(
        (stopped.status.code(), stopped.step),
        (Some(7), Step::Interrupt)
    );
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).await?;
    assert_eq!(rest, "bye\n");
    Ok(())
}

#[tokio::test]
async fn a_program_that_writes_a_lot_at_its_end_is_read_to_the_end() -> TestResult {
    let script =
        "trap 'head -c 1000000 /dev/zero; exit 7' INT; echo ready; while :; do sleep 0.01; done";
    let mut child = shell(script).spawn().await?;
    assert_eq!(line(&mut child).await, "ready");
    let grace = Grace {
        interrupt: FOREVER,
        terminate: FOREVER,
    };
    assert_eq!(child.stop(grace).await?.status.code(), Some(7));
    Ok(())
}

#[tokio::test]
async fn the_end_of_its_input_is_enough_for_a_program_that_ignores_the_interrupt() -> TestResult {
    let script = "trap '' INT; echo ready; exec cat";
    let mut child = shell(script).stdin(Input::Piped).spawn().await?;
    assert_eq!(line(&mut child).await, "ready");
    let grace = Grace {
        interrupt: FOREVER,
        terminate: FOREVER,
    };
    let stopped = child.stop(grace).await?;
    assert_eq!(
        (stopped.status.code(), stopped.step),
        (Some(0), Step::Interrupt)
    );
    Ok(())
}

#[tokio::test]
async fn a_program_that_ignores_the_interrupt_is_terminated() -> TestResult {
    let mut child = shell("trap '' INT; echo ready; exec sleep 1000")
        .spawn()
        .await?;
    assert_eq!(line(&mut child).await, "ready");
    let grace = Grace {
        interrupt: BRIEF,
        terminate: FOREVER,
    };
    let stopped = child.stop(grace).await?;
    assert_eq!(
        (stopped.status.signal(), stopped.step),
        (Some(libc::SIGTERM), Step::Terminate)
    );
    Ok(())
}

#[tokio::test]
async fn a_program_that_ignores_everything_is_killed() -> TestResult {
    let script = "trap '' INT TERM; echo ready; while :; do sleep 1000; done";
    let mut child = shell(script).spawn().await?;
    assert_eq!(line(&mut child).await, "ready");
    let pid = child.pid();
    let grace = Grace {
        interrupt: BRIEF,
        terminate: BRIEF,
    };
    let stopped = child.stop(grace).await?;
    assert_eq!(
        (stopped.status.signal(), stopped.step),
        (Some(libc::SIGKILL), Step::Kill)
    );
    assert_eq!(running_in_session(pid), []);
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_suspended_can_be_stopped() -> TestResult {
    let mut child = shell("kill -s STOP $$; exit 9").spawn().await?;
    let pid = child.pid();
    eventually("it is suspended", || process(pid).unwrap().state == "T");
    child.stdin.take();
    let grace = Grace {
        interrupt: FOREVER,
        terminate: FOREVER,
    };
    assert_eq!(child.stop(grace).await?.step, Step::Interrupt);
    Ok(())
}

#[tokio::test]
async fn a_pipeline_is_gone_when_it_has_been_stopped() -> TestResult {
    let (child, guard) = pipeline().await;
    let pid = child.pid();
    let stopped = child.stop(Grace::default()).await?;
    assert_eq!(stopped.step, Step::Interrupt);
    assert_eq!(running_in_session(pid), []);
    assert!(process(guard).is_none(), "the guard is reaped");
    Ok(())
}

#[tokio::test]
async fn a_pipeline_is_gone_soon_after_it_has_been_dropped() {
    let (child, guard) = pipeline().await;
    let pid = child.pid();
    drop(child);
    eventually("the pipeline is gone", || {
        running_in_session(pid).is_empty()
    });
    eventually("the guard is gone", || !runs(guard));
}

#[tokio::test]
async fn a_pipeline_is_gone_after_its_guard_has_been_killed() -> TestResult {
    let (mut child, guard) = pipeline().await;
    kill(guard);
    assert_eq!(child.wait().await?.signal(), Some(libc::SIGKILL));
    eventually("the pipeline is gone", || {
        running_in_session(child.pid()).is_empty()
    });

    let (child, guard) = pipeline().await;
    let pid = child.pid();
    kill(guard);
    eventually("the guard is gone", || !runs(guard));
    drop(child);
    eventually("the pipeline is gone", || {
        running_in_session(pid).is_empty()
    });
    Ok(())
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_program_outlives_the_thread_that_started_it() -> TestResult {
    let runtime = tokio::runtime::Handle::current();
    let spec = Spec::new("cat").stdin(Input::Piped);
    let mut child = tokio::task::spawn_blocking(move || {
        let thread = std::thread::spawn(move || runtime.block_on(spec.spawn()));
        thread.join().unwrap()
    })
    .await??;
    child.stdin.as_mut().unwrap().write_all(b"alive\n").await?;
    assert_eq!(line(&mut child).await, "alive");
    assert!(child.wait().await?.success());
    Ok(())
}

#[tokio::test]
async fn a_program_is_interrupted_once_however_often_it_is_told_to_end() -> TestResult {
    let folder = tempfile::tempdir()?;
    let said = folder.path().join("said");
    // Dropped while it is being stopped; on a second interrupt many programs break off.
    let script = format!(
        "exec 3>>{}; trap 'echo interrupt >&3' INT; trap 'echo end >&3; exit' TERM; \
         echo ready; while :; do sleep 0.01; done",
        said.display()
    );
    let mut child = shell(script).spawn().await?;
    assert_eq!(line(&mut child).await, "ready");
    let pid = child.pid();
    let grace = Grace {
        interrupt: FOREVER,
        terminate: FOREVER,
    };
    let stopped = tokio::time::timeout(BRIEF, child.stop(grace)).await;
    assert!(stopped.is_err(), "{stopped:?}");
    eventually("it is gone", || running_in_session(pid).is_empty());
    assert_eq!(std::fs::read_to_string(&said)?, "interrupt\nend\n");
    Ok(())
}
