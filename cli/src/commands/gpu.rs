// SPDX-License-Identifier: Apache-2.0
//! `assay gpu`: what this machine could compute with, and whether it may.

use crate::table::table;
use anyhow::Result;
use assay_worker::engine::{
    Engine, GpuEngine, adapters,
    probe::{self, Class},
};
use std::process::ExitCode;

/// What to do with the machine's GPUs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the adapters, the best first. Needs no node.
    List,
    /// Test an adapter against the virtual machine, as a provider's node does when it starts, and measure it.
    Probe {
        /// A part of the adapter's name or driver; without it, the best one.
        adapter: Option<String>,
    },
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List => {
                list();
                Ok(ExitCode::SUCCESS)
            }
            Self::Probe { adapter } => test(adapter.as_deref()),
        }
    }
}

fn list() {
    let adapters = adapters();
    if adapters.is_empty() {
        println!(
            "There is no adapter. On Debian and Ubuntu, install the vendor's Vulkan driver, or mesa-vulkan-drivers with libvulkan1."
        );
        return;
    }
    let mut table = table(&["adapter", "driver", "interface", "kind"], &[]);
    for adapter in adapters {
        let kind = match adapter.software {
            true => "processor",
            false => "GPU",
        };
        table.add_row([&adapter.name, &adapter.driver, &adapter.backend, kind]);
    }
    println!("{table}");
}

fn test(adapter: Option<&str>) -> Result<ExitCode> {
    let mut engine = GpuEngine::untested(adapter)?;
    println!("{}", engine.name());
    let mut table = table(&["probe", "words compared", "result"], &[1]);
    let mut inexact = Vec::new();
    for probe in probe::probes() {
        let words = probe.expected()?.len();
        let result = match probe.check(&engine) {
            Ok(()) => "exact".into(),
            Err(error) => {
                inexact.push(probe.class);
                error.to_string()
            }
        };
        table.add_row([probe.name.into(), words.to_string(), result]);
    }
    println!("{table}");
    inexact.dedup();
    if inexact.contains(&Class::Integer) {
        println!("a provider's node would refuse this adapter: update its driver");
        return Ok(ExitCode::FAILURE);
    }
    match inexact.as_slice() {
        [] => println!("exact: it can take every job"),
        classes => {
            for class in classes {
                println!("not exact: it leaves {} to others", class.lacking());
            }
        }
    }
    engine.measure()?;
    println!(
        "{:.2} billion fuel a second",
        engine.fuel_per_second() as f64 / 1e9
    );
    Ok(ExitCode::SUCCESS)
}
