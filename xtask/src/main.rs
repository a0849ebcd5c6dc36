//! The project's chores, run as `cargo xtask …`: one module and one subcommand each.
//!
//! Not here: anything the program itself needs, and anything `cargo` already does.

mod bench;
mod interop;
mod tidy;
mod vm;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    about = "The project's own chores",
    disable_help_subcommand = true
)]
enum Chore {
    /// Check the house rules that compiler and lints cannot: layers, lists, sizes, links
    Tidy,
    /// Measure: `fanout`, `slow`, `capture` or `codec`; each says more with `--help`
    #[command(disable_help_flag = true)]
    Bench {
        /// Which, and its options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run real programs as players and publishers, and write docs/interop.md
    Interop(interop::Options),
    /// Boot a virtual machine with cameras; run the tests that need a driver, or a command
    Vm(vm::Options),
}

fn main() -> anyhow::Result<ExitCode> {
    match Chore::parse() {
        Chore::Tidy => tidy::run(),
        Chore::Bench { args } => bench::run(&args),
        Chore::Interop(options) => interop::run(&options),
        Chore::Vm(options) => vm::run(options),
    }
}
