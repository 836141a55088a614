// SPDX-License-Identifier: Apache-2.0
//! `assay`: the requester's and operator's command.

use assay_cli::commands;
use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match commands::Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
