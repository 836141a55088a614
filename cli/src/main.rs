// SPDX-License-Identifier: Apache-2.0
//! `assay`: the requester's and operator's command.

use assay_cli::commands;
use clap::Parser;

/// What a shell says of a command whose output nobody read to the end.
const BROKEN_PIPE: i32 = 141;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    leave_quietly_when_nobody_reads();
    match commands::Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Ends the process without a word when the output goes to a command that has ended, such as `head`: printing
/// panics then. The signal that other commands die of would end this one for a lost connection as well.
fn leave_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let printing =
            |text: &str| text.starts_with("failed printing to std") && text.contains("Broken pipe");
        if panic.payload_as_str().is_some_and(printing) {
            std::process::exit(BROKEN_PIPE);
        }
        usual(panic);
    }));
}
