// SPDX-License-Identifier: Apache-2.0
//! The protocol's parameters, and what is assumed of the world.

use assay_primitives::{
    Balance, MILLI_UNIT, UNIT,
    job::{JobSpec, MAX_SAMPLES, PerPass, PriceRange},
};
use assay_verifier::sampling::{self, Assurance};
use pallet_jobs::{
    terms,
    types::{Contract, Fees, Job, Stage},
};
use polkadot_sdk::sp_runtime::{BoundedVec, Permill};

/// What the runtime decides: `runtime/src/configs/assay.rs`. The rules of offences are those of `pallet-slashing`.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// A provider's bond, in prices.
    pub bond_multiple: u32,
    /// The protocol's share of a price.
    pub fee: Permill,
    /// What a verifier gets for a sample whatever its fuel.
    pub sample_fee: Balance,
    /// What it gets besides for 10^9 fuel.
    pub fuel_price: Balance,
    /// Each such amount in the ceiling adds a verifier.
    pub panel_step: Balance,
    /// Verifiers of each sample.
    pub per_sample: u32,
    /// Draws of verifiers for one panel.
    pub rounds: u32,
    /// Panels of one job: another where nobody of the one before reveals.
    pub panels: u32,
    /// Who looks for inputs that a provider says are missing.
    pub enquiry_panel: u32,
    /// For how many samples each of them is paid.
    pub enquiry_samples: u32,
    /// Of what a requester gets for a missed deadline, the rescuer's share.
    pub bounty: Permill,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            bond_multiple: 2,
            fee: Permill::from_percent(1),
            sample_fee: MILLI_UNIT / 10,
            fuel_price: MILLI_UNIT,
            panel_step: 1_000 * UNIT,
            per_sample: 2,
            rounds: 2,
            panels: 3,
            enquiry_panel: 3,
            enquiry_samples: 2,
            bounty: Permill::from_percent(50),
        }
    }
}

/// A job, and what is assumed of those who take part in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// What the runtime decides.
    pub protocol: Protocol,
    /// The price of the job.
    pub price: Balance,
    /// Tiles of each pass.
    pub tiles: Vec<u32>,
    /// The most fuel of a tile.
    pub tile_fuel: u64,
    /// How sure the requester wants to be.
    pub assurance: Assurance,
    /// So many samples instead, if they are given.
    pub samples: Option<u32>,
    /// How many active providers there are, each with the same stake.
    pub providers: u32,
    /// The stake behind each of them.
    pub stake: Balance,
    /// Of that, the provider's own; the rest is delegated.
    pub own: f64,
    /// Of the price, what computing costs. At 1 making up tiles saves as much as it ever can.
    pub cost: f64,
    /// Of a verifier's fee, what its work costs.
    pub checking: f64,
    /// How likely the proof of a wrong tile reaches the chain in time, once somebody has seen it.
    pub proof: f64,
    /// How likely a stranger re-executes the whole job unasked.
    pub watched: f64,
    /// How likely a provider outside the coalition makes up a tenth of its tiles, where verifiers are looked at.
    pub crooked: f64,
    /// How likely a provider outside the coalition accepts a job without having its inputs. The node never does.
    pub careless: f64,
    /// What the result is worth to the requester, in prices.
    pub worth: f64,
    /// Besides, what a single wrong tile that passes is worth to whoever planted it, in prices.
    pub loot: f64,
    /// What an ordinary transaction costs.
    pub transaction: Balance,
}

impl Default for Market {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            price: 10 * UNIT,
            tiles: vec![4_096],
            tile_fuel: 50_000_000,
            assurance: Assurance::DEFAULT,
            samples: None,
            providers: 100,
            stake: 100 * UNIT,
            own: 1.0,
            cost: 0.8,
            checking: 0.8,
            proof: 1.0,
            watched: 0.0,
            crooked: 0.01,
            careless: 0.0,
            worth: 1.05,
            loot: 0.0,
            transaction: MILLI_UNIT / 2,
        }
    }
}

/// What follows for a job before anything happens, from the functions of `pallet-jobs`.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The job as the chain keeps it.
    pub job: Job,
    /// What its provider has agreed to.
    pub contract: Contract,
    /// Samples of each pass.
    pub samples: Vec<u32>,
}

impl Market {
    /// Samples of each pass.
    fn shares(&self) -> Vec<u32> {
        let passes: Vec<_> = self
            .tiles
            .iter()
            .map(|tiles| sampling::Pass {
                tiles: *tiles,
                tile_fuel: self.tile_fuel,
            })
            .collect();
        let all = self.tiles.iter().sum();
        let samples = self
            .samples
            .unwrap_or_else(|| sampling::samples(self.assurance, all));
        sampling::shares(samples.min(MAX_SAMPLES), &passes)
    }

    /// The terms of the job.
    pub fn terms(&self) -> Terms {
        let protocol = &self.protocol;
        let fuel_price = |fuel: u64| protocol.fuel_price * Balance::from(fuel) / 1_000_000_000;
        let panel = terms::panel(self.price, protocol.panel_step);
        let fees = Fees {
            panel,
            per_sample: protocol.per_sample.min(panel),
            sample: terms::fee_per_sample(1, protocol.sample_fee, fuel_price(self.tile_fuel))
                .expect("the fee of a sample is small"),
            checker: 0,
        };
        let samples = self.shares();
        let requester = [0; 32].into();
        let provider: assay_primitives::AccountId = [1; 32].into();
        let contract = Contract {
            provider,
            price: self.price,
            worth: self.price,
            bond: terms::bond(self.price, protocol.bond_multiple).expect("the price is small"),
        };
        let per_pass = |counts: &[u32]| PerPass::truncate_from(counts.to_vec());
        let enquiries = fees
            .of_enquiry(protocol.enquiry_panel, protocol.enquiry_samples)
            .expect("the fee of a sample is small");
        let verification = fees
            .of_samples(samples.iter().sum())
            .expect("the fee of a sample is small");
        let job = Job {
            requester,
            spec: JobSpec {
                passes: Default::default(),
                checker: None,
                inputs: BoundedVec::default(),
                assurance: self.assurance,
                price: PriceRange {
                    floor: self.price,
                    ceiling: self.price,
                },
                auction: 1,
                compute: 1,
                source: nowhere(),
                requirements: Default::default(),
                asset: None,
            },
            tiles: per_pass(&self.tiles),
            samples: per_pass(&samples),
            fees,
            verification: verification + enquiries,
            deposit: 0,
            bounty: 0,
            last: None,
            round: 0,
            stage: Stage::Verifying {
                contract: contract.clone(),
                roots: Default::default(),
                samples: per_pass(&samples),
            },
            due: 0,
        };
        Terms {
            job,
            contract,
            samples,
        }
    }

    /// What a verifier's work on so many samples costs it.
    pub fn cost_of_checks(&self, terms: &Terms, samples: usize) -> Balance {
        let fees = terms.job.fees.sample * samples as Balance;
        crate::ledger::part(fees, self.checking)
    }
}

/// An endpoint that nobody looks at.
fn nowhere() -> assay_primitives::job::Endpoint {
    assay_primitives::job::Endpoint {
        key: [0; 32],
        address: assay_primitives::job::Address::V4 {
            ip: [0; 4],
            port: 0,
        },
    }
}
