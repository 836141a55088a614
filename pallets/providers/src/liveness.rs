// SPDX-License-Identifier: Apache-2.0
//! Who is there: heartbeats, and what becomes of those without.

use crate::{
    Config, Error, Event, PATIENCE, Pallet, Providers, SWEEP_STEPS, Slots, SweepCursor, WeightInfo,
    frame_support, frame_system, sp_runtime,
};
use assay_primitives::{
    AccountId, BlockNumber,
    duty::{PRIORITY, WorkerSignature, heartbeat_payload},
};
use frame_support::{ensure, traits::Get, weights::WeightMeter};
use polkadot_sdk::sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
    DispatchResult,
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
    },
};

impl<T: Config> Pallet<T> {
    /// Admits a heartbeat to the pool and to a block: one per provider and period, signed by its worker key.
    pub(crate) fn authorize_heartbeat(
        _source: TransactionSource,
        provider: &AccountId,
        period: &u32,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let record = Providers::<T>::get(provider).ok_or(InvalidTransaction::BadSigner)?;
        Self::ensure_due(&record, *period).map_err(|error| match error {
            Error::<T>::HeartbeatEarly => InvalidTransaction::Future,
            _ => InvalidTransaction::Stale,
        })?;
        let genesis = frame_system::Pallet::<T>::block_hash(0);
        let payload = heartbeat_payload(genesis, provider, *period);
        if !record.worker.verify(&payload, signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let now = frame_system::Pallet::<T>::block_number();
        let left = Self::first_block_of(period.saturating_add(1)).saturating_sub(now);
        ValidTransaction::with_tag_prefix("AssayHeartbeat")
            .and_provides((provider, period))
            // After the duties, which have less time, and before all that is paid for: whoever fills blocks must not
            // keep others from showing that they are there.
            .priority(PRIORITY.saturating_sub(1))
            .longevity(left.max(1).into())
            .propagate(true)
            .build()
            .map(|valid| (valid, Default::default()))
    }

    /// Whether a provider can show itself in a period. Who has not the least stake would gain nothing by it.
    fn ensure_due(record: &crate::types::Provider, period: u32) -> Result<(), Error<T>> {
        let now = Self::period();
        ensure!(period >= now, Error::<T>::HeartbeatLate);
        ensure!(period == now, Error::<T>::HeartbeatEarly);
        ensure!(record.heartbeat < period, Error::<T>::HeartbeatKnown);
        ensure!(record.slot.is_some(), Error::<T>::StakeTooSmall);
        Ok(())
    }

    pub(crate) fn do_heartbeat(who: AccountId, period: u32) -> DispatchResult {
        Self::change(&who, |provider| {
            Self::ensure_due(provider, period)?;
            provider.heartbeat = period;
            Ok(())
        })
    }

    pub(crate) fn do_chill(signer: AccountId) -> DispatchResult {
        let (who, _) = Self::on_behalf_of(signer)?;
        let provider = Providers::<T>::get(&who).ok_or(Error::<T>::NotProvider)?;
        ensure!(!provider.chilled, Error::<T>::AlreadyChilled);
        Self::put_on_ice(&who);
        Ok(())
    }

    pub(crate) fn do_resume(signer: AccountId) -> DispatchResult {
        let (who, _) = Self::on_behalf_of(signer)?;
        Self::change(&who, |provider| {
            ensure!(provider.chilled, Error::<T>::NotChilled);
            provider.chilled = false;
            Self::deposit_event(Event::Resumed {
                provider: who.clone(),
            });
            Ok(())
        })
    }

    /// Takes a provider out of service, if it is one and is not out already.
    pub(crate) fn put_on_ice(who: &AccountId) {
        let _who_is_no_provider_has_nothing_to_stop = Self::change(who, |provider| {
            if !core::mem::replace(&mut provider.chilled, true) {
                Self::deposit_event(Event::Chilled {
                    provider: who.clone(),
                });
            }
            Ok(())
        });
    }

    /// Looks at the next few places for providers that have not shown themselves.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::sweep()).is_err() {
            return;
        }
        let places = Slots::<T>::count();
        let mut cursor = SweepCursor::<T>::get();
        for _ in 0..SWEEP_STEPS.min(places) {
            if meter.try_consume(T::WeightInfo::sweep_step()).is_err() {
                break;
            }
            if cursor >= places {
                cursor = 0;
            }
            if let Some(who) = Slots::<T>::get(cursor) {
                Self::look_at(&who);
            }
            cursor = cursor.saturating_add(1);
        }
        SweepCursor::<T>::put(cursor);
    }

    /// Makes a provider inactive that has not shown itself.
    pub(crate) fn look_at(who: &AccountId) {
        let gone = Providers::<T>::get(who)
            .is_some_and(|provider| provider.active && !Self::is_alive(provider.heartbeat));
        if gone {
            let _it_has_its_place_already = Self::change(who, |_| Ok(()));
        }
    }

    /// The first block of a period.
    fn first_block_of(period: u32) -> BlockNumber {
        period.saturating_mul(T::HeartbeatPeriod::get())
    }

    /// The last block in which who has shown itself last in a period counts as alive.
    pub(crate) fn alive_until(heartbeat: u32) -> BlockNumber {
        Self::first_block_of(heartbeat.saturating_add(PATIENCE).saturating_add(1)).saturating_sub(1)
    }
}
