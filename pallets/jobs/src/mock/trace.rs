// SPDX-License-Identifier: Apache-2.0
//! The other side of the glue traits.

#[cfg(feature = "runtime-benchmarks")]
use super::{Assets, account, create_asset, give};
use super::{Balances, System, pair, vault};
use crate::{frame_support, sp_runtime};
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    api::VerificationView,
    duty::WorkerId,
    job::{AssetId, Endpoint},
    mailbox::OffchainPolicy,
    provider::{Hardware, Requirements},
    reason::Offence,
    reputation::{Deed, Reputation, Standing},
    slashing::{Charge, Penalty, Slashing},
    stake::{Slashed, Stakes},
    verification::{Commitment, Enquiry, Progress, Verification},
};
#[cfg(feature = "runtime-benchmarks")]
use frame_support::traits::fungibles;
use frame_support::{
    traits::{
        fungible::Mutate,
        tokens::{ConversionFromAssetBalance, Fortitude, Precision, Preservation},
    },
    weights::Weight,
};
#[cfg(feature = "runtime-benchmarks")]
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use polkadot_sdk::sp_core::Pair;
use sp_runtime::{DispatchError, DispatchResult, FixedPointNumber, FixedU128, TokenError};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// What this pallet asked of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Lock(AccountId, Balance),
    Unlock(AccountId, Balance),
    Earned(AccountId, Balance),
    Note(AccountId, Deed),
    Punish(Charge<AccountId, Balance>),
    Begin(JobId, Commitment<AccountId, Balance>),
    Enquire(JobId, Enquiry<AccountId, Balance>),
    Advance(JobId, BlockNumber),
    Offchain(BlockNumber),
}

/// The other side of the glue traits: records every request and answers as the test says.
#[derive(Debug)]
pub struct Trace;

/// What the other side answers.
#[derive(Default)]
struct Answers {
    asked: Vec<Asked>,
    stakes: BTreeMap<AccountId, (Balance, Balance)>,
    hardware: BTreeMap<AccountId, Hardware>,
    chilled: BTreeSet<AccountId>,
    sharing: BTreeSet<AccountId>,
    scrutiny: BTreeMap<AccountId, u32>,
    progress: BTreeMap<JobId, Progress<AccountId, BlockNumber>>,
    views: BTreeMap<JobId, VerificationView>,
    penalty: Option<Penalty<Balance>>,
    armed: bool,
    burned: Balance,
    rates: BTreeMap<AssetId, FixedU128>,
}

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::default();
}

fn answers<R>(with: impl FnOnce(&mut Answers) -> R) -> R {
    ANSWERS.with_borrow_mut(with)
}

impl Trace {
    /// What was asked since the last call.
    pub(crate) fn take() -> Vec<Asked> {
        answers(|answers| core::mem::take(&mut answers.asked))
    }

    /// From now on a job's verification is advanced to this.
    pub(crate) fn set_progress(job: JobId, progress: Progress<AccountId, BlockNumber>) {
        answers(|answers| answers.progress.insert(job, progress));
    }

    /// From now on a provider has delegators.
    pub(crate) fn set_sharing(provider: AccountId) {
        answers(|answers| answers.sharing.insert(provider));
    }

    /// From now on a job's verification looks like this.
    pub(crate) fn set_view(job: JobId, view: VerificationView) {
        answers(|answers| answers.views.insert(job, view));
    }

    /// From now on every punishment comes to this; without one it fails.
    pub(crate) fn set_penalty(penalty: Option<Penalty<Balance>>) {
        answers(|answers| answers.penalty = penalty);
    }

    /// From now on a provider has this machine.
    pub(crate) fn set_hardware(provider: AccountId, hardware: Hardware) {
        answers(|answers| answers.hardware.insert(provider, hardware));
    }

    /// From now on so many percent of the samples are drawn of a provider's work.
    pub(crate) fn set_scrutiny(provider: AccountId, percent: u32) {
        answers(|answers| answers.scrutiny.insert(provider, percent));
    }

    /// From now on punishments take real money, out of a vault that stands for all stakes.
    pub(crate) fn arm() {
        answers(|answers| answers.armed = true);
    }

    /// What was burned by punishments.
    pub(crate) fn burned() -> Balance {
        answers(|answers| answers.burned)
    }

    /// From now on an asset is worth so many native tokens.
    pub(crate) fn set_rate(asset: AssetId, rate: Option<FixedU128>) {
        answers(|answers| match rate {
            Some(rate) => answers.rates.insert(asset, rate),
            None => answers.rates.remove(&asset),
        });
    }

    /// What a provider has locked.
    pub(crate) fn locked(provider: &AccountId) -> Balance {
        answers(|answers| {
            answers
                .stakes
                .get(provider)
                .map_or(0, |(_, locked)| *locked)
        })
    }
}

impl Stakes<AccountId, Balance> for Trace {
    fn worker(provider: &AccountId) -> Option<WorkerId> {
        answers(|answers| answers.stakes.contains_key(provider)).then(|| pair(provider).public())
    }

    fn provider_of(worker: &WorkerId) -> Option<AccountId> {
        answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>())
            .into_iter()
            .find(|provider| pair(provider).public() == *worker)
    }

    fn endpoint(_provider: &AccountId) -> Option<Endpoint> {
        None
    }

    fn free(provider: &AccountId) -> Balance {
        answers(|answers| {
            answers
                .stakes
                .get(provider)
                .map_or(0, |(stake, locked)| stake - locked)
        })
    }

    fn slashable(provider: &AccountId) -> Balance {
        answers(|answers| answers.stakes.get(provider).map_or(0, |(stake, _)| *stake))
    }

    fn hardware(provider: &AccountId) -> Option<Hardware> {
        answers(|answers| {
            let known = answers.stakes.contains_key(provider);
            known.then(|| answers.hardware.get(provider).cloned().unwrap_or_default())
        })
    }

    fn is_active(provider: &AccountId) -> bool {
        answers(|answers| {
            answers.stakes.contains_key(provider) && !answers.chilled.contains(provider)
        })
    }

    fn active_stake() -> Balance {
        let providers = answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>());
        let active = providers
            .iter()
            .filter(|provider| Self::is_active(provider));
        active.map(Self::slashable).sum()
    }

    fn draw(_seed: &[u8; 32], _wanted: u32, _excluded: &[AccountId]) -> Vec<AccountId> {
        Vec::new()
    }

    fn capable(bond: Balance, requirements: &Requirements) -> u32 {
        let providers = answers(|answers| answers.stakes.keys().cloned().collect::<Vec<_>>());
        let capable = providers.iter().filter(|provider| {
            Self::is_active(provider)
                && Self::free(provider) >= bond
                && Self::hardware(provider)
                    .is_some_and(|hardware| requirements.admit(provider, &hardware))
        });
        u32::try_from(capable.count()).expect("few providers")
    }

    fn earned(provider: &AccountId, amount: Balance) -> bool {
        answers(|answers| {
            answers.asked.push(Asked::Earned(provider.clone(), amount));
            answers.sharing.contains(provider)
        })
    }

    fn chill(provider: &AccountId) {
        answers(|answers| answers.chilled.insert(provider.clone()));
    }

    fn lock(provider: &AccountId, amount: Balance) -> DispatchResult {
        if Self::free(provider) < amount {
            return Err(TokenError::FundsUnavailable.into());
        }
        answers(|answers| {
            answers.asked.push(Asked::Lock(provider.clone(), amount));
            if let Some((_, locked)) = answers.stakes.get_mut(provider) {
                *locked += amount;
            }
        });
        Ok(())
    }

    fn unlock(provider: &AccountId, amount: Balance) {
        answers(|answers| {
            answers.asked.push(Asked::Unlock(provider.clone(), amount));
            if let Some((_, locked)) = answers.stakes.get_mut(provider) {
                *locked -= amount;
            }
        });
    }

    fn slash(
        _provider: &AccountId,
        _amount: Balance,
        _beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        Err(DispatchError::Other("this pallet never slashes by itself"))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        let provider = account(u8::try_from(seed).expect("few providers are set up"));
        let seed = polkadot_sdk::sp_core::bytes::to_hex(provider.as_ref(), false);
        let worker = WorkerId::generate_pair(Some(seed.into_bytes()));
        assert_eq!(worker, pair(&provider).public());
        answers(|answers| answers.stakes.insert(provider.clone(), (stake, 0)));
        provider
    }
}

impl Reputation<AccountId> for Trace {
    fn note(provider: &AccountId, deed: Deed) {
        answers(|answers| answers.asked.push(Asked::Note(provider.clone(), deed)));
    }

    fn standing(_provider: &AccountId) -> Standing {
        Standing::default()
    }

    fn scrutiny(provider: &AccountId) -> u32 {
        answers(|answers| answers.scrutiny.get(provider).copied().unwrap_or(100))
    }
}

impl Slashing<AccountId, Balance> for Trace {
    fn punish(charge: Charge<AccountId, Balance>) -> Result<Penalty<Balance>, DispatchError> {
        let armed = answers(|answers| {
            answers.asked.push(Asked::Punish(charge.clone()));
            answers.armed
        });
        if !armed {
            return answers(|answers| answers.penalty.ok_or(DispatchError::Unavailable));
        }
        // The default rule for a missed deadline, out of a vault that stands for all stakes; of a false report it
        // takes the price.
        let taken = match charge.offence {
            Offence::FalseReport => charge.price,
            _ => charge.bond,
        };
        let requester = match charge.requester {
            Some(requester) => {
                let share = (taken / 2).min(charge.price);
                let paid = Balances::transfer(&vault(), &requester, share, Preservation::Preserve);
                if paid.is_ok() { share } else { 0 }
            }
            None => 0,
        };
        let burned = taken - requester;
        Balances::burn_from(
            &vault(),
            burned,
            Preservation::Preserve,
            Precision::Exact,
            Fortitude::Force,
        )?;
        answers(|answers| answers.burned += burned);
        Ok(Penalty {
            taken,
            requester,
            burned,
            ..Penalty::default()
        })
    }
}

impl ConversionFromAssetBalance<Balance, AssetId, Balance> for Trace {
    type Error = DispatchError;

    fn from_asset_balance(balance: Balance, asset: AssetId) -> Result<Balance, DispatchError> {
        let rate = answers(|answers| answers.rates.get(&asset).copied());
        rate.map(|rate| rate.saturating_mul_int(balance))
            .ok_or(DispatchError::Unavailable)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn ensure_successful(asset: AssetId) {
        Self::set_rate(asset, Some(FixedU128::from_u32(1)));
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::Endow for Trace {
    fn endow(asset: AssetId, account: &AccountId, amount: Balance) {
        if !<Assets as fungibles::Inspect<AccountId>>::asset_exists(asset) {
            create_asset(asset);
        }
        Self::set_rate(asset, Some(FixedU128::from_u32(1)));
        give(asset, account, amount);
    }
}

impl Verification<AccountId, Balance, BlockNumber> for Trace {
    fn begin(
        job: JobId,
        commitment: Commitment<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        answers(|answers| answers.asked.push(Asked::Begin(job, commitment)));
        Ok(System::block_number() + 2)
    }

    fn advance(job: JobId, now: BlockNumber) -> Progress<AccountId, BlockNumber> {
        answers(|answers| {
            answers.asked.push(Asked::Advance(job, now));
            answers
                .progress
                .get(&job)
                .cloned()
                .unwrap_or(Progress::Wait(now + 1))
        })
    }

    fn advance_weight(_job: JobId, _now: BlockNumber) -> (Weight, Weight) {
        let most = Self::most_advance_weight();
        (most, most)
    }

    fn most_advance_weight() -> Weight {
        Weight::from_parts(1_000_000_000, 0)
    }

    fn enquire(
        job: JobId,
        enquiry: Enquiry<AccountId, Balance>,
    ) -> Result<BlockNumber, DispatchError> {
        answers(|answers| answers.asked.push(Asked::Enquire(job, enquiry)));
        Ok(System::block_number() + 2)
    }

    fn view(job: JobId) -> Option<VerificationView> {
        answers(|answers| answers.views.get(&job).cloned())
    }
}

impl OffchainPolicy<BlockNumber> for Trace {
    fn run(now: BlockNumber) {
        answers(|answers| answers.asked.push(Asked::Offchain(now)));
    }
}

/// Forgets everything, and sets up providers with so much stake.
pub(super) fn reset(providers: [AccountId; 2], stake: Balance) {
    answers(|answers| {
        *answers = Answers::default();
        answers.penalty = Some(Penalty::default());
        for provider in providers {
            answers.stakes.insert(provider, (stake, 0));
        }
    });
}
