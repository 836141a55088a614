// SPDX-License-Identifier: Apache-2.0
//! What is stored cannot change its shape unnoticed.

use crate::chain::on_chain;
use assay_runtime::Runtime;
use codec::Decode;
use pallet_verifier::Windows;
use polkadot_sdk::frame_support::storage::{storage_prefix, unhashed};
use std::{collections::BTreeMap, fmt::Write};
use subxt::metadata::Metadata;

/// Each pallet's version and storage items, each with the hash of its keys and its type.
const COMMITTED: &str = include_str!("storage.txt");

/// A pallet's version on chain: of a new chain it is the code's.
fn version(pallet: &str) -> u16 {
    let key = storage_prefix(pallet.as_bytes(), b":__STORAGE_VERSION__:");
    unhashed::get(&key).unwrap_or_default()
}

/// The layout of each pallet: a heading with its version, and a line for each item.
fn layout() -> BTreeMap<String, (String, String)> {
    let metadata: Vec<u8> = Runtime::metadata_at_version(15)
        .expect("the runtime has this version of the metadata")
        .to_vec();
    let metadata = Metadata::decode(&mut metadata.as_slice()).expect("valid metadata");
    let mut layouts = BTreeMap::new();
    for pallet in metadata.pallets() {
        let name = pallet.name();
        let heading = format!("{name} {}", version(name));
        let mut items = String::new();
        for item in pallet
            .storage()
            .map(|all| all.entries())
            .unwrap_or_default()
        {
            // Events are no state: they are gone with the next block.
            if (name, item.name()) == ("System", "Events") {
                continue;
            }
            let hash = pallet.storage_hash(item.name()).expect("listed above");
            writeln!(items, "  {} {}", item.name(), hex::encode(&hash[..8])).expect("memory");
        }
        layouts.insert(name.into(), (heading, items));
    }
    layouts
}

/// The file as it should be.
fn written(layouts: &BTreeMap<String, (String, String)>) -> String {
    layouts
        .values()
        .map(|(heading, items)| format!("{heading}\n{items}"))
        .collect()
}

#[test]
fn storage_is_laid_out_as_committed_unless_its_version_was_raised() {
    on_chain(Windows::default(), |_, _| {
        let layouts = layout();
        let expected = written(&layouts);
        if expected == COMMITTED {
            return;
        }
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/storage.txt");
        std::fs::write(path, &expected).expect("the target folder can be written");
        let unraised: Vec<_> = layouts
            .values()
            .filter(|(heading, items)| {
                COMMITTED.contains(&format!("{heading}\n"))
                    && !COMMITTED.contains(&format!("{heading}\n{items}"))
            })
            .map(|(heading, _)| heading.as_str())
            .collect();
        assert!(
            unraised.is_empty(),
            "the storage of these pallets changed and their version did not: {unraised:?}.\n\
             A chain that runs the present code could not read its state any more. Raise the pallet's \
             STORAGE_VERSION, add the migration to the runtime, let it live through the upgrade test, and then copy \
             {path} to tests/tests/runtime/storage.txt",
        );
        panic!(
            "pallets or their versions changed: check that a migration does what the new version needs, and copy \
             {path} to tests/tests/runtime/storage.txt"
        );
    });
}
