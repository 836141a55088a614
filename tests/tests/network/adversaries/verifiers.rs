// SPDX-License-Identifier: Apache-2.0
//! Verifiers that lie, and witnesses that do not hold.

use super::{STAKE, UNIT, assert_slashed, forged, stake};
use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Proof,
        types::{Phase, Reason},
    },
};
use assay_kernel::{cost, machine::Machine, validate::Limits};
use assay_tests::{
    kernel,
    network::Network,
    party::Party,
    posted::{Posted, sampled},
};
use assay_verifier::{ChainingValue, execution::Task, spot, witness::Witness};
use codec::Encode;

/// So much more than nodes stake that these are drawn after those who have it.
const NEARLY_ALL: u128 = 900_000 * UNIT;

/// The witness of a tile of the job, and what the tile can burn.
fn witness(tile: u32) -> Result<(Witness, u64)> {
    let mut machine = Machine::new(&kernel::kernel(), &Limits::DEFAULT)?;
    let task = Task {
        grid: [kernel::TILES, 1, 1],
        parameters: &[],
        tiles: kernel::TILES,
    };
    let (_, witness) = spot::witness(&mut machine, &task, tile, &[&kernel::input()])?;
    let ready = cost::ready(kernel::kernel().encoded_size());
    Ok((witness, machine.report().tile_fuel + ready))
}

#[tokio::test(flavor = "multi_thread")]
async fn accuser_is_slashed_when_the_chain_finds_the_tile_right() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let liar = Party::register(network.url(), "//Ferdie", STAKE).await?;
    // Either honest node computes, the other one and the liar verify.
    let posted = Posted::new(&network, &[]).await?;
    let view = posted.phase(Phase::Attesting).await?;
    let tiles = sampled(&view).to_vec();
    let lies: Vec<ChainingValue> = tiles.iter().map(|_| [7; 32]).collect();
    liar.attest(0, 0, &lies, [3; 32]).await?;
    posted.phase(Phase::Revealing).await?;

    // Nothing but a complete and true witness moves the chain.
    let bystander = account::signer("//Dave")?;
    let tile = *tiles.first().context("there are samples")?;
    let (good, fuel) = witness(tile)?;
    let mut forged = good.clone();
    forged.inputs[0].pages[0].bytes[5] ^= 1;
    // All pages are proven, but of the wrong ones.
    let other = if tile > 30 { 0 } else { 50 };
    let missing = Witness::build(&[&kernel::input()], &[[other].into()])?;
    for (bad, expected) in [(forged, "BadWitnessPage"), (missing, "PageMissing")] {
        let proof = Proof {
            opening: None,
            witness: bad,
            fuel,
            supplied: 0,
        };
        let error = chain
            .adjudicate(&bystander, 0, tile, proof)
            .await
            .expect_err("no good witness");
        assert!(format!("{error:?}").contains(expected), "{error:?}");
    }

    let all = (0..).zip(lies).collect();
    liar.reveal(0, 0, [3; 32], all).await?;
    let settled = posted.closed(Reason::Settled).await?;
    assert_eq!(settled.penalty.taken, 0, "the provider did nothing wrong");
    assert!(stake(&chain, &liar).await? < STAKE, "nothing was slashed");
    let rewarded = settled
        .paid
        .iter()
        .any(|payment| payment.account.0 == <[u8; 32]>::from(liar.account()));
    assert!(!rewarded, "a liar is not paid: {settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn verifier_is_slashed_with_the_provider_when_it_attests_wrong_values() -> Result<()> {
    let network = Network::start(&["//Bob"]).await?;
    let chain = network.chain().await?;
    let cheat = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let accomplice = Party::register(network.url(), "//Dave", STAKE).await?;
    let posted = Posted::new(&network, &[]).await?;
    cheat.accept(0).await?;
    let (_, values, root) = forged(0..kernel::TILES)?;
    cheat.commit(0, root).await?;
    let view = posted.phase(Phase::Attesting).await?;
    let tiles = sampled(&view).to_vec();
    let shared: Vec<ChainingValue> = tiles.iter().map(|tile| values[*tile as usize]).collect();
    accomplice.attest(0, 0, &shared, [9; 32]).await?;
    posted.phase(Phase::Opening).await?;
    cheat.open(0, &values, &tiles).await?;
    posted.phase(Phase::Revealing).await?;
    accomplice.reveal(0, 0, [9; 32], vec![]).await?;

    // The one honest verifier is enough.
    let settled = posted.closed(Reason::WrongResult).await?;
    assert_slashed(&settled.penalty);
    assert!(stake(&chain, &cheat).await? < STAKE);
    assert!(stake(&chain, &accomplice).await? < STAKE, "{settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_paid_when_the_whole_panel_attests_and_nobody_of_it_reveals() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let mute = [
        Party::register(network.url(), "//Ferdie", NEARLY_ALL).await?,
        Party::register(network.url(), "//Dave", NEARLY_ALL).await?,
    ];
    // Either node computes, and the other one is left for the next panel.
    let posted = Posted::new(&network, &[]).await?;
    let view = posted.phase(Phase::Attesting).await?;
    let (_, values, _) = forged(std::iter::empty())?;
    let sampled = sampled(&view).iter();
    let own: Vec<ChainingValue> = sampled.map(|tile| values[*tile as usize]).collect();
    for verifier in &mute {
        verifier.attest(0, 0, &own, [9; 32]).await?;
    }
    posted.phase(Phase::Revealing).await?;

    posted.phase(Phase::Drawing).await?;
    let settled = posted.closed(Reason::Settled).await?;
    assert_eq!(settled.penalty.taken, 0, "the provider did nothing wrong");
    for verifier in &mute {
        let account = <[u8; 32]>::from(verifier.account());
        let is_paid = (settled.paid.iter()).any(|payment| payment.account.0 == account);
        assert!(!is_paid, "who does not reveal is not paid: {settled:?}");
        assert!(stake(&chain, verifier).await? < NEARLY_ALL);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn job_is_settled_when_a_verifier_is_silent() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let silent = Party::register(network.url(), "//Ferdie", NEARLY_ALL).await?;
    let posted = Posted::new(&network, &[]).await?;
    posted.closed(Reason::Settled).await?;
    assert!(stake(&chain, &silent).await? < NEARLY_ALL);
    Ok(())
}
