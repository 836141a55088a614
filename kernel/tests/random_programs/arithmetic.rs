// SPDX-License-Identifier: Apache-2.0
//! What the functions of words yield, as the WGSL specification says and kernels refine it.

/// The counter of a `for` after a turn.
pub(super) fn stepped(step: &str, counter: u32, by: u32) -> u32 {
    match step {
        "+=" => counter.wrapping_add(by),
        "-=" => counter.wrapping_sub(by),
        "*=" => counter.wrapping_mul(by),
        "<<=" => counter << by,
        ">>=" => counter >> by,
        other => panic!("no step {other}"),
    }
}

pub(super) fn unary(function: &str, a: u32) -> u32 {
    match function {
        "~x" => !a,
        "-x" => a.wrapping_neg(),
        "abs" => (a as i32).wrapping_abs() as u32,
        "sign" => (a as i32).signum() as u32,
        "countOneBits" => a.count_ones(),
        "countLeadingZeros" => a.leading_zeros(),
        "countTrailingZeros" => a.trailing_zeros(),
        "reverseBits" => a.reverse_bits(),
        "firstLeadingBit" => a.checked_ilog2().unwrap_or(u32::MAX),
        "firstLeadingBit signed" => {
            let differing = if (a as i32) < 0 { !a } else { a };
            differing.checked_ilog2().unwrap_or(u32::MAX)
        }
        "firstTrailingBit" if a == 0 => u32::MAX,
        "firstTrailingBit" => a.trailing_zeros(),
        "!x" => u32::from(a == 0),
        "widened" => weighed(a.to_le_bytes().map(u32::from), [1, 300, 70_000, 5]),
        "widened signed" => {
            let bytes = a.to_le_bytes().map(|byte| i32::from(byte as i8) as u32);
            weighed(bytes, [1, 3u32.wrapping_neg(), 700, 5])
        }
        "packed" => u32::from_le_bytes([0, 5, 9, 31].map(|shift| (a >> shift) as u8)),
        "packed signed" => {
            let quotients = [1, 7, 1 << 20, -1 << 25].map(|by| (a as i32).wrapping_div(by));
            u32::from_le_bytes(quotients.map(|word| word.clamp(-128, 127) as u8))
        }
        other => panic!("no function {other}"),
    }
}

fn weighed(words: [u32; 4], weights: [u32; 4]) -> u32 {
    (words.into_iter().zip(weights)).fold(0, |sum, (word, weight)| {
        sum.wrapping_add(word.wrapping_mul(weight))
    })
}

pub(super) fn binary(function: &str, a: u32, b: u32) -> u32 {
    let (x, y) = (a as i32, b as i32);
    match function {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" => a.checked_div(b).unwrap_or(a),
        "%" => a.checked_rem(b).unwrap_or(0),
        "/s" if b == 0 => a,
        "/s" => x.wrapping_div(y) as u32,
        "%s" if b == 0 => 0,
        "%s" => x.wrapping_rem(y) as u32,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "<<" => a << (b % 32),
        ">>" => a >> (b % 32),
        ">>s" => (x >> (b % 32)) as u32,
        "==" => u32::from(a == b),
        "!=" => u32::from(a != b),
        "<" => u32::from(a < b),
        "<s" => u32::from(x < y),
        "<=" => u32::from(a <= b),
        ">=s" => u32::from(x >= y),
        "min" => a.min(b),
        "max s" => x.max(y) as u32,
        ">" => u32::from(a > b),
        ">=" => u32::from(a >= b),
        "<=s" => u32::from(x <= y),
        ">s" => u32::from(x > y),
        "max" => a.max(b),
        "min s" => x.min(y) as u32,
        "dot u" => (a.to_le_bytes().into_iter().zip(b.to_le_bytes()))
            .map(|(x, y)| u32::from(x) * u32::from(y))
            .sum(),
        "&&" => u32::from(a != 0 && b != 0),
        "||" => u32::from(a != 0 || b != 0),
        "dot" => a
            .to_le_bytes()
            .into_iter()
            .zip(b.to_le_bytes())
            .map(|(x, y)| i32::from(x as i8) * i32::from(y as i8))
            .sum::<i32>() as u32,
        other => panic!("no function {other}"),
    }
}
