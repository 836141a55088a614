// SPDX-License-Identifier: Apache-2.0
//! Simulates jobs and says what each strategy earns.

use anyhow::Context;
use assay_primitives::UNIT;
use assay_simulator::{
    estimate::{Finding, estimate},
    market::Market,
    plot::{Line, Plot},
    report,
    strategy::Strategy,
};
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

/// What each strategy earns at the protocol's parameters, per job and in units of its price.
///
/// A coalition with a share of all stake plays a strategy in thousands of jobs, and the honest one with the same
/// chances. Reported is the difference, with its 95% interval. See docs/economics.md.
#[derive(Parser, Debug)]
#[command(version)]
struct Arguments {
    /// Only these strategies. By default all.
    #[arg(long, value_enum, value_delimiter = ',')]
    strategy: Vec<Strategy>,
    /// Shares of the stake that collude, between 0 and 1.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "0.01,0.05,0.1,0.2,0.33,0.5,0.67,0.9"
    )]
    share: Vec<f64>,
    /// Numbers of samples; by default as many as the default assurance asks for (99% and 10%: 44).
    #[arg(long, value_delimiter = ',')]
    samples: Vec<u32>,
    /// Jobs for each row of the table.
    #[arg(long, default_value_t = 2_000)]
    jobs: u64,
    /// Seed of the run: the same one gives the same numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Price of the job, in tokens.
    #[arg(long, default_value_t = 10)]
    price: u128,
    /// Stake behind each provider, in tokens.
    #[arg(long, default_value_t = 100)]
    stake: u128,
    /// Active providers.
    #[arg(long, default_value_t = 100)]
    providers: u32,
    /// Tiles of the job.
    #[arg(long, default_value_t = 4_096)]
    tiles: u32,
    /// What computing costs, as a share of the price: what somebody saves who makes everything up.
    #[arg(long, default_value_t = 0.8)]
    cost: f64,
    /// What a verifier's work costs, as a share of its fee.
    #[arg(long, default_value_t = 0.8)]
    checking: f64,
    /// How likely a proof reaches the chain in time once somebody has seen a wrong tile.
    #[arg(long, default_value_t = 1.0)]
    proof: f64,
    /// How likely a stranger re-executes the whole job unasked.
    #[arg(long, default_value_t = 0.0)]
    watched: f64,
    /// How likely the provider that a verifier meets makes up a tenth of its tiles.
    #[arg(long, default_value_t = 0.01)]
    crooked: f64,
    /// How likely a provider accepts a job without having its inputs; the node never does.
    #[arg(long, default_value_t = 0.0)]
    careless: f64,
    /// What a wrong tile that passes is worth to whoever planted it, in prices.
    #[arg(long, default_value_t = 0.0)]
    loot: f64,
    /// Write the table as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write plots as SVG into this folder.
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,
    /// List the strategies and end.
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.list {
        for strategy in Strategy::value_variants() {
            println!("{:32} {}", strategy.name(), strategy.about());
        }
        return Ok(());
    }
    let market = arguments.market()?;
    let findings = run(&arguments, &market);
    println!("{}", report::table(&findings));
    if let Some(file) = &arguments.csv {
        write(file, &report::csv(&findings))?;
    }
    if let Some(folder) = &arguments.plots {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for (name, plot) in plots(&findings) {
            write(&folder.join(name), &plot.svg())?;
        }
    }
    Ok(())
}

impl Arguments {
    fn market(&self) -> anyhow::Result<Market> {
        let shares = [
            self.cost,
            self.checking,
            self.proof,
            self.watched,
            self.crooked,
            self.careless,
        ];
        let all = shares.iter().chain(&self.share);
        for share in all {
            anyhow::ensure!(
                (0.0..=1.0).contains(share),
                "{share} is not between 0 and 1: shares and probabilities are"
            );
        }
        anyhow::ensure!(
            self.providers >= 4 && self.tiles >= 2 && self.price > 0 && self.loot >= 0.0,
            "at least 4 providers, 2 tiles and a price of 1 are needed, and loot is not negative"
        );
        anyhow::ensure!(
            self.stake >= 2 * self.price,
            "a stake of {} does not reach for the bond of a job of {}: twice its price",
            self.stake,
            self.price
        );
        let market = Market {
            price: self.price * UNIT,
            stake: self.stake * UNIT,
            providers: self.providers,
            tiles: vec![self.tiles],
            cost: self.cost,
            checking: self.checking,
            proof: self.proof,
            watched: self.watched,
            crooked: self.crooked,
            careless: self.careless,
            loot: self.loot,
            ..Market::default()
        };
        Ok(market)
    }
}

fn run(arguments: &Arguments, market: &Market) -> Vec<Finding> {
    let strategies = match arguments.strategy.is_empty() {
        true => Strategy::value_variants(),
        false => &arguments.strategy[..],
    };
    let samples: Vec<Option<u32>> = match arguments.samples.is_empty() {
        true => vec![None],
        false => arguments.samples.iter().copied().map(Some).collect(),
    };
    let rows = strategies.len() * samples.len() * arguments.share.len();
    let bar = ProgressBar::new(rows as u64 * arguments.jobs).with_style(
        ProgressStyle::with_template("{wide_bar} {pos}/{len} jobs, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut findings = Vec::with_capacity(rows);
    for strategy in strategies {
        for samples in &samples {
            let market = Market {
                samples: *samples,
                ..market.clone()
            };
            for share in &arguments.share {
                findings.push(estimate(
                    &market,
                    *strategy,
                    *share,
                    arguments.jobs,
                    arguments.seed,
                    || bar.inc(1),
                ));
            }
        }
    }
    bar.finish_and_clear();
    findings
}

/// The advantage of strategies by the share of stake and, where there are several, by the number of samples.
fn plots(findings: &[Finding]) -> Vec<(&'static str, Plot)> {
    let groups: [(&str, &str, &[Strategy]); 3] = [
        (
            "providers.svg",
            "What a provider gains by not being honest",
            &[
                Strategy::Lazy1,
                Strategy::Lazy10,
                Strategy::Lazy50,
                Strategy::AllWrong,
                Strategy::OneWrongTile,
                Strategy::Withholder,
                Strategy::StopsServing,
                Strategy::SilentProvider,
                Strategy::BlamesInputs,
                Strategy::ReportsItself,
            ],
        ),
        (
            "verifiers.svg",
            "What verifiers gain by not being honest",
            &[
                Strategy::GuessingVerifier,
                Strategy::CopyingVerifier,
                Strategy::ServedCopyingVerifier,
                Strategy::SilentVerifier,
                Strategy::FalseAccuser,
            ],
        ),
        (
            "requesters.svg",
            "What a requester with verifiers of its own gains",
            &[
                Strategy::NoInputs,
                Strategy::HidesInputs,
                Strategy::LyingChecker,
                Strategy::FreeResult,
                Strategy::BlamesOutputs,
                Strategy::SelfDealing,
                Strategy::ConvictsItself,
                Strategy::ConvictsItselfWithDelegators,
            ],
        ),
    ];
    let of_one = |strategy: Strategy| findings.iter().filter(move |one| one.strategy == strategy);
    let line = |strategy: Strategy| {
        let first = of_one(strategy).map(|one| one.samples).next();
        Line {
            name: strategy.name(),
            points: of_one(strategy)
                .filter(|one| Some(one.samples) == first)
                .map(|one| (one.share, one.advantage))
                .collect(),
        }
    };
    let mut plots: Vec<_> = (groups.into_iter())
        .map(|(name, title, strategies)| {
            let plot = Plot {
                title: title.to_owned(),
                across: "share of the stake that colludes".to_owned(),
                up: "more than honest, in prices".to_owned(),
                lines: (strategies.iter().copied().map(line))
                    .filter(|line| !line.points.is_empty())
                    .collect(),
                logarithmic: false,
            };
            (name, plot)
        })
        .filter(|(_, plot)| !plot.lines.is_empty())
        .collect();
    let least = findings.iter().map(|one| one.share).fold(1.0, f64::min);
    let by_samples: Vec<_> = [Strategy::Lazy1, Strategy::Lazy10, Strategy::Lazy50]
        .map(|strategy| Line {
            name: strategy.name(),
            points: of_one(strategy)
                .filter(|one| one.share == least)
                .map(|one| (f64::from(one.samples), one.advantage))
                .collect(),
        })
        .into_iter()
        .filter(|line| line.points.len() > 1)
        .collect();
    if !by_samples.is_empty() {
        plots.push((
            "samples.svg",
            Plot {
                title: format!(
                    "What a lazy provider gains, with {:.0}% of the stake",
                    least * 100.0
                ),
                across: "samples".to_owned(),
                up: "more than honest, in prices".to_owned(),
                lines: by_samples,
                logarithmic: true,
            },
        ));
    }
    plots
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
