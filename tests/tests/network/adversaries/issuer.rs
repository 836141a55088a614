// SPDX-License-Identifier: Apache-2.0
//! An issuer that freezes the asset which a job is priced in.

use anyhow::{Context, Result};
use assay_cli::{
    account,
    chain::{
        Chain,
        types::{JobStatus, Reason},
    },
};
use assay_tests::{network::Network, posted::Posted};
use subxt::{dynamic::Value, utils::MultiAddress};
use subxt_signer::sr25519::Keypair;

const ASSET: u32 = 7;

/// What the job costs, in units of the asset.
const PRICE: u128 = 100;

/// Native units that one of the asset is worth: the price comes to ten tokens.
const RATE: u128 = 100_000_000_000;

/// Issues the asset to its issuer, and has root list it.
async fn issue(chain: &Chain, issuer: &Keypair) -> Result<()> {
    let to = || MultiAddress::<_, ()>::Id(account::of(issuer));
    chain
        .submit(issuer, "Assets", "create", (ASSET, to(), 1u128))
        .await?;
    chain
        .submit(issuer, "Assets", "mint", (ASSET, to(), 10 * PRICE))
        .await?;
    // Rates are counted in parts of 10^18.
    let rate = RATE * 1_000_000_000_000_000_000;
    let create = Value::unnamed_variant("create", [Value::u128(ASSET.into()), Value::u128(rate)]);
    let list = Value::unnamed_variant("AssetRate", [create]);
    let root = account::signer("//Alice")?;
    chain.submit(&root, "Sudo", "sudo", (list,)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn price_in_a_frozen_asset_is_claimed_by_the_command_when_it_is_thawed() -> Result<()> {
    let network = Network::start(&["//Bob", "//Charlie", "//Dave"]).await?;
    let chain = network.chain().await?;
    let eve = account::signer("//Eve")?;
    issue(&chain, &eve).await?;
    let (asset, price) = (ASSET.to_string(), PRICE.to_string());
    let terms = ["--asset", &asset, "--floor", &price, "--ceiling", &price];
    let posted = Posted::new(&network, &terms).await?;
    posted
        .wait(|view| !matches!(view.status, JobStatus::Auction { .. }))
        .await?;
    chain
        .submit(&eve, "Assets", "freeze_asset", (ASSET,))
        .await?;

    let settled = posted.closed(Reason::Settled).await?;
    assert_eq!(settled.asset, Some(ASSET));
    assert_eq!(settled.unclaimed, PRICE, "{settled:?}");
    let provider = settled.provider.context("it was computed")?;
    let waiting = chain.unclaimed(&provider).await?;
    let [waits] = waiting.as_slice() else {
        panic!("{waiting:?}");
    };
    assert_eq!((waits.asset, waits.holder), (ASSET, account::of(&eve)));
    let address = provider.to_string();
    let claim = ["job", "claim", &address, "--signer", "//Ferdie"];
    let (succeeded, said) = network.assay(&claim).await?;
    assert!(!succeeded && said.contains("frozen"), "{said}");
    assert_eq!(chain.asset_balance(ASSET, &provider).await?, 0);

    chain.submit(&eve, "Assets", "thaw_asset", (ASSET,)).await?;
    let (succeeded, said) = network.assay(&claim).await?;
    assert!(succeeded && said.contains("claimed"), "{said}");
    assert_eq!(
        chain.asset_balance(ASSET, &provider).await?,
        waits.amount,
        "{said}"
    );
    assert_eq!(chain.unclaimed(&provider).await?, []);
    Ok(())
}
