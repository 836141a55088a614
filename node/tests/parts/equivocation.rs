// SPDX-License-Identifier: Apache-2.0
use assay_node::equivocation::{MEMORY, Seen};
use assay_runtime::transactions::Header;
use polkadot_sdk::sp_runtime::traits::Header as _;

fn header(number: u32) -> Header {
    let unknown = Default::default();
    Header::new(number, unknown, unknown, unknown, Default::default())
}

#[test]
fn second_header_of_a_slot_is_told_only_when_it_is_another_of_the_same_author() {
    let mut seen = Seen::default();
    assert_eq!(seen.take(7.into(), 0, &header(1)), None);
    assert_eq!(seen.take(7.into(), 0, &header(1)), None);
    assert_eq!(seen.take(7.into(), 1, &header(2)), None);
    assert_eq!(seen.take(8.into(), 0, &header(2)), None);
    assert_eq!(seen.take(7.into(), 0, &header(2)), Some(header(1)));
}

#[test]
fn headers_are_forgotten_when_their_slot_is_long_past() {
    let mut seen = Seen::default();
    assert_eq!(seen.take(1.into(), 0, &header(1)), None);
    assert_eq!(seen.take((MEMORY + 2).into(), 0, &header(2)), None);
    assert_eq!(seen.take(1.into(), 0, &header(3)), None);
}
