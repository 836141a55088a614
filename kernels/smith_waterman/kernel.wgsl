// SPDX-License-Identifier: Apache-2.0
// How well a short sequence aligns somewhere in each window of a long one: the best local score, by
// Smith and Waterman (1981), with 2 for a match, -1 for a mismatch and -2 for each gap.
// A sequence is one base a word; windows start at every 16th base and are 64 long.

@group(0) @binding(0) var<storage, read> long: array<u32>;
@group(0) @binding(1) var<storage, read> short: array<u32>;
@group(0) @binding(2) var<storage, read_write> scores: array<i32>;

const WINDOW: u32 = 64u;
const STEP: u32 = 16u;
const SHORT: u32 = 32u;

// The scores of alignments that end at each base of the short sequence and the present one of the window.
var<private> row: array<i32, 33>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let start = id.x * STEP;
    if start + WINDOW > arrayLength(&long) {
        return;
    }
    var best = 0i;
    for (var i = 0u; i < WINDOW; i++) {
        let base = long[start + i];
        var diagonal = 0i;
        for (var j = 1u; j <= SHORT; j++) {
            let above = row[j];
            let matched = diagonal + select(-1i, 2i, base == short[j - 1u]);
            let score = max(max(0i, matched), max(above, row[j - 1u]) - 2i);
            diagonal = above;
            row[j] = score;
            best = max(best, score);
        }
    }
    scores[id.x] = best;
}
