// SPDX-License-Identifier: Apache-2.0
//! Stakes with delegators: a slash takes the provider's own first.

use super::{Balances, Test, UNBONDING, account, frame_support};
use assay_primitives::{
    AccountId, Balance, BlockNumber,
    duty::WorkerId,
    job::Endpoint,
    provider::{Hardware, Requirements},
    reputation::{Deed, Reputation, Standing},
    stake::{Slashed, Stakes},
};
use codec::{Decode, Encode};
use frame_support::{
    Twox64Concat, storage_alias,
    traits::{
        fungible::Mutate,
        tokens::{Fortitude, Precision, Preservation},
    },
};
use polkadot_sdk::{
    frame_system,
    sp_runtime::{DispatchError, DispatchResult},
};
use std::cell::{Cell, RefCell};

/// The stakes of the tests.
#[derive(Debug)]
pub struct Pools;

/// One provider's.
#[derive(Clone, Debug, Default, Encode, Decode)]
struct Pool {
    own: Balance,
    delegated: Balance,
    unbonding: Vec<(Balance, BlockNumber)>,
    chilled: bool,
}

impl Pool {
    fn own(&self) -> Balance {
        self.own + self.unbonding.iter().map(|(part, _)| part).sum::<Balance>()
    }

    fn all(&self) -> Balance {
        self.own() + self.delegated
    }

    fn take(&mut self, amount: Balance) -> Balance {
        let parts = core::iter::once(&mut self.own)
            .chain(self.unbonding.iter_mut().map(|(part, _)| part))
            .chain([&mut self.delegated]);
        let mut left = amount;
        for part in parts {
            let less = left.min(*part);
            *part -= less;
            left -= less;
        }
        amount - left
    }
}

#[storage_alias]
type AllPools =
    StorageMap<Mock, Twox64Concat, AccountId, Pool, frame_support::pallet_prelude::ValueQuery>;

thread_local! {
    static NOTED: RefCell<Vec<(AccountId, Deed)>> = RefCell::default();
    static FAILING: Cell<bool> = const { Cell::new(false) };
}

/// Has all stakes, and what it needs to exist.
pub(super) fn vault() -> AccountId {
    account(200)
}

/// Forgets what was recorded outside the chain.
pub(super) fn reset() {
    NOTED.take();
    FAILING.set(false);
}

/// The deeds noted since the last call.
pub(crate) fn noted() -> Vec<(AccountId, Deed)> {
    NOTED.take()
}

/// From now on slashing fails, or does not.
pub(crate) fn set_failing(failing: bool) {
    FAILING.set(failing);
}

/// A provider adds to its own stake.
pub(crate) fn bond(provider: &AccountId, amount: Balance) {
    Balances::transfer(provider, &vault(), amount, Preservation::Preserve).expect("it has as much");
    AllPools::mutate(provider, |pool| pool.own += amount);
}

/// Somebody adds to a provider's stake.
pub(crate) fn delegate(from: &AccountId, provider: &AccountId, amount: Balance) {
    Balances::transfer(from, &vault(), amount, Preservation::Preserve).expect("it has as much");
    AllPools::mutate(provider, |pool| pool.delegated += amount);
}

/// A provider takes its stake on the way out, and off it what is there long enough.
pub(crate) fn unbond(provider: &AccountId, amount: Balance) {
    let now = frame_system::Pallet::<Test>::block_number();
    let mut pool = AllPools::get(provider);
    let amount = amount.min(pool.own);
    pool.own -= amount;
    pool.unbonding.push((amount, now + UNBONDING));
    let (out, still): (Vec<_>, Vec<_>) =
        (pool.unbonding.into_iter()).partition(|(_, until)| *until <= now);
    pool.unbonding = still;
    AllPools::insert(provider, pool);
    let out: Balance = out.into_iter().map(|(part, _)| part).sum();
    if out > 0 {
        Balances::transfer(&vault(), provider, out, Preservation::Expendable)
            .expect("the vault has all stakes");
    }
}

/// Whether a provider is out of service.
pub(crate) fn chilled(provider: &AccountId) -> bool {
    AllPools::get(provider).chilled
}

/// What a provider and what its delegators have at stake.
pub(crate) fn parts(provider: &AccountId) -> (Balance, Balance) {
    let pool = AllPools::get(provider);
    (pool.own(), pool.delegated)
}

impl Stakes<AccountId, Balance> for Pools {
    fn worker(_: &AccountId) -> Option<WorkerId> {
        None
    }

    fn provider_of(_: &WorkerId) -> Option<AccountId> {
        None
    }

    fn endpoint(_: &AccountId) -> Option<Endpoint> {
        None
    }

    fn free(provider: &AccountId) -> Balance {
        AllPools::get(provider).own
    }

    fn slashable(provider: &AccountId) -> Balance {
        AllPools::get(provider).all()
    }

    fn own(provider: &AccountId) -> Balance {
        AllPools::get(provider).own()
    }

    fn hardware(_: &AccountId) -> Option<Hardware> {
        None
    }

    fn is_active(provider: &AccountId) -> bool {
        let pool = AllPools::get(provider);
        pool.all() > 0 && !pool.chilled
    }

    fn active_stake() -> Balance {
        AllPools::iter_values()
            .filter(|pool| !pool.chilled)
            .map(|pool| pool.own + pool.delegated)
            .sum()
    }

    fn draw(_: &[u8; 32], _: u32, _: &[AccountId]) -> Vec<AccountId> {
        Vec::new()
    }

    fn capable(_: Balance, _: &Requirements) -> u32 {
        0
    }

    fn earned(_: &AccountId, _: Balance) -> bool {
        false
    }

    fn chill(provider: &AccountId) {
        AllPools::mutate(provider, |pool| pool.chilled = true);
    }

    fn lock(_: &AccountId, _: Balance) -> DispatchResult {
        Ok(())
    }

    fn unlock(_: &AccountId, _: Balance) {}

    fn slash(
        provider: &AccountId,
        amount: Balance,
        beneficiaries: &[(AccountId, Balance)],
    ) -> Result<Slashed<Balance>, DispatchError> {
        let taken = AllPools::mutate(provider, |pool| pool.take(amount));
        if FAILING.get() {
            return Err(DispatchError::Unavailable);
        }
        let mut left = taken;
        let paid = (beneficiaries.iter())
            .map(|(beneficiary, share)| {
                let share = left.min(*share);
                let arrived = *beneficiary != *provider
                    && Balances::transfer(&vault(), beneficiary, share, Preservation::Expendable)
                        .is_ok();
                let paid = if arrived { share } else { 0 };
                left -= paid;
                paid
            })
            .collect();
        if left > 0 {
            Balances::burn_from(
                &vault(),
                left,
                Preservation::Expendable,
                Precision::Exact,
                Fortitude::Force,
            )?;
        }
        Ok(Slashed {
            taken,
            paid,
            burned: left,
        })
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_provider(seed: u32, stake: Balance) -> AccountId {
        let provider = AccountId::new([u8::try_from(100 + seed).expect("few are set up"); 32]);
        Balances::mint_into(&provider, stake + ENDOWMENT).expect("there is room");
        bond(&provider, stake);
        provider
    }
}

#[cfg(feature = "runtime-benchmarks")]
use super::ENDOWMENT;

impl Reputation<AccountId> for Pools {
    fn note(provider: &AccountId, deed: Deed) {
        NOTED.with_borrow_mut(|noted| noted.push((provider.clone(), deed)));
    }

    fn standing(_: &AccountId) -> Standing {
        Standing::default()
    }

    fn scrutiny(_: &AccountId) -> u32 {
        100
    }
}
