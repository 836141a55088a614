// SPDX-License-Identifier: Apache-2.0
//! What accounts have of assets, and what waits for them.

use super::{
    Chain,
    types::{AssetAccount, Unclaimed},
};
use anyhow::Result;
use subxt::{dynamic, utils::AccountId32};

impl Chain {
    /// What an account has of an asset, in its smallest units.
    pub async fn asset_balance(&self, asset: u32, account: &AccountId32) -> Result<u128> {
        let address = dynamic::storage::<(u32, [u8; 32]), AssetAccount>("Assets", "Account");
        let now = self.now().await?;
        let value = now.storage().try_fetch(address, (asset, account.0)).await?;
        Ok(match value {
            Some(value) => value.decode()?.balance,
            None => 0,
        })
    }

    /// What is on hold of assets for an account that could not receive it when jobs ended.
    pub async fn unclaimed(&self, account: &AccountId32) -> Result<Vec<Unclaimed>> {
        let address =
            dynamic::storage::<(u32, AccountId32, AccountId32), u128>("Jobs", "Unclaimed");
        let now = self.now().await?;
        let mut entries = now.storage().iter(address, ()).await?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry?;
            let (asset, holder, owner) = entry.key()?.decode()?;
            if owner == *account {
                let amount = entry.value().decode()?;
                found.push(Unclaimed {
                    asset,
                    holder,
                    amount,
                });
            }
        }
        Ok(found)
    }
}
