//! Runs a shell command as a guarded child, says its process id, and waits for it: what
//! the tests kill to see that nothing is left.

use std::io::{self, Write as _};

use eyeline_sys_process::shell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let script = std::env::args_os().nth(1).unwrap_or_default();
    let mut child = shell(script).spawn().await.map_err(io::Error::other)?;
    writeln!(io::stdout(), "{}", child.pid())?;
    child.wait().await?;
    Ok(())
}
