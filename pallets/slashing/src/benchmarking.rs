// SPDX-License-Identifier: Apache-2.0
//! What every call costs.

use crate::{Call, Config, Pallet, Rules, rules::Rule};
use assay_primitives::reason::Offence;
use polkadot_sdk::{
    frame_benchmarking::v2::{BenchmarkError, benchmarks, impl_test_function},
    frame_support::traits::EnsureOrigin,
};

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_rule() -> Result<(), BenchmarkError> {
        let origin =
            T::RuleOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let rule = Rule::default_for(Offence::WrongResult);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Offence::WrongResult, rule);

        assert_eq!(Rules::<T>::get(Offence::WrongResult), Some(rule));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::chain(), crate::mock::Test);
}
