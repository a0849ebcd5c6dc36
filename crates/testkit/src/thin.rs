//! A network of its own behind a thin link, for tests of what a viewer on one gets. Needs root,
//! network namespaces and iproute2's `ip` and `tc`.

use std::fmt::Write as _;
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsFd as _;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, ScopedJoinHandle};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// How long a queue the link lets grow before it drops: as bloated as home routers are.
const QUEUE_MS: u32 = 1_000;

/// A pair of interfaces, one here and one in a namespace. Removed when dropped.
pub struct ThinLink {
    namespace: String,
    here: String,
    address: Ipv4Addr,
}

impl ThinLink {
    /// Makes a link without a limit.
    ///
    /// # Panics
    /// When this is not permitted here, with what the kernel says.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let pid = std::process::id();
        // Of the range for such tests (RFC 2544), four addresses each.
        let [_, _, high, low] =
            (pid.wrapping_mul(16).wrapping_add(number.into()) << 2).to_be_bytes();
        let address = |last: u8| Ipv4Addr::new(198, 18 + (high & 1), high, low | last);
        let link = Self {
            namespace: format!("thin-{pid}-{number}"),
            here: format!("t{pid}-{number}"),
            address: address(1),
        };
        let (namespace, here) = (&link.namespace, &link.here);
        ip(&format!("netns add {namespace}"));
        ip(&format!(
            "link add {here} type veth peer name far netns {namespace}"
        ));
        ip(&format!("address add {}/30 dev {here}", address(1)));
        ip(&format!("link set {here} up"));
        ip(&format!(
            "-netns {namespace} address add {}/30 dev far",
            address(2)
        ));
        ip(&format!("-netns {namespace} link set far up"));
        link
    }

    /// Lets through so many kilobits a second towards the namespace.
    ///
    /// # Panics
    /// When the kernel does not know how.
    pub fn limit_kbps(&self, kbps: u64) {
        let mut line = format!("qdisc replace dev {} root tbf rate {kbps}kbit ", self.here);
        let _ = write!(line, "burst 8kb latency {QUEUE_MS}ms");
        run("tc", &line);
    }

    /// The address of this side, as the namespace sees it.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Runs a thread in the namespace: the sockets it makes are there.
    ///
    /// # Panics
    /// The thread does, when it may not move there.
    pub fn spawn<'scope, T: Send + 'scope>(
        &self,
        scope: &'scope thread::Scope<'scope, '_>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> ScopedJoinHandle<'scope, T> {
        let path = format!("/run/netns/{}", self.namespace);
        scope.spawn(move || {
            let namespace = File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            work()
        })
    }
}

impl Default for ThinLink {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ThinLink {
    fn drop(&mut self) {
        // The pair goes with either end.
        let args = ["netns", "delete", &self.namespace];
        let _ = Command::new("ip").args(args).status();
        let _ = Command::new("ip")
            .args(["link", "delete", &self.here])
            .output();
    }
}

fn ip(line: &str) {
    run("ip", line);
}

fn run(program: &str, line: &str) {
    let output = Command::new(program).args(line.split_whitespace()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} (of iproute2): {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "thin links need root and network namespaces; `{program} {line}` says: {said}"
    );
}
