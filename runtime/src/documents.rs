// SPDX-License-Identifier: Apache-2.0
//! Holds docs/protocol.md to what the runtime has.

use crate::{Runtime, RuntimeCall};
use assay_primitives::reason::{Offence, Reason};
use polkadot_sdk::frame_support::traits::GetCallMetadata;
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeSet;

const PROTOCOL: &str = include_str!("../../docs/protocol.md");

/// The pallets that the document is about.
const PALLETS: [&str; 4] = ["Providers", "Jobs", "Verifier", "Slashing"];

/// What stands below a heading, up to the next of its kind.
fn section(heading: &str) -> &'static str {
    let below = PROTOCOL.split_once(heading).expect("it is a heading").1;
    below.split("\n## ").next().unwrap_or_default()
}

/// What the first cells of tables name of the pallets: `Pallet.one`, and `two` behind it, which is of the same pallet.
fn named(section: &str) -> BTreeSet<String> {
    let first_cells =
        (section.lines()).filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let mut all = BTreeSet::new();
    for cell in first_cells {
        let mut pallet = "";
        for name in cell.split('`').skip(1).step_by(2) {
            let (of, item) = name.split_once('.').unwrap_or((pallet, name));
            pallet = of;
            if PALLETS.contains(&pallet) {
                all.insert(format!("{pallet}.{item}"));
            }
        }
    }
    all
}

#[test]
fn every_call_is_documented() {
    let calls: BTreeSet<_> = PALLETS
        .into_iter()
        .flat_map(|pallet| {
            let names = RuntimeCall::get_call_names(pallet).iter();
            names.map(move |name| format!("{pallet}.{name}"))
        })
        .collect();
    assert_eq!(named(section("\n## Calls\n")), calls);
}

#[test]
fn every_constant_is_documented() {
    let pallets = Runtime::metadata_ir().pallets.into_iter();
    let constants: BTreeSet<_> = pallets
        .filter(|pallet| PALLETS.contains(&pallet.name))
        .flat_map(|pallet| {
            let constants = pallet.constants.into_iter();
            constants.map(move |constant| format!("{}.{}", pallet.name, constant.name))
        })
        .collect();
    assert_eq!(named(section("\n## Parameters\n")), constants);
}

/// The rows of a list of codes: number and name.
fn rows<Code: TypeInfo>() -> Vec<String> {
    let TypeDef::Variant(definition) = Code::type_info().type_def else {
        panic!("codes are variants");
    };
    let variants = definition.variants.into_iter();
    let row = |index, name| format!("| {index} | {name} |");
    variants
        .map(|variant| row(variant.index, variant.name))
        .collect()
}

#[test]
fn every_reason_and_offence_is_documented() {
    let section = section("\n## Reasons and offences\n");
    let (reasons, offences) = section
        .split_once("`Offence`")
        .expect("there are two lists");
    for (list, codes) in [(reasons, rows::<Reason>()), (offences, rows::<Offence>())] {
        let numbered = |line: &&str| {
            line.starts_with('|') && line[2..].starts_with(|char: char| char.is_ascii_digit())
        };
        let documented: Vec<_> = list.lines().filter(numbered).collect();
        assert_eq!(documented.len(), codes.len());
        for (line, code) in documented.iter().zip(codes) {
            assert!(line.starts_with(&code), "{line} is not {code}");
        }
    }
}
