// SPDX-License-Identifier: Apache-2.0
//! A fork that drops what was done for jobs: everything is done again on the one that wins, and counts once.

use anyhow::{Context, Result, ensure};
use assay_cli::{
    account,
    chain::types::{JobStatus, JobView, Reason},
};
use assay_tests::{
    kernel,
    ledger::Reader,
    mesh::{Mesh, Role},
    network::spawn_assay,
};
use std::process::Child;
use subxt::utils::AccountId32;
use tempfile::TempDir;

const ALICE: usize = 0;
const BOB: usize = 1;

/// The providers' nodes, by the side that they are on: two whose fork is dropped, two whose fork is kept.
const DROPPED: [usize; 2] = [2, 3];
const KEPT: [usize; 2] = [4, 5];

/// The stashes of these four.
const STASHES: [(usize, &str); 4] = [
    (DROPPED[0], "//Charlie"),
    (DROPPED[1], "//Dave"),
    (KEPT[0], "//Eve"),
    (KEPT[1], "//Ferdie"),
];

/// A job that both forks have, and one that only the fork knows that is dropped.
const SHARED: u64 = 0;
const LATE: u64 = 1;

fn account_of(stash: &str) -> Result<AccountId32> {
    Ok(account::of(&account::signer(stash)?))
}

fn provider_of(view: &JobView) -> Option<AccountId32> {
    match &view.status {
        JobStatus::Computing { provider, .. } | JobStatus::Verifying { provider, .. } => {
            Some(*provider)
        }
        JobStatus::Closed { provider, .. } => *provider,
        _ => None,
    }
}

/// What was drawn of a job: its tiles and who looks at them.
fn drawn(view: &JobView) -> Option<(Vec<u32>, Vec<AccountId32>)> {
    match &view.status {
        JobStatus::Verifying { tiles, panel, .. } if !tiles.is_empty() => {
            let panel = panel.iter().map(|seat| seat.verifier).collect();
            Some((tiles.clone(), panel))
        }
        _ => None,
    }
}

/// A requester's command that posts a job at a node whose fork is dropped, and watches it.
struct Command {
    process: Child,
    folder: TempDir,
}

impl Command {
    fn post(mesh: &Mesh, signer: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let [store, output, log] = ["store", "result.bin", "log"]
            .map(|name| folder.path().join(name).display().to_string());
        let file = kernel::write_job(folder.path())?.display().to_string();
        let arguments = [
            "job",
            "post",
            &file,
            "--signer",
            signer,
            "--store",
            &store,
            "--output",
            &output,
            "--auction",
            "200",
        ];
        let process = spawn_assay(mesh.url(DROPPED[0])?, &arguments, log.as_ref())?;
        Ok(Self { process, folder })
    }

    /// Waits for its end.
    async fn succeeds(self) -> Result<()> {
        let Self {
            mut process,
            folder,
        } = self;
        let status = tokio::task::spawn_blocking(move || process.wait()).await??;
        let said = std::fs::read_to_string(folder.path().join("log"))?;
        ensure!(status.success(), "{said}");
        assert_eq!(
            std::fs::read(folder.path().join("result.bin"))?,
            kernel::output()
        );
        Ok(())
    }
}

/// Waits until a job, as a node sees it, is as it should be.
async fn job<T>(
    mesh: &Mesh,
    place: usize,
    id: u64,
    ready: impl Fn(&JobView) -> Option<T>,
) -> Result<T> {
    let chain = mesh.chain(place).await?;
    mesh.wait(&format!("job {id} at node {place}"), async || {
        Ok(chain.job(id).await?.as_ref().and_then(&ready))
    })
    .await
}

/// Takes a provider out of service or back, and waits until its node sees it so.
async fn set_active(mesh: &Mesh, place: usize, stash: &str, active: bool) -> Result<()> {
    let call = if active { "resume" } else { "chill" };
    let signer = account::signer(stash)?;
    mesh.submit(place, &signer, "Providers", call, ()).await?;
    let (chain, account) = (mesh.chain(place).await?, account_of(stash)?);
    mesh.wait(call, async || {
        let view = chain.provider(&account).await?;
        Ok(view
            .filter(|provider| provider.active == active)
            .map(|_| ()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_settle_once_when_the_fork_they_were_worked_on_is_dropped() -> Result<()> {
    let roles = [
        Role::Validator("alice"),
        Role::Validator("bob"),
        Role::Provider,
        Role::Provider,
        Role::Provider,
        Role::Provider,
    ];
    let mut mesh = Mesh::start(&roles).await?;
    let all: Vec<usize> = (0..roles.len()).collect();
    mesh.join(&all).await?;
    for place in all.iter().copied() {
        mesh.wait_for_block(place, 2).await?;
    }
    let registering = STASHES.map(|(place, stash)| mesh.register(place, stash));
    futures::future::try_join_all(registering).await?;

    // GIVEN a job that nobody takes before the network is parted.
    let chilling = STASHES.map(|(place, stash)| set_active(&mesh, place, stash, false));
    futures::future::try_join_all(chilling).await?;
    let shared_command = Command::post(&mesh, "//Bob")?;
    job(&mesh, BOB, SHARED, |_| Some(())).await?;
    let shared = mesh.chain(BOB).await?.block_number().await?;
    mesh.wait_for_finality(BOB, shared).await?;
    mesh.wait_for_finality(ALICE, shared).await?;

    // WHEN on each side somebody else takes it, and somebody else verifies.
    mesh.part(&[ALICE, DROPPED[0], DROPPED[1]], &[BOB, KEPT[0], KEPT[1]])
        .await?;
    futures::future::try_join(
        set_active(&mesh, DROPPED[0], "//Charlie", true),
        set_active(&mesh, KEPT[0], "//Eve", true),
    )
    .await?;
    let taken_by = |stash: &'static str| {
        move |view: &JobView| (provider_of(view) == account_of(stash).ok()).then_some(())
    };
    job(&mesh, DROPPED[0], SHARED, taken_by("//Charlie")).await?;
    job(&mesh, KEPT[0], SHARED, taken_by("//Eve")).await?;
    futures::future::try_join(
        set_active(&mesh, DROPPED[1], "//Dave", true),
        set_active(&mesh, KEPT[1], "//Ferdie", true),
    )
    .await?;
    // And a second job is posted, taken, committed and drawn on one side only.
    let late_command = Command::post(&mesh, "//Alice")?;
    let draw_before = job(&mesh, DROPPED[0], LATE, drawn).await?;
    let is_far = |view: &JobView| {
        let is_over = matches!(view.status, JobStatus::Closed { .. });
        (is_over || drawn(view).is_some()).then_some(())
    };
    job(&mesh, DROPPED[0], SHARED, is_far).await?;
    job(&mesh, KEPT[0], SHARED, is_far).await?;
    assert!(mesh.chain(BOB).await?.job(LATE).await?.is_none());
    assert!(draw_before.1.iter().all(|verifier| {
        [account_of("//Charlie").ok(), account_of("//Dave").ok()].contains(&Some(*verifier))
    }));

    // Alice stops, and the other side's fork becomes the heavier.
    mesh.kill(ALICE)?;
    let (weight, length) = mesh.weight(DROPPED[0]).await?;
    mesh.wait("the heavier fork", async || {
        let (other, blocks) = mesh.weight(BOB).await?;
        Ok((other > weight && blocks > length).then_some(()))
    })
    .await?;
    mesh.join(&[BOB, DROPPED[0], DROPPED[1], KEPT[0], KEPT[1]])
        .await?;

    // THEN all see the same provider, what was dropped is done again with another draw, and both jobs settle.
    job(&mesh, DROPPED[0], SHARED, taken_by("//Eve")).await?;
    let draw_after = job(&mesh, DROPPED[0], LATE, drawn).await?;
    assert_ne!(draw_before, draw_after);
    for id in [SHARED, LATE] {
        let reason = job(&mesh, DROPPED[0], id, |view| match view.status {
            JobStatus::Closed { reason, .. } => Some(reason),
            _ => None,
        })
        .await?;
        assert_eq!(reason, Reason::Settled, "job {id}\n{}", mesh.logs());
    }

    // And Alice, whose node has the other fork, comes to see it so, and it is final.
    let end = mesh.chain(BOB).await?.block_number().await?;
    mesh.revive(ALICE).await?;
    mesh.join(&all).await?;
    mesh.wait_for_finality(ALICE, end).await?;
    // Who posted them was shown all that, and has the results.
    for command in [shared_command, late_command] {
        command.succeeds().await?;
    }
    let reader = Reader::connect(mesh.url(ALICE)?).await?;
    let ledger = reader.read(end).await?;
    assert_eq!(ledger.all("Jobs.JobPosted").count(), 2);
    assert_eq!(ledger.all("Slashing.").count(), 0, "{:?}", ledger.events);
    assert_eq!(
        ledger.settlement(SHARED)?.provider,
        account_of("//Eve").ok()
    );
    for id in [SHARED, LATE] {
        let settled = ledger.settlement(id)?;
        let provider = settled.provider.context("a settled job has a provider")?;
        let paid = settled.paid.iter();
        let paid: Vec<_> = paid.filter(|payment| payment.account == provider).collect();
        assert_eq!(paid.len(), 1, "{settled:?}");
    }
    reader.check_money(&ledger, &[account_of("//Alice")?]).await
}
