// SPDX-License-Identifier: Apache-2.0
//! Data that cannot be had, or is said not to be.

use super::{STAKE, forged, stake};
use anyhow::Result;
use assay_cli::chain::types::{JobStatus, JobView, Phase, Reason};
use assay_tests::{
    kernel,
    network::Network,
    party::Party,
    posted::{Posted, sampled},
};

fn is_computed(view: &JobView) -> bool {
    deadline(view).is_some()
}

/// Until when a job has to be computed.
fn deadline(view: &JobView) -> Option<u32> {
    match view.status {
        JobStatus::Computing { deadline, .. } => Some(deadline),
        _ => None,
    }
}

/// Whether the samples are open, so that tiles can be demanded.
fn is_open(view: &JobView) -> bool {
    matches!(
        view.status,
        JobStatus::Verifying {
            phase: Phase::Revealing | Phase::Challenge,
            ..
        }
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_convicted_when_it_does_not_show_a_tile_that_is_demanded() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie"]).await?;
    let chain = network.chain().await?;
    let keeper = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::new(&network, &[]).await?;
    keeper.accept(0).await?;
    let view = posted.wait(is_computed).await?;
    let extend = ["job", "extend", "0", "150", "--signer", "//Eve"];
    let (succeeded, said) = network.assay(&extend).await?;
    assert!(succeeded, "{said}");
    let later = posted.wait(is_computed).await?;
    assert_eq!(deadline(&later), deadline(&view).map(|block| block + 50));
    // The result is right, but nobody can fetch it.
    let (_, values, root) = forged(std::iter::empty())?;
    keeper.commit(0, root).await?;
    let view = posted.phase(Phase::Opening).await?;
    keeper.open(0, &values, sampled(&view)).await?;

    posted.wait(is_open).await?;
    let folder = tempfile::tempdir()?;
    let tile = folder.path().join("tile.bin").display().to_string();
    let demand = [
        "job", "demand", "0", "3", "--signer", "//Eve", "--output", &tile,
    ];
    let (succeeded, said) = network.assay(&demand).await?;
    assert!(!succeeded && said.contains("tile 3: not shown"), "{said}");
    let settled = posted.closed(Reason::Withheld).await?;
    assert!(settled.penalty.requester > 0, "{settled:?}");
    assert!(stake(&chain, &keeper).await? < STAKE, "nothing was slashed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tile_is_shown_by_the_providers_node_when_somebody_demands_it() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let posted = Posted::new(&network, &[]).await?;
    let view = posted.wait(is_open).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tile.bin");
    let file = path.display().to_string();
    let bytes = [
        "job", "demand", "0", "3", "--signer", "//Eve", "--output", &file,
    ];
    // The value of a sampled tile is known already; of another one anybody can demand it.
    let unknown = (0..kernel::TILES).find(|tile| !sampled(&view).contains(tile));
    let value = unknown.map(|tile| tile.to_string());
    let value = async {
        match &value {
            Some(tile) => {
                let demand = ["job", "demand", "0", tile, "--signer", "//Ferdie"];
                Some(network.assay(&demand).await)
            }
            None => None,
        }
    };
    let (bytes, value) = tokio::join!(network.assay(&bytes), value);
    let (succeeded, said) = bytes?;
    assert!(succeeded, "{said}");
    assert_eq!(
        std::fs::read(&path)?,
        kernel::output()[3 * 1_024..4 * 1_024]
    );
    if let Some(value) = value {
        let (succeeded, said) = value?;
        assert!(succeeded && said.contains("that cost 0.1"), "{said}");
    }
    // Without an answer it would be convicted.
    let settled = posted.closed(Reason::Settled).await?;
    assert_eq!(settled.penalty.taken, 0, "{settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_punished_when_a_requester_does_not_serve_its_inputs() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let chain = network.chain().await?;
    let provider = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let account = provider.account().to_string();
    // The others never look at the job, and so have nothing of it.
    let mut posted = Posted::new(&network, &["--provider", &account]).await?;
    posted.stop_serving()?;
    provider.accept(0).await?;
    provider.report(0).await?;

    let settled = posted.closed(Reason::Unavailable).await?;
    assert_eq!(settled.penalty.taken, 0, "{settled:?}");
    assert_eq!(stake(&chain, &provider).await?, STAKE);
    // Those who looked are paid by the requester.
    assert!(!settled.paid.is_empty(), "{settled:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provider_is_punished_when_it_says_that_inputs_are_missing_which_are_there() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let chain = network.chain().await?;
    let provider = Party::register(network.url(), "//Ferdie", STAKE).await?;
    let posted = Posted::new(&network, &[]).await?;
    provider.accept(0).await?;
    provider.report(0).await?;

    // Somebody else rescues the job.
    let settled = posted.closed(Reason::Settled).await?;
    let rescuer = settled.provider.map(|provider| provider.0);
    assert_ne!(rescuer, Some(provider.account().into()));
    assert!(
        stake(&chain, &provider).await? < STAKE,
        "nothing was slashed"
    );
    Ok(())
}
