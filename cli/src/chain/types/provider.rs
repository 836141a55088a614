// SPDX-License-Identifier: Apache-2.0
//! A provider and its machine.

use super::Endpoint;
use serde::Deserialize;
use subxt::{
    ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsType},
    utils::AccountId32,
};

/// Which kernels an adapter computes exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, EncodeAsType, DecodeAsType)]
#[serde(rename_all = "camelCase")]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum AdapterClass {
    /// Those that compute with integers only.
    Integer,
    /// All.
    Float,
}

/// Where the electricity comes from.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, EncodeAsType, DecodeAsType,
)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Energy {
    /// Not said.
    #[default]
    Undeclared,
    /// Whatever the grid gives.
    Grid,
    /// Wind, sun, water, earth or biomass.
    Renewable,
}

/// A country: two capital letters, or two zeros where it is not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Region(pub [u8; 2]);

/// See `Hardware` in the metadata.
#[derive(Clone, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Hardware {
    /// The name of adapter and driver, as text.
    pub device: Vec<u8>,
    /// Which kernels it computes exactly.
    pub class: AdapterClass,
    /// BLAKE3 hash of what its probes computed.
    pub probe: [u8; 32],
    /// Fuel a second.
    pub speed: u64,
    /// The largest input it takes, in MiB.
    pub memory: u32,
    /// Where it stands.
    pub region: Region,
    /// What it runs on.
    pub energy: Energy,
}

/// See `Requirements` in the metadata.
#[derive(Clone, Debug, PartialEq, Eq, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Requirements {
    /// At least this class.
    pub class: AdapterClass,
    /// At least so much fuel a second.
    pub speed: u64,
    /// An input of at least so many MiB fits.
    pub memory: u32,
    /// One of these regions; any if none is named.
    pub regions: Vec<Region>,
    /// Only renewable energy.
    pub renewable: bool,
    /// One of these providers; any if none is named.
    pub providers: Vec<AccountId32>,
}

/// See `ProviderView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ProviderView {
    /// Its account.
    pub account: AccountId32,
    /// Where it serves blobs.
    pub endpoint: Endpoint,
    /// What it says of its machine.
    pub hardware: Hardware,
    /// Its whole stake.
    pub stake: u128,
    /// Of it, its own.
    pub own: u128,
    /// Of it, delegated.
    pub delegated: u128,
    /// Of it, locked.
    pub locked: u128,
    /// Its own on the way out.
    pub unbonding: u128,
    /// Whether it takes more delegations.
    pub accepts_delegation: bool,
    /// What it keeps of its delegators' part, in parts per million.
    pub commission: u32,
    /// Whether it takes part.
    pub active: bool,
    /// Whether it is chilled.
    pub chilled: bool,
    /// Up to which block it counts as alive.
    pub alive_until: u32,
    /// Whether it offers to validate.
    pub validator: bool,
    /// Its past.
    pub standing: Standing,
    /// How many samples of its work are drawn, in percent.
    pub scrutiny: u32,
    /// Since when.
    pub since: u32,
}

/// A provider's past, in thousandths of deeds.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Standing {
    /// Jobs computed that settled.
    pub settled: u32,
    /// Jobs checked for pay.
    pub verified: u32,
    /// Deadlines missed.
    pub late: u32,
    /// What the chain found wrong.
    pub wrong: u32,
    /// What did not come.
    pub silent: u32,
}

/// See `DelegationView` in the metadata.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct DelegationView {
    /// The provider.
    pub provider: AccountId32,
    /// What it is worth now.
    pub value: u128,
    /// On its way out: what it is worth, and from which block on it can be withdrawn.
    pub unbonding: Vec<(u128, u32)>,
}

impl std::str::FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [first, second] if text.bytes().all(|letter| letter.is_ascii_alphabetic()) => {
                Ok(Self([
                    first.to_ascii_uppercase(),
                    second.to_ascii_uppercase(),
                ]))
            }
            _ => Err(format!(
                "`{text}` is no country code: two letters as in ISO 3166-1, such as CH or DE"
            )),
        }
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            letters if letters.iter().all(u8::is_ascii_uppercase) => {
                write!(formatter, "{}{}", letters[0] as char, letters[1] as char)
            }
            _ => formatter.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_is_two_letters() {
        assert_eq!("ch".parse(), Ok(Region(*b"CH")));
        assert_eq!(Region(*b"CH").to_string(), "CH");
        assert_eq!(Region::default().to_string(), "-");
        for wrong in ["", "c", "chf", "c1", "é"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
    }
}
