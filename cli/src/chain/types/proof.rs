// SPDX-License-Identifier: Apache-2.0
//! What proves a tile, as the chain takes it.

use subxt::ext::scale_encode::EncodeAsType;

/// See `Opening` in the metadata.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Opening {
    /// The values of the opened tiles.
    pub values: Vec<[u8; 32]>,
    /// What leads from them to the root.
    pub siblings: Vec<[u8; 32]>,
}

/// See `Witness` in the metadata.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Witness {
    /// A slice of each input.
    pub inputs: Vec<InputSlice>,
}

/// Some pages of an input.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct InputSlice {
    /// The pages.
    pub pages: Vec<Page>,
    /// What leads from them to the input's hash.
    pub siblings: Vec<[u8; 32]>,
}

/// A page of an input.
#[derive(Clone, Debug, EncodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
pub struct Page {
    /// Its number.
    pub index: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl From<assay_verifier::opening::Opening> for Opening {
    fn from(opening: assay_verifier::opening::Opening) -> Self {
        Self {
            values: opening.values,
            siblings: opening.siblings,
        }
    }
}

impl From<assay_verifier::witness::InputSlice> for InputSlice {
    fn from(slice: assay_verifier::witness::InputSlice) -> Self {
        let page = |page: assay_verifier::witness::Page| Page {
            index: page.index,
            bytes: page.bytes,
        };
        Self {
            pages: slice.pages.into_iter().map(page).collect(),
            siblings: slice.siblings,
        }
    }
}

impl From<assay_verifier::witness::Witness> for Witness {
    fn from(witness: assay_verifier::witness::Witness) -> Self {
        Self {
            inputs: witness.inputs.into_iter().map(InputSlice::from).collect(),
        }
    }
}
