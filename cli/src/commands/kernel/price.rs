// SPDX-License-Identifier: Apache-2.0
//! What a job that was checked would cost, as far as the chain says it.

use super::figures::Figures;
use crate::{
    amount,
    chain::{
        Chain,
        types::{Address, Endpoint, JobSpec},
    },
    job_file::NamedJob,
    kernel_file,
    terms::{self, Terms},
};
use anyhow::Result;
use assay_worker::{
    Config,
    appraisal::{Appraisal, Offer, appraise},
};
use std::path::PathBuf;

/// Shows what a job would cost on default terms, if a node answers.
pub(super) async fn show(url: &str, named: &NamedJob, figures: &[Figures]) -> Result<()> {
    let terms = Terms::default();
    println!("{}", asked(named, &terms)?);
    let Ok(chain) = Chain::connect(url).await else {
        println!(
            "what the chain holds for it needs a node, and none answers at {url}: name one with --url"
        );
        return Ok(());
    };
    for figures in figures {
        println!("{}", weight(&chain, figures).await?);
    }
    let spec = terms.spec(&named.job, nowhere())?;
    match unregistered(&chain, named).await? {
        lines if lines.is_empty() => show_quote(&chain, &spec).await,
        lines => {
            println!(
                "there is a quote once all kernels are registered; `assay job post` does it, or"
            );
            lines.iter().for_each(|line| println!("  {line}"));
            Ok(())
        }
    }
}

/// What judging a tile takes of a block, in words.
async fn weight(chain: &Chain, figures: &Figures) -> Result<String> {
    let bytes = u32::try_from(figures.samples.witness_bytes).unwrap_or(u32::MAX);
    let share = chain
        .adjudication_share(figures.judging_fuel, bytes)
        .await?;
    let percent = share as f64 / 10_000.0;
    let tile = match figures.numbers.as_str() {
        "checker" => "a tile of the checker".into(),
        numbers => format!("a tile of pass {numbers}"),
    };
    Ok(match share {
        0..=1_000_000 => {
            format!("judging {tile} takes up to {percent:.1}% of what a block has for transactions")
        }
        _ => format!(
            "judging {tile} can take {percent:.0}% of what a block has for transactions: the chain cannot judge it. Give its \
             loops less fuel, or let a tile do less"
        ),
    })
}

/// What a provider asks for a job, in words.
fn asked(named: &NamedJob, terms: &Terms) -> Result<String> {
    let (mut fuel, mut output_bytes) = (0u64, 0u64);
    for pass in &named.job.passes {
        let (report, _) = kernel_file::validate(&pass.kernel)?;
        let all = report.tile_fuel.saturating_mul(pass.tiles()?.into());
        fuel = fuel.saturating_add(all);
        output_bytes = output_bytes.saturating_add(pass.output_bytes()?);
    }
    let offer = Offer {
        fuel,
        input_bytes: (named.job.inputs.iter())
            .filter_map(|input| u64::try_from(input.len()).ok())
            .fold(0, u64::saturating_add),
        output_bytes,
        compute: terms.compute(),
        ceiling: u128::MAX,
    };
    // How fast a provider is, is not known here.
    let judged = appraise(&offer, &Config::new(PathBuf::new()), u64::MAX);
    Ok(match judged {
        Appraisal::From(price) => {
            let price = amount::format(price);
            format!("a provider with the default settings takes the job from {price} tokens on")
        }
        Appraisal::InputsTooLarge => {
            "a provider with the default settings leaves the job: its inputs have more than 1 GiB"
                .into()
        }
        Appraisal::OutputTooLarge => {
            "a provider with the default settings leaves the job: its passes write more than 4 GiB"
                .into()
        }
        Appraisal::TooSlow | Appraisal::PaysTooLittle => {
            "a provider with the default settings leaves the job".into()
        }
    })
}

/// How to register each kernel that the chain does not have.
async fn unregistered(chain: &Chain, named: &NamedJob) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (entry, pass) in named.kernels() {
        if chain.kernel(pass.kernel_hash()).await?.is_none() {
            let deposit = chain.kernel_deposit(pass.code.len()).await?;
            lines.push(format!(
                "{}  # a deposit of {}, until it is removed",
                entry.registration(),
                amount::format(deposit),
            ));
        }
    }
    Ok(lines)
}

async fn show_quote(chain: &Chain, spec: &JobSpec) -> Result<()> {
    match chain.quote(spec).await? {
        Ok(quote) => println!("{}", terms::quote_table(&quote, spec)),
        Err(error) => println!("with the default options, {:#}", terms::refusal(error)),
    }
    Ok(())
}

/// Where inputs are served that are not.
fn nowhere() -> Endpoint {
    Endpoint {
        key: [0; 32],
        address: Address::V4 {
            ip: [0; 4],
            port: 0,
        },
    }
}
