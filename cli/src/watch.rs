// SPDX-License-Identifier: Apache-2.0
//! The live view of a job.

use crate::{
    account, amount,
    chain::{
        Chain,
        types::{JobSettled, JobStatus, JobView, Payment, Phase, Reason, Role},
    },
    table::table,
};
use anyhow::{Context, Result, bail, ensure};
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// How often a provider's node is asked for its progress.
const POLL: Duration = Duration::from_millis(300);

/// Among how many of the newest jobs one is looked for that a fork has given another number.
const LISTED: u32 = 100;

/// The stage of a worker's computation that is over.
const COMPUTED: &str = "computed";

/// For how many blocks after the loss of a job its post may still be included again: longer than a transaction is valid
/// when finality does not lag.
const LOST: u64 = 64;

/// A job that is over, and how it ended.
#[derive(Debug)]
pub struct Ended {
    /// The job; its number may be another than at first, see [`until_closed`].
    pub view: JobView,
    /// Who got what.
    pub settled: JobSettled,
}

/// Shows a job as it goes on until it is closed, and that is final.
///
/// Where a fork drops the post, the node includes it again: the job is then the same, under a number that may be another.
/// `workers` are connections to providers' nodes that are asked for the progress of the computation.
pub async fn until_closed(chain: &Chain, job: u64, workers: &[Chain]) -> Result<Ended> {
    let mut blocks = chain.blocks().await?;
    let mut watch = Watch::new(chain, job, workers).await?;
    loop {
        watch.tell().await?;
        if let Some(settled) = watch.settlement().await? {
            let view = watch.view;
            return Ok(Ended { view, settled });
        }
        tokio::select! {
            block = blocks.next() => match block {
                Some(block) => watch.number = block?.number(),
                None => bail!(
                    "the node closed the connection; the job goes on without us: `assay job watch {}`",
                    watch.view.id
                ),
            },
            () = tokio::time::sleep(POLL) => watch.follow_computation().await,
        }
        watch.look().await?;
    }
}

/// A job that is watched.
struct Watch<'a> {
    chain: &'a Chain,
    workers: &'a [Chain],
    bar: ProgressBar,
    /// The newest block.
    number: u64,
    /// The job when it was last seen.
    view: JobView,
    /// Since when it is not there.
    lost: Option<u64>,
    /// In which block it was first seen committed.
    committed: Option<u64>,
    /// Whether it was said what the worker has done, or it is too late to.
    computed: bool,
    /// What was said last of where it stands.
    said: String,
}

impl<'a> Watch<'a> {
    async fn new(chain: &'a Chain, job: u64, workers: &'a [Chain]) -> Result<Self> {
        let view = (chain.job(job).await?)
            .with_context(|| format!("there is no job {job}, or its receipt has expired"))?;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(120));
        Ok(Self {
            chain,
            workers,
            bar,
            number: chain.block_number().await?,
            view,
            lost: None,
            committed: None,
            computed: false,
            said: String::new(),
        })
    }

    fn say(&self, number: u64, line: &str) {
        self.bar.suspend(|| println!("  #{number:<6} {line}"));
    }

    /// Says where the job stands, if that is new.
    async fn tell(&mut self) -> Result<()> {
        let mut at = self.number;
        let line = if let Some(since) = self.lost {
            ensure!(
                self.chain.final_number().await? < since + LOST,
                "a fork has dropped the post of job {}, and it was not included again: nothing is held for it. Post it once more",
                self.view.id
            );
            "dropped     by a fork; waiting for the post to be included again".into()
        } else {
            match self.view.status {
                JobStatus::Verifying { .. } => self.committed = self.committed.or(Some(at)),
                JobStatus::Closed { at: closed, .. } => at = closed.into(),
                // Also when a fork has dropped the commitment: what was computed is still said.
                JobStatus::Computing { .. } | JobStatus::Enquiring { .. } => self.committed = None,
                JobStatus::Auction { .. } | JobStatus::Rescue { .. } => {
                    (self.committed, self.computed) = (None, false);
                }
            }
            if self.committed.is_some() && !self.computed {
                self.follow_computation().await;
            }
            describe(&self.view, self.committed)
        };
        if line != self.said {
            self.say(at, &line);
            self.said = line;
        }
        Ok(())
    }

    /// Shows how far the computation is, and says once what it did.
    ///
    /// Between two passes a worker says the same as after the last, so of several nothing is said before the commitment.
    async fn follow_computation(&mut self) {
        let done = show_progress(&self.bar, &self.view, self.workers).await;
        let is_over = self.committed.is_some() || self.view.spec.passes.len() == 1;
        if let Some(line) = done.filter(|_| is_over && !self.computed) {
            self.say(self.number, &line);
            self.computed = true;
        }
        self.computed |= self.committed.is_some();
    }

    /// How the job was settled, once that is final.
    async fn settlement(&self) -> Result<Option<JobSettled>> {
        let JobStatus::Closed { at, .. } = self.view.status else {
            return Ok(None);
        };
        if self.lost.is_some() {
            return Ok(None);
        }
        self.bar.set_message("waiting until that is final");
        if self.chain.final_number().await? < u64::from(at) {
            return Ok(None);
        }
        self.say(self.number, "final");
        self.bar.finish_and_clear();
        let settled = self.chain.settlement(self.view.id, at).await?;
        let id = self.view.id;
        Ok(Some(settled.with_context(|| {
            format!("block {at} has no settlement of job {id}")
        })?))
    }

    /// Looks for the job again.
    async fn look(&mut self) -> Result<()> {
        match find(self.chain, &self.view).await? {
            Some(found) => {
                if found.id != self.view.id {
                    let line = format!("renumbered  by a fork: it is job {} now", found.id);
                    self.say(self.number, &line);
                }
                (self.view, self.lost) = (found, None);
            }
            None => self.lost = self.lost.or(Some(self.number)),
        }
        Ok(())
    }
}

/// Where a job stands now, under whatever number. Of several that are alike it is the one of this number, or the newest.
async fn find(chain: &Chain, job: &JobView) -> Result<Option<JobView>> {
    let is_same = |other: &JobView| other.requester == job.requester && other.spec == job.spec;
    if let Some(view) = chain.job(job.id).await?.filter(is_same) {
        return Ok(Some(view));
    }
    Ok(chain.jobs(None, LISTED).await?.into_iter().find(is_same))
}

/// What a job is doing, in one line. `committed` is the block in which its result was.
fn describe(view: &JobView, committed: Option<u64>) -> String {
    let money = |price: &u128| amount::format_in(view.spec.asset, *price);
    match &view.status {
        JobStatus::Auction { price, until } => format!(
            "auction     the price is {} and rises until block {until}",
            money(price)
        ),
        JobStatus::Rescue {
            price,
            until,
            reason,
            ..
        } => format!(
            "rescue      {reason}; the price is {} and {} besides until block {until}",
            money(price),
            amount::format(view.bounty),
        ),
        JobStatus::Computing {
            provider,
            price,
            deadline,
            ..
        } => format!(
            "accepted    by {} for {}; due by block {deadline}",
            account::short(provider),
            money(price)
        ),
        JobStatus::Enquiring {
            provider,
            until,
            panel,
            ..
        } => format!(
            "enquiry     {} says that the inputs cannot be had; {} verifiers look until block {until}",
            account::short(provider),
            panel.len(),
        ),
        JobStatus::Verifying {
            roots,
            phase,
            panel,
            tiles,
            ..
        } => {
            let attested = panel.iter().filter(|seat| seat.attested).count();
            let missing = panel.iter().filter(|seat| seat.missing.is_some()).count();
            let revealed = panel.iter().filter(|seat| seat.agrees.is_some()).count();
            let seats = panel.len();
            match phase {
                Phase::Drawing => format!(
                    "committed   to {}; waiting for randomness that nobody knew",
                    hex::encode(roots.last().unwrap_or(&[0; 32]))
                ),
                Phase::Attesting if missing > 0 => format!(
                    "drawn       {} tiles; {missing} of {seats} verifiers cannot fetch what they need",
                    tiles.len(),
                ),
                Phase::Enquiring => format!("enquiry     {seats} verifiers look for the inputs"),
                Phase::Attesting => format!(
                    "drawn       {} of {} tiles for {}; attested, blind: {attested} of {seats}",
                    tiles.len(),
                    view.tiles,
                    panel
                        .iter()
                        .map(|seat| account::short(&seat.verifier))
                        .collect::<Vec<_>>()
                        .join(" and "),
                ),
                Phase::Opening => {
                    format!(
                        "attested    {attested} of {seats}; the provider opens the sampled tiles"
                    )
                }
                Phase::Revealing => format!("opened      revealed: {revealed} of {seats}"),
                Phase::Disputed => {
                    "disputed    a verifier differs; the chain waits for the witness of a tile"
                        .into()
                }
                Phase::Challenge => {
                    "agreed      anybody may still prove a tile wrong before it settles".into()
                }
            }
        }
        JobStatus::Closed { reason, at, .. } => match committed {
            Some(committed) => {
                let blocks = u64::from(*at).saturating_sub(committed);
                format!("closed      {blocks} blocks after the commitment")
            }
            None => format!("closed      {reason}"),
        },
    }
}

/// Shows how far the first worker is that works on the job. The answer is what it did, once a pass is over.
async fn show_progress(bar: &ProgressBar, view: &JobView, workers: &[Chain]) -> Option<String> {
    for worker in workers {
        let Ok(status) = worker.worker_status().await else {
            continue;
        };
        let Some(activity) = status.activity.filter(|activity| activity.job == view.id) else {
            continue;
        };
        if activity.stage == COMPUTED {
            bar.set_style(ProgressStyle::default_spinner());
            bar.set_message("");
            let (rate, engine) = (activity.rate, status.engine);
            return Some(match view.spec.passes.len() {
                1 => format!(
                    "computed    {} tiles at {rate:.0} tiles/s on {engine}",
                    view.tiles
                ),
                passes => format!(
                    "computed    {} tiles in {passes} passes on {engine}, the last pass at {rate:.0} tiles/s",
                    view.tiles
                ),
            });
        }
        bar.set_style(
            ProgressStyle::with_template("  {spinner} {msg} [{bar:30}] {pos}/{len} tiles")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_length(u64::from(activity.total));
        bar.set_position(u64::from(activity.done));
        bar.set_message(format!(
            "{} on {}, {:.0} tiles/s",
            activity.stage, status.engine, activity.rate
        ));
        return None;
    }
    bar.set_style(ProgressStyle::default_spinner());
    bar.set_message("");
    None
}

/// The table of who paid and who got what. It adds up: what was held is what was paid and returned.
pub fn settlement_table(view: &JobView, settled: &JobSettled) -> Table {
    let mut table = table(&["", "account", "paid", "got"], &[2, 3]);
    let requester = account::short(&view.requester);
    let is_in_asset =
        |payment: &&Payment| settled.asset.is_some() && payment.role == Role::Provider;
    let sum = |in_asset: bool| -> u128 {
        let payments = settled.paid.iter();
        payments
            .filter(|payment| is_in_asset(payment) == in_asset)
            .map(|payment| payment.amount)
            .sum()
    };
    let native_fee = if settled.asset.is_some() {
        0
    } else {
        settled.fee
    };
    let held = sum(false) + native_fee + settled.refunded + settled.deposit;
    table.add_row([
        "requester: escrow and deposit",
        &requester,
        &amount::format(held),
        "",
    ]);
    let in_asset = settled
        .asset
        .map(|_| sum(true) + settled.fee + settled.returned + settled.unclaimed);
    if let Some(held) = in_asset {
        let held = amount::format_in(settled.asset, held);
        table.add_row(["requester: escrow of the price", &requester, &held, ""]);
    }
    for payment in &settled.paid {
        let (role, asset) = match payment.role {
            Role::Provider => ("provider: the price less the fee", settled.asset),
            Role::Verifier => ("verifier: its samples", None),
            Role::Rescuer => ("provider: the bounty of the rescue", None),
        };
        let (account, amount) = (
            account::short(&payment.account),
            amount::format_in(asset, payment.amount),
        );
        table.add_row([role, &account, "", &amount]);
    }
    let rows = [
        ("protocol: its fee", "treasury", settled.asset, settled.fee),
        (
            "requester: not spent",
            &requester,
            settled.asset,
            settled.returned,
        ),
        (
            "on hold, to be claimed",
            "",
            settled.asset,
            settled.unclaimed,
        ),
    ];
    for (what, account, asset, amount) in rows {
        if amount > 0 {
            table.add_row([what, account, "", &amount::format_in(asset, amount)]);
        }
    }
    for (what, amount) in [
        ("requester: not spent", settled.refunded),
        ("requester: deposit", settled.deposit),
    ] {
        table.add_row([what, &requester, "", &amount::format(amount)]);
    }
    table.add_row(["sum", "", &amount::format(held), &amount::format(held)]);
    if settled.penalty.taken > 0 {
        let offender = settled
            .provider
            .as_ref()
            .map(account::short)
            .unwrap_or_default();
        let taken = amount::format(settled.penalty.taken);
        table.add_row(["slashed from the provider's stake", &offender, &taken, ""]);
        for (what, account, amount) in [
            ("of it, to the reporter", "", settled.penalty.reporter),
            (
                "of it, to the requester",
                &requester,
                settled.penalty.requester,
            ),
            ("of it, to the treasury", "", settled.penalty.treasury),
            ("of it, burned", "", settled.penalty.burned),
        ] {
            table.add_row([what, account, "", &amount::format(amount)]);
        }
    }
    table
}

/// Whether a job ended with a result.
pub fn succeeded(settled: &JobSettled) -> bool {
    settled.reason == Reason::Settled
}
