// SPDX-License-Identifier: Apache-2.0
//! The providers, in a table, and one of them in detail.

use super::socket_address;
use crate::{
    amount,
    chain::{
        Chain,
        types::{AdapterClass, Energy, ProviderView, Standing},
    },
    table::table,
};
use anyhow::{Context, Result};
use std::process::ExitCode;
use subxt::utils::AccountId32;

/// Shows all providers.
pub(super) async fn list(chain: &Chain) -> Result<ExitCode> {
    let providers = chain.providers().await?;
    if providers.is_empty() {
        println!(
            "There is no provider yet. `assay provider register --help` says how to become one."
        );
        return Ok(ExitCode::SUCCESS);
    }
    let header = [
        "account", "stake", "free", "speed", "kernels", "region", "settled", "samples", "state",
        "device",
    ];
    let mut table = table(&header, &[1, 2, 3, 6, 7]);
    for provider in providers {
        table.add_row([
            provider.account.to_string(),
            amount::format(provider.stake),
            amount::format(provider.stake.saturating_sub(provider.locked)),
            speed(provider.hardware.speed),
            kernels(provider.hardware.class).into(),
            provider.hardware.region.to_string(),
            deeds(provider.standing.settled),
            format!("{}%", provider.scrutiny),
            state(&provider).into(),
            printable(&provider.hardware.device),
        ]);
    }
    println!("{table}");
    println!("samples: how many are drawn of its work, in percent of what a job asks for");
    Ok(ExitCode::SUCCESS)
}

/// Shows one provider.
pub(super) async fn show(chain: &Chain, account: &AccountId32) -> Result<ExitCode> {
    let provider = chain.provider(account).await?.with_context(|| {
        format!("{account} is no provider; `assay provider list` shows those that are")
    })?;
    let mut table = table(&["provider", &account.to_string()], &[]);
    for (name, value) in rows(&provider) {
        table.add_row([name.to_string(), value]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

fn rows(provider: &ProviderView) -> Vec<(&'static str, String)> {
    let hardware = &provider.hardware;
    let mut rows = vec![
        ("state", state(provider).to_string()),
        (
            "alive until",
            format!("#{}, without another heartbeat", provider.alive_until),
        ),
        ("since", format!("#{}", provider.since)),
        (
            "stake",
            format!(
                "{}: {} its own, {} delegated",
                amount::format(provider.stake),
                amount::format(provider.own),
                amount::format(provider.delegated)
            ),
        ),
        ("locked to jobs", amount::format(provider.locked)),
        ("unbonding", amount::format(provider.unbonding)),
        (
            "delegation",
            match provider.accepts_delegation {
                true => format!(
                    "accepted, commission {}%",
                    f64::from(provider.commission) / 10_000.0
                ),
                false => "not accepted".into(),
            },
        ),
        (
            "validator",
            if provider.validator {
                "a candidate"
            } else {
                "no"
            }
            .into(),
        ),
        ("device", printable(&hardware.device)),
        ("kernels", kernels(hardware.class).into()),
        (
            "speed",
            format!("{} billion fuel a second", speed(hardware.speed)),
        ),
        ("largest input", format!("{} MiB", hardware.memory)),
        ("region", hardware.region.to_string()),
        (
            "energy",
            match hardware.energy {
                Energy::Undeclared => "-",
                Energy::Grid => "grid",
                Energy::Renewable => "renewable",
            }
            .into(),
        ),
        (
            "blobs at",
            socket_address(&provider.endpoint.address).to_string(),
        ),
    ];
    rows.extend(past(&provider.standing));
    rows.push((
        "samples drawn",
        format!("{}% of what a job asks for", provider.scrutiny),
    ));
    rows
}

fn past(standing: &Standing) -> [(&'static str, String); 5] {
    [
        ("jobs settled", deeds(standing.settled)),
        ("jobs verified", deeds(standing.verified)),
        ("deadlines missed", deeds(standing.late)),
        ("found wrong", deeds(standing.wrong)),
        ("silent", deeds(standing.silent)),
    ]
}

fn state(provider: &ProviderView) -> &'static str {
    match (provider.active, provider.chilled) {
        (true, _) => "active",
        (false, true) => "chilled",
        (false, false) => "absent",
    }
}

fn kernels(class: AdapterClass) -> &'static str {
    match class {
        AdapterClass::Integer => "integers",
        AdapterClass::Float => "all",
    }
}

/// Billions of fuel a second.
fn speed(fuel: u64) -> String {
    format!("{:.2}", fuel as f64 / 1e9)
}

/// Deeds, which the chain counts in thousandths.
fn deeds(thousandths: u32) -> String {
    format!("{:.1}", f64::from(thousandths) / 1_000.0)
}

/// A text that anybody may have put on chain, without what could steer a terminal.
fn printable(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .filter(|character| !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_drops_what_steers_a_terminal() {
        assert_eq!(printable(b"a \x1b[2Jcard\x07\n\xff"), "a [2Jcard\u{fffd}");
    }
}
