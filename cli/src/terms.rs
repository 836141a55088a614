// SPDX-License-Identifier: Apache-2.0
//! What a job is posted for: price, time, assurance; and the quote that the chain gives for them.

use crate::{
    amount,
    chain::types::{
        AdapterClass, Assurance, Endpoint, InputRef, JobSpec, Pass, PriceRange, Quote, QuoteError,
        Region, Requirements,
    },
    job_file::{LoadedJob, LoadedPass},
    limits::{MAX_ALLOWED, MAX_REGIONS},
    table::table,
};
use anyhow::{Context, Result, anyhow, ensure};
use comfy_table::Table;
use subxt::utils::AccountId32;

/// The smallest units of a token.
const TOKEN: u128 = 1_000_000_000_000;

/// What a job is posted for.
#[derive(Clone, Debug, clap::Args)]
pub struct Terms {
    /// The price at the auction's start, in tokens or, with --asset, in its smallest units [default: 1 token].
    #[arg(long, value_name = "AMOUNT")]
    floor: Option<String>,
    /// The most to pay for the computation, in tokens or, with --asset, in its smallest units [default: 10 tokens].
    #[arg(long, value_name = "AMOUNT")]
    ceiling: Option<String>,
    /// The number of the asset that the computation is paid in, one that the chain lists; all else stays in tokens.
    #[arg(long, value_name = "NUMBER", requires_all = ["floor", "ceiling"])]
    asset: Option<u32>,
    /// How many blocks the price takes from floor to ceiling.
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    auction: u32,
    /// How many blocks the provider has to compute.
    #[arg(long, value_name = "BLOCKS", default_value_t = 100)]
    compute: u32,
    /// How sure you want to be, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0)]
    confidence: f64,
    /// That less than this share of the tiles is wrong, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0)]
    wrong: f64,
    /// Who may take it.
    #[clap(flatten)]
    takers: Takers,
}

/// Who may take a job: anybody who is exact with its kernels, unless more is asked.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Takers {
    /// Only providers with at least this speed, in billions of fuel a second, as they measured it.
    #[arg(long, value_name = "SPEED", default_value_t = 0.0)]
    min_speed: f64,
    /// Only providers in this country (two letters, as in ISO 3166-1), as they say; may be given several times.
    #[arg(long = "region", value_name = "COUNTRY")]
    regions: Vec<Region>,
    /// Only providers on renewable energy, as they say.
    #[arg(long)]
    renewable: bool,
    /// Only this provider; may be given several times.
    #[arg(long = "provider", value_name = "ACCOUNT", value_parser = parse_account)]
    providers: Vec<AccountId32>,
}

impl Takers {
    /// What is asked of whoever computes a job.
    fn requirements(&self, job: &LoadedJob) -> Result<Requirements> {
        let most = |what: &str, given: usize, most: usize| {
            ensure!(
                given <= most,
                "{given} times --{what}; there can be {most}: leave some out"
            );
            Ok(())
        };
        most("region", self.regions.len(), MAX_REGIONS)?;
        most("provider", self.providers.len(), MAX_ALLOWED)?;
        ensure!(
            (0.0..1e9).contains(&self.min_speed),
            "--min-speed must be a number of billions of fuel a second, not {}",
            self.min_speed,
        );
        let floats = job.passes.iter().any(|pass| pass.kernel.has_floats());
        let largest = job.inputs.iter().map(Vec::len).max().unwrap_or_default();
        Ok(Requirements {
            class: match floats {
                true => AdapterClass::Float,
                false => AdapterClass::Integer,
            },
            speed: (self.min_speed * 1e9) as u64,
            memory: u32::try_from(largest >> 20)?,
            regions: self.regions.clone(),
            renewable: self.renewable,
            providers: self.providers.clone(),
        })
    }
}

fn parse_account(text: &str) -> Result<AccountId32, String> {
    text.parse()
        .map_err(|error| format!("`{text}` is no account: {error}"))
}

/// Those of the command line when it says nothing.
impl Default for Terms {
    fn default() -> Self {
        Self {
            floor: None,
            ceiling: None,
            asset: None,
            auction: 20,
            compute: 100,
            confidence: 99.0,
            wrong: 10.0,
            takers: Takers::default(),
        }
    }
}

impl Terms {
    /// A job on these terms, with its inputs served at `source`.
    pub fn spec(&self, job: &LoadedJob, source: Endpoint) -> Result<JobSpec> {
        let input = |bytes: &Vec<u8>| {
            let mut hasher = blake3::Hasher::new();
            Ok(InputRef {
                hash: *hasher.update(bytes).finalize().as_bytes(),
                length: u64::try_from(bytes.len())?,
            })
        };
        Ok(JobSpec {
            passes: job.passes.iter().map(pass).collect(),
            checker: job.checker.as_ref().map(pass),
            inputs: job.inputs.iter().map(input).collect::<Result<_>>()?,
            assurance: Assurance {
                confidence: parts_per_million(self.confidence, "--confidence")?,
                wrong: parts_per_million(self.wrong, "--wrong")?,
            },
            price: PriceRange {
                floor: self.price(self.floor.as_deref(), "--floor", TOKEN)?,
                ceiling: self.price(self.ceiling.as_deref(), "--ceiling", 10 * TOKEN)?,
            },
            auction: self.auction,
            compute: self.compute,
            source,
            requirements: self.takers.requirements(job)?,
            asset: self.asset,
        })
    }

    /// A price on the command line in the smallest units of what it is paid in.
    fn price(&self, text: Option<&str>, flag: &str, default: u128) -> Result<u128> {
        match (text, self.asset) {
            (None, _) => Ok(default),
            (Some(text), None) => amount::parse(text).with_context(|| flag.to_string()),
            (Some(text), Some(asset)) => text.parse().with_context(|| {
                format!(
                    "{flag}: `{text}` is no whole number, and prices in asset {asset} are in its smallest units"
                )
            }),
        }
    }

    /// How many blocks the provider has to compute.
    pub fn compute(&self) -> u32 {
        self.compute
    }
}

/// A pass as the chain has it.
fn pass(loaded: &LoadedPass) -> Pass {
    Pass {
        kernel: loaded.kernel_hash(),
        parameters: loaded.parameters.clone(),
        reads: loaded.reads.clone(),
        grid: loaded.grid,
    }
}

/// What to do about a refused quote. What the job file can have wrong was refused when it was loaded.
pub fn refusal(error: QuoteError) -> anyhow::Error {
    let advice = match error {
        QuoteError::UnknownKernel => {
            "a kernel is not registered any more: run the command once more"
        }
        QuoteError::BadPrice => "--floor must not be above --ceiling, and --ceiling not zero",
        QuoteError::BadAssurance => {
            "the assurance asks for more samples than a job may have: lower --confidence or raise --wrong"
        }
        QuoteError::BadWindow => {
            "--auction and --compute must be at least one block, and at most 2,400 and 201,600"
        }
        QuoteError::UnlistedAsset => {
            "the chain lists no such asset: name with --asset one that has a rate, or leave it out to pay in tokens"
        }
        QuoteError::BadRequirements
        | QuoteError::BadGrid
        | QuoteError::WrongNumberOfInputs
        | QuoteError::NoPasses
        | QuoteError::UnknownSource
        | QuoteError::TooManyParameters
        | QuoteError::InputTooLong => {
            return anyhow!(
                "the chain would refuse this job ({error:?}), which this command takes for sound: is it as new as the chain?"
            );
        }
    };
    anyhow!("the chain would refuse this job: {advice}")
}

/// A percentage on the command line as the chain counts it.
fn parts_per_million(percent: f64, flag: &str) -> Result<u32> {
    let parts = (percent * 10_000.0).round();
    ensure!(
        (1.0..1_000_000.0).contains(&parts),
        "{flag} must be more than 0 and less than 100 percent, not {percent}",
    );
    Ok(parts as u32)
}

fn percent(parts_per_million: u32) -> String {
    format!("{}%", f64::from(parts_per_million) / 10_000.0)
}

/// A quote, for people.
pub fn quote_table(quote: &Quote, spec: &JobSpec) -> Table {
    let mut table = table(&["quote", ""], &[1]);
    let rows = [
        (
            "tiles, and fuel at most",
            format!("{}, {}", quote.tiles, quote.fuel),
        ),
        (
            "sampled, by verifiers",
            match quote.samples_most {
                most if most > quote.samples => {
                    format!("{} to {most}, {}", quote.samples, quote.panel)
                }
                _ => format!("{}, {}", quote.samples, quote.panel),
            },
        ),
        (
            "chance to catch the wrong share",
            format!(
                "{} if {} are wrong",
                percent(quote.detection),
                percent(spec.assurance.wrong)
            ),
        ),
        (
            "chance to catch one wrong tile",
            percent(quote.detection_of_one),
        ),
        (
            "for the provider, at most",
            match quote.asset {
                None => amount::format(quote.ceiling),
                Some(_) => format!(
                    "{}, worth {}",
                    amount::format_in(quote.asset, quote.ceiling),
                    amount::format(quote.worth)
                ),
            },
        ),
        (
            "for the verifiers, at most",
            amount::format(quote.verification),
        ),
        ("deposit, comes back", amount::format(quote.deposit)),
        ("held in native tokens", amount::format(quote.total)),
        (
            "providers that can take it",
            format!(
                "{} (with {} free stake)",
                quote.capable,
                amount::format(quote.bond)
            ),
        ),
    ];
    for (name, value) in rows {
        table.add_row([name.to_string(), value]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[clap(flatten)]
        terms: Terms,
    }

    #[test]
    fn defaults_are_those_of_the_command_line() {
        let parsed = Line::parse_from(["line"]).terms;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Terms::default()));
    }

    #[test]
    fn prices_are_in_tokens_or_in_the_smallest_units_of_an_asset() {
        let prices = |line: &[&str]| {
            let terms = Line::try_parse_from(["line"].iter().chain(line))?.terms;
            let price = |text: &Option<String>| terms.price(text.as_deref(), "--floor", 7);
            anyhow::Ok((price(&terms.floor)?, price(&terms.ceiling)?))
        };
        let tokens = prices(&["--floor", "0.5", "--ceiling", "2"]).expect("tokens");
        assert_eq!(tokens, (TOKEN / 2, 2 * TOKEN));
        assert_eq!(prices(&[]).expect("the defaults"), (7, 7));
        let units = prices(&["--floor", "5", "--ceiling", "20", "--asset", "3"]);
        assert_eq!(units.expect("units"), (5, 20));
        let parts = prices(&["--floor", "0.5", "--ceiling", "20", "--asset", "3"]);
        let parts = parts.expect_err("half a unit").to_string();
        assert!(parts.contains("smallest units"), "{parts}");
        // There is no default for what nobody knows the worth of.
        assert!(prices(&["--asset", "3", "--floor", "5"]).is_err());
    }

    #[test]
    fn parts_per_million_refuses_when_the_percentage_is_out_of_range() {
        for percent in [0.0, 100.0, -1.0, f64::NAN] {
            assert!(parts_per_million(percent, "--wrong").is_err(), "{percent}");
        }
        assert_eq!(parts_per_million(99.9, "--confidence").ok(), Some(999_000));
    }
}
