// SPDX-License-Identifier: Apache-2.0
//! The chain used at random: no money appears or disappears, and every invariant holds after every act.

use crate::{
    Agenda, Assignments, Auctions, Event, Expiries, HoldReason, Jobs, KernelCode, Kernels,
    LiveJobs, Receipts, Unclaimed, frame_support, frame_system,
    mock::{
        ASSET, Assets, Balances, JobsPallet, RuntimeOrigin, System, Test, TestExt, Trace, account,
        held, held_asset, kernel, kernel_hash, list_asset, one, provider, rival, run_to, run_with,
        signature, spec, worker_account,
    },
    types::Stage,
};
use assay_kernel::Kernel;
use assay_primitives::{
    AccountId, Balance, BlockNumber, JobId,
    job::AssetId,
    reason::Offence,
    stake::Stakes,
    verification::{JobBook, Progress, Verdict},
};
use codec::Encode;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        fungibles,
        tokens::{Fortitude, Precision, Preservation},
    },
    weights::Weight,
};
use frame_system::RawOrigin;
use proptest::prelude::*;

/// Requesters and providers of the acts.
const PARTIES: core::ops::RangeInclusive<u8> = 1..=6;

/// Something that somebody does, or time that passes. Jobs are named by their place among the first few.
#[derive(Clone, Debug)]
enum Act {
    Register {
        by: u8,
    },
    Remove {
        by: u8,
    },
    Post {
        by: u8,
        floor: Balance,
        span: Balance,
        auction: u32,
        compute: u32,
        wide: bool,
        asset: bool,
        other: bool,
    },
    Cancel {
        by: u8,
        job: JobId,
    },
    Extend {
        by: u8,
        job: JobId,
        blocks: u32,
    },
    Accept {
        by: bool,
        job: JobId,
        at_least: Balance,
    },
    Commit {
        job: JobId,
        root: u8,
    },
    Report {
        by: Option<bool>,
        job: JobId,
    },
    Conclude {
        job: JobId,
        verdict: Verdict<AccountId>,
    },
    Decide {
        job: JobId,
        verdict: Verdict<AccountId>,
    },
    Hasten {
        job: JobId,
        due: u32,
    },
    Claim {
        holder: u8,
        account: u8,
    },
    Scrutinise {
        by: bool,
        percent: u32,
    },
    Chill {
        by: bool,
    },
    Spend {
        by: u8,
        all: bool,
    },
    Close {
        who: u8,
        open: bool,
    },
    Freeze {
        thaw: bool,
    },
    Wait {
        blocks: u32,
        idle: u64,
    },
}

fn verdict() -> impl Strategy<Value = Verdict<AccountId>> {
    let verifiers = || {
        prop::collection::vec((40u8..45, 0u32..120), 0..4).prop_map(|drawn| {
            drawn
                .into_iter()
                .map(|(seed, tiles)| (account(seed), tiles))
                .collect::<Vec<_>>()
        })
    };
    prop_oneof![
        2 => verifiers().prop_map(|verifiers| Verdict::Upheld { verifiers }),
        1 => (verifiers(), any::<bool>()).prop_map(|(verifiers, wrong)| Verdict::Convicted {
            offence: if wrong {
                Offence::WrongResult
            } else {
                Offence::Withheld
            },
            reporter: None,
            verifiers,
        }),
        1 => verifiers().prop_map(|verifiers| Verdict::Unavailable { verifiers }),
        2 => verifiers().prop_map(|verifiers| Verdict::Available { verifiers }),
        1 => Just(Verdict::Unverified),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let job = || 0..12u64;
    let party = || PARTIES;
    prop_oneof![
        1 => party().prop_map(|by| Act::Register { by }),
        1 => party().prop_map(|by| Act::Remove { by }),
        6 => (
            (party(), 0u128..2_000, 0u128..200_000, 1u32..12, 1u32..12),
            (any::<bool>(), any::<bool>(), any::<bool>()),
        )
            .prop_map(|((by, floor, span, auction, compute), (wide, asset, other))| Act::Post {
                by, floor, span, auction, compute, wide, asset, other
            }),
        1 => (party(), job()).prop_map(|(by, job)| Act::Cancel { by, job }),
        2 => (party(), job(), 0u32..120).prop_map(|(by, job, blocks)| Act::Extend { by, job, blocks }),
        8 => (any::<bool>(), job(), 0u128..2_000)
            .prop_map(|(by, job, at_least)| Act::Accept { by, job, at_least }),
        4 => (job(), any::<u8>()).prop_map(|(job, root)| Act::Commit { job, root }),
        3 => (prop::option::of(any::<bool>()), job()).prop_map(|(by, job)| Act::Report { by, job }),
        3 => (job(), verdict()).prop_map(|(job, verdict)| Act::Conclude { job, verdict }),
        2 => (job(), verdict()).prop_map(|(job, verdict)| Act::Decide { job, verdict }),
        1 => (job(), 0u32..100).prop_map(|(job, due)| Act::Hasten { job, due }),
        1 => (1u8..=9, 1u8..=9).prop_map(|(holder, account)| Act::Claim { holder, account }),
        1 => (any::<bool>(), 0u32..300).prop_map(|(by, percent)| Act::Scrutinise { by, percent }),
        1 => any::<bool>().prop_map(|by| Act::Chill { by }),
        1 => (party(), any::<bool>()).prop_map(|(by, all)| Act::Spend { by, all }),
        1 => (1u8..=9, any::<bool>()).prop_map(|(who, open)| Act::Close { who, open }),
        1 => any::<bool>().prop_map(|thaw| Act::Freeze { thaw }),
        6 => (1u32..12, 0u64..20_000_000_000).prop_map(|(blocks, idle)| Act::Wait { blocks, idle }),
    ]
}

/// A kernel that comes and goes.
fn other_kernel() -> Kernel {
    Kernel {
        tile_words: 512,
        ..kernel()
    }
}

fn who(first: bool) -> AccountId {
    if first { provider() } else { rival() }
}

/// Does it; a refusal is as good as an acceptance, as long as it leaves no trace.
fn perform(act: Act) {
    let issuance = Balances::total_issuance() + Trace::burned();
    let in_asset = <Assets as fungibles::Inspect<AccountId>>::total_issuance(ASSET);
    let before = System::read_events_for_pallet::<Event<Test>>().len();
    let mut spent = (0, 0);
    let signed = |by| RuntimeOrigin::signed(account(by));
    let done = match act {
        Act::Register { by } => {
            let code = other_kernel().encode().try_into().expect("short");
            JobsPallet::register_kernel(signed(by), code)
        }
        Act::Remove { by } => JobsPallet::remove_kernel(signed(by), kernel_hash(&other_kernel())),
        Act::Post {
            by,
            floor,
            span,
            auction,
            compute,
            wide,
            asset,
            other,
        } => {
            let mut spec = spec();
            if other {
                spec.passes[0].kernel = kernel_hash(&other_kernel());
                spec.checker = Some(spec.passes[0].clone());
            }
            if wide {
                spec.passes[0].grid = [200, 1, 1];
                spec.assurance = assay_verifier::sampling::Assurance::DEFAULT;
            }
            spec.price.floor = floor;
            spec.price.ceiling = floor + span;
            spec.auction = auction;
            spec.compute = compute;
            spec.asset = asset.then_some(ASSET);
            JobsPallet::post(signed(by), spec)
        }
        Act::Cancel { by, job } => JobsPallet::cancel(signed(by), job),
        Act::Extend { by, job, blocks } => JobsPallet::extend(signed(by), job, blocks),
        Act::Accept { by, job, at_least } => {
            let who = if by {
                provider()
            } else {
                worker_account(&rival())
            };
            JobsPallet::accept(RuntimeOrigin::signed(who), job, at_least)
                .map(|_| ())
                .map_err(|failed| failed.error)
        }
        Act::Commit { job, root } => JobsPallet::commit(
            RawOrigin::Authorized.into(),
            job,
            one([root; 32]),
            signature(&provider(), job, [root; 32]),
        ),
        Act::Report { by, job } => {
            let origin = match by {
                Some(by) => RuntimeOrigin::signed(who(by)),
                None => RawOrigin::Authorized.into(),
            };
            JobsPallet::report(origin, job, None)
        }
        Act::Conclude { job, verdict } => <JobsPallet as JobBook<_, _>>::conclude(job, verdict),
        Act::Decide { job, verdict } => {
            Trace::set_progress(job, Progress::Over(verdict));
            Ok(())
        }
        Act::Hasten { job, due } => <JobsPallet as JobBook<_, _>>::hasten(job, due),
        Act::Claim {
            holder,
            account: to,
        } => JobsPallet::claim(signed(1), ASSET, account(holder), account(to)),
        Act::Scrutinise { by, percent } => {
            Trace::set_scrutiny(who(by), percent);
            Ok(())
        }
        Act::Chill { by } => {
            <Trace as Stakes<_, _>>::chill(&who(by));
            Ok(())
        }
        Act::Spend { by, all } => {
            spent = spend(&account(by), all);
            Ok(())
        }
        Act::Close { who, open } => {
            let issuer = signed(8);
            if open {
                Assets::thaw(issuer, ASSET, account(who))
            } else {
                Assets::block(issuer, ASSET, account(who))
            }
        }
        Act::Freeze { thaw } => {
            let issuer = signed(8);
            if thaw {
                Assets::thaw_asset(issuer, ASSET)
            } else {
                Assets::freeze_asset(issuer, ASSET)
            }
        }
        Act::Wait { blocks, idle } => {
            let idle = Weight::from_parts(idle, u64::MAX);
            run_with(System::block_number() + blocks, idle);
            Ok(())
        }
    };
    if done.is_err() {
        assert_eq!(
            before,
            System::read_events_for_pallet::<Event<Test>>().len(),
            "a refused call leaves no event"
        );
    }
    assert_eq!(
        issuance,
        Balances::total_issuance() + Trace::burned() + spent.0
    );
    assert_eq!(
        in_asset,
        <Assets as fungibles::Inspect<AccountId>>::total_issuance(ASSET) + spent.1
    );
    let bonds = |who: &AccountId| -> Balance {
        Jobs::<Test>::iter_values()
            .filter_map(|job| job.contract().cloned())
            .filter(|contract| contract.provider == *who)
            .map(|contract| contract.bond)
            .sum()
    };
    for who in [provider(), rival()] {
        assert_eq!(
            Trace::locked(&who),
            bonds(&who),
            "a bond is locked exactly while its job is alive"
        );
    }
    JobsPallet::do_try_state().expect("every invariant holds");
}

/// An account spends nearly all or all that it has, so that it may be reaped. How much of the native token and of the asset.
fn spend(account: &AccountId, all: bool) -> (Balance, Balance) {
    let preservation = if all {
        Preservation::Expendable
    } else {
        Preservation::Preserve
    };
    let issuance =
        |asset: AssetId| <Assets as fungibles::Inspect<AccountId>>::total_issuance(asset);
    let before = (Balances::total_issuance(), issuance(ASSET));
    // Who has nothing spends nothing.
    let _ = <Balances as Mutate<_>>::burn_from(
        account,
        Balances::reducible_balance(account, preservation, Fortitude::Polite),
        preservation,
        Precision::BestEffort,
        Fortitude::Polite,
    );
    let _ = <Assets as fungibles::Mutate<_>>::burn_from(
        ASSET,
        account,
        <Assets as fungibles::Inspect<_>>::reducible_balance(
            ASSET,
            account,
            preservation,
            Fortitude::Polite,
        ),
        preservation,
        Precision::BestEffort,
        Fortitude::Polite,
    );
    let after = (Balances::total_issuance(), issuance(ASSET));
    (before.0 - after.0, before.1 - after.1)
}

/// In how many blocks a job of the acts is over, if verifications and enquiries answer when they are asked first: each
/// round an auction or a rescue, then a computation that was extended as far as it goes, then the answer, and each time
/// the jobs that fall due in the same block, two of which are done in one.
const LONGEST_LIFE: BlockNumber = 3 * ((12 + 1 + 4) + (100 + 1 + 4) + (2 + 1 + 4));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn invariants_hold_whatever_is_done(acts in prop::collection::vec(act(), 1..80)) {
        TestExt::execute(|| {
            Trace::arm();
            list_asset();
            acts.into_iter().for_each(perform);
        });
    }

    #[test]
    fn every_job_ends_by_itself_and_leaves_nothing_held(acts in prop::collection::vec(act(), 1..40)) {
        TestExt::execute(|| {
            Trace::arm();
            list_asset();
            acts.into_iter().for_each(perform);
            for (id, job) in Jobs::<Test>::iter() {
                let verdict = match job.stage {
                    Stage::Enquiring { .. } => Verdict::Unverified,
                    _ => Verdict::Upheld { verifiers: vec![] },
                };
                Trace::set_progress(id, Progress::Over(verdict));
            }
            run_to(System::block_number() + LONGEST_LIFE);
            assert_eq!(Jobs::<Test>::count(), 0);
            assert_eq!(Agenda::<Test>::iter().count(), 0);
            assert_eq!(Auctions::<Test>::iter().count(), 0);
            assert_eq!(Assignments::<Test>::iter().count(), 0);
            assert_eq!(LiveJobs::<Test>::iter().count(), 0);
            // Accounts that were closed are opened again, and take what is theirs.
            let issuer = || RuntimeOrigin::signed(account(8));
            let _ = Assets::thaw_asset(issuer(), ASSET);
            for (key, _) in Unclaimed::<Test>::iter().collect::<Vec<_>>() {
                let (asset, holder, to) = key;
                let _ = Assets::thaw(issuer(), asset, to.clone());
                crate::mock::give(asset, &to, 5);
                JobsPallet::claim(RuntimeOrigin::signed(account(1)), asset, holder, to)
                    .expect("the account is open");
            }
            // So are kernels removed, and receipts forgotten.
            for (hash, record) in Kernels::<Test>::iter().collect::<Vec<_>>() {
                assert_eq!(record.users, 0);
                JobsPallet::remove_kernel(RuntimeOrigin::signed(record.owner), hash)
                    .expect("no job uses it");
            }
            run_to(System::block_number() + 21);
            assert_eq!(Receipts::<Test>::iter().count(), 0);
            assert_eq!(Expiries::<Test>::iter().count(), 0);
            assert_eq!(KernelCode::<Test>::iter().count(), 0);
            for seed in PARTIES {
                assert_eq!(held(HoldReason::Kernel, &account(seed)), 0);
                assert_eq!(held(HoldReason::Escrow, &account(seed)), 0);
                assert_eq!(held(HoldReason::Deposit, &account(seed)), 0);
                assert_eq!(held_asset(&account(seed)), 0);
            }
        });
    }
}
