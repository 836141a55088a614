// SPDX-License-Identifier: Apache-2.0
//! Balances and what an extrinsic costs.

use crate::{Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System};
use assay_primitives::{Balance, MILLI_UNIT};
use frame_support::{
    traits::{ConstU8, ConstU32, ConstU128, VariantCountOf},
    weights::{
        WeightToFeeCoefficient, WeightToFeeCoefficients, WeightToFeePolynomial,
        constants::ExtrinsicBaseWeight,
    },
};
use pallet_transaction_payment::{ConstFeeMultiplier, FungibleAdapter, Multiplier};
use polkadot_sdk::{frame_support, pallet_balances, pallet_transaction_payment, sp_runtime};
use sp_runtime::{Perbill, traits::One};

/// The least balance of an account; below it the account ceases to exist.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_UNIT;

/// The fee of an extrinsic that does nothing: a tenth of a thousandth of a token.
const BASE_FEE: Balance = MILLI_UNIT / 10;

/// The fee for each byte of an extrinsic.
const BYTE_FEE: Balance = MILLI_UNIT / 10_000;

impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type DoneSlashHandler = ();
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type MaxLocks = ConstU32<0>;
    type MaxReserves = ConstU32<0>;
    type ReserveIdentifier = [u8; 8];
    type RuntimeEvent = RuntimeEvent;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Fees proportional to weight, such that an extrinsic of the base weight costs [`BASE_FEE`].
#[derive(Debug)]
pub struct WeightToFee;

impl WeightToFeePolynomial for WeightToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        let base_weight = Balance::from(ExtrinsicBaseWeight::get().ref_time());
        let coefficient = WeightToFeeCoefficient {
            coeff_integer: BASE_FEE / base_weight,
            coeff_frac: Perbill::from_rational(BASE_FEE % base_weight, base_weight),
            degree: 1,
            negative: false,
        };
        core::iter::once(coefficient).collect()
    }
}

/// Fees proportional to length.
#[derive(Debug)]
pub struct LengthToFee;

impl WeightToFeePolynomial for LengthToFee {
    type Balance = Balance;

    fn polynomial() -> WeightToFeeCoefficients<Balance> {
        let coefficient = WeightToFeeCoefficient {
            coeff_integer: BYTE_FEE,
            coeff_frac: Perbill::zero(),
            degree: 1,
            negative: false,
        };
        core::iter::once(coefficient).collect()
    }
}

frame_support::parameter_types! {
    pub FeeMultiplier: Multiplier = Multiplier::one();
}

impl pallet_transaction_payment::Config for Runtime {
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
    type LengthToFee = LengthToFee;
    // Fees are burned.
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
    type WeightToFee = WeightToFee;
}
