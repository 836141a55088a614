// SPDX-License-Identifier: Apache-2.0
//! Local alignments.

use crate::{numbers, run_on};

const KERNEL: &str = include_str!("../../../kernels/smith_waterman/kernel.wgsl");

/// The best local score by the whole table.
fn alignment(long: &[u32], short: &[u32]) -> i32 {
    let mut table = vec![vec![0i32; short.len() + 1]; long.len() + 1];
    let mut best = 0;
    for i in 1..=long.len() {
        for j in 1..=short.len() {
            let matched = table[i - 1][j - 1] + if long[i - 1] == short[j - 1] { 2 } else { -1 };
            let gap = table[i - 1][j].max(table[i][j - 1]) - 2;
            table[i][j] = matched.max(gap).max(0);
            best = best.max(table[i][j]);
        }
    }
    best
}

#[test]
fn alignments_equal_the_whole_tables() {
    let mut long: Vec<u32> = numbers(4_200).iter().map(|number| number % 4).collect();
    let short: Vec<u32> = numbers(32).iter().map(|number| number / 7 % 4).collect();
    // One window holds the sequence, with a base left out.
    long.splice(
        1_600..1_631,
        short.iter().copied().filter({
            let mut place = 0;
            move |_| {
                place += 1;
                place != 11
            }
        }),
    );
    let mut expected: Vec<u32> = (0..)
        .map(|window| window * 16)
        .take_while(|start| start + 64 <= long.len())
        .map(|start| alignment(&long[start..start + 64], &short) as u32)
        .collect();
    assert_eq!(expected.iter().max(), Some(&60), "31 matches and a gap");
    expected.resize(2 * 256, 0);
    assert_eq!(run_on(KERNEL, &[&long, &short], &[], 2), expected);
}
