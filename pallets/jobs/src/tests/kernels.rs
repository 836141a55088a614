// SPDX-License-Identifier: Apache-2.0
//! `register_kernel` and `remove_kernel`.

use crate::{
    Error, Event, HoldReason, KernelCode, Kernels, frame_support,
    mock::{
        ENDOWMENT, JobsPallet, RuntimeOrigin, Test, TestExt, account, author, events, free, held,
        kernel, kernel_hash, post, requester,
    },
    sp_runtime,
};
use assay_kernel::program::{LoopKind, Op};
use codec::Encode;
use frame_support::{BoundedVec, assert_noop, assert_ok, traits::ConstU32};
use sp_runtime::{DispatchError, TokenError};

type Code = BoundedVec<u8, ConstU32<65_536>>;

fn code(kernel: &assay_kernel::Kernel) -> Code {
    kernel.encode().try_into().expect("the kernel is short")
}

fn register(code: Code) -> sp_runtime::DispatchResult {
    JobsPallet::register_kernel(RuntimeOrigin::signed(author()), code)
}

#[test]
fn kernel_is_stored_under_its_blake3_hash_when_registered() {
    TestExt::bare(|| {
        let code = code(&kernel());
        let hash = kernel_hash(&kernel());
        let deposit = 100 + u128::try_from(code.len()).expect("short");

        assert_ok!(register(code.clone()));

        let record = Kernels::<Test>::get(hash).expect("registered");
        assert_eq!(
            (
                record.owner,
                record.deposit,
                record.inputs,
                record.tile_words,
                record.users
            ),
            (author(), deposit, 1, 256, 0)
        );
        assert_eq!(KernelCode::<Test>::get(hash), Some(code));
        assert_eq!(held(HoldReason::Kernel, &author()), deposit);
        assert_eq!(free(&author()), ENDOWMENT - deposit);
        assert_eq!(
            events(),
            [Event::KernelRegistered {
                kernel: hash,
                owner: author(),
                deposit,
                tile_fuel: record.tile_fuel,
            }]
        );
        assert!(record.tile_fuel > 0);
    });
}

#[test]
fn register_is_refused_when_not_signed() {
    TestExt::bare(|| {
        assert_noop!(
            JobsPallet::register_kernel(RuntimeOrigin::none(), code(&kernel())),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn register_is_refused_when_bytes_are_no_kernel() {
    TestExt::bare(|| {
        let mut short = code(&kernel());
        short.truncate(5);
        assert_noop!(register(short), Error::<Test>::KernelMalformed);
        assert_noop!(register(Code::default()), Error::<Test>::KernelMalformed);
    });
}

#[test]
fn register_is_refused_when_bytes_follow_the_kernel() {
    TestExt::bare(|| {
        let mut long = code(&kernel());
        long.try_push(0).expect("the kernel is short");
        assert_noop!(register(long), Error::<Test>::KernelMalformed);
    });
}

#[test]
fn register_is_refused_when_the_validator_finds_a_broken_rule() {
    TestExt::bare(|| {
        let mut broken = kernel();
        broken.version = 99;
        assert_noop!(register(code(&broken)), Error::<Test>::KernelInvalid(0));
        let mut broken = kernel();
        broken.code.pop();
        assert_noop!(register(code(&broken)), Error::<Test>::KernelInvalid(13));
    });
}

#[test]
fn register_is_refused_when_a_tile_can_burn_too_much_fuel() {
    TestExt::bare(|| {
        let mut endless = kernel();
        endless.code = vec![
            Op::Repeat(LoopKind::Uniform, u32::MAX),
            Op::Repeat(LoopKind::Uniform, u32::MAX),
            Op::Store(1, 0, 1),
            Op::End,
            Op::End,
        ];
        assert_noop!(register(code(&endless)), Error::<Test>::KernelTooExpensive);
    });
}

#[test]
fn register_is_refused_when_already_registered() {
    TestExt::execute(|| {
        assert_noop!(register(code(&kernel())), Error::<Test>::KernelExists);
        assert_noop!(
            JobsPallet::register_kernel(RuntimeOrigin::signed(requester()), code(&kernel())),
            Error::<Test>::KernelExists
        );
    });
}

#[test]
fn register_is_refused_when_the_deposit_cannot_be_held() {
    TestExt::bare(|| {
        assert_noop!(
            JobsPallet::register_kernel(RuntimeOrigin::signed(account(77)), code(&kernel())),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn kernel_is_gone_and_the_deposit_back_when_removed() {
    TestExt::execute(|| {
        let hash = kernel_hash(&kernel());
        let deposit = held(HoldReason::Kernel, &author());
        assert!(deposit > 0);

        assert_ok!(JobsPallet::remove_kernel(
            RuntimeOrigin::signed(author()),
            hash
        ));

        assert!(!Kernels::<Test>::contains_key(hash));
        assert!(!KernelCode::<Test>::contains_key(hash));
        assert_eq!(held(HoldReason::Kernel, &author()), 0);
        assert_eq!(free(&author()), ENDOWMENT);
        assert_eq!(
            events(),
            [Event::KernelRemoved {
                kernel: hash,
                owner: author(),
                deposit,
            }]
        );
    });
}

#[test]
fn remove_is_refused_when_not_the_owner() {
    TestExt::execute(|| {
        let hash = kernel_hash(&kernel());
        assert_noop!(
            JobsPallet::remove_kernel(RuntimeOrigin::signed(requester()), hash),
            Error::<Test>::NotOwner
        );
        assert_noop!(
            JobsPallet::remove_kernel(RuntimeOrigin::none(), hash),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn remove_is_refused_when_unknown() {
    TestExt::execute(|| {
        assert_noop!(
            JobsPallet::remove_kernel(RuntimeOrigin::signed(author()), [0; 32]),
            Error::<Test>::UnknownKernel
        );
    });
}

#[test]
fn remove_is_refused_until_no_job_uses_the_kernel() {
    TestExt::execute(|| {
        let hash = kernel_hash(&kernel());
        let id = post();
        assert_noop!(
            JobsPallet::remove_kernel(RuntimeOrigin::signed(author()), hash),
            Error::<Test>::KernelInUse
        );
        assert_ok!(JobsPallet::cancel(RuntimeOrigin::signed(requester()), id));
        assert_ok!(JobsPallet::remove_kernel(
            RuntimeOrigin::signed(author()),
            hash
        ));
    });
}
