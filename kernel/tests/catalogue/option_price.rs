// SPDX-License-Identifier: Apache-2.0
//! Options priced by simulation.

use crate::{Pass, compiled_for};

const KERNEL: &str = include_str!("../../../kernels/option_price/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/option_price/job.json");

/// Of the share whose volatility is estimated in the kernel's folder.
const SPOT: f64 = 125.55;
const STRIKE: f64 = 130.0;
const RATE: f64 = 0.02;
const VOLATILITY: f64 = 0.2906;

/// Philox 4 x 32 with ten rounds, by 64 bits.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let even = 0xd251_1f53 * u64::from(counter[0]);
        let odd = 0xcd9e_8d57 * u64::from(counter[2]);
        counter = [
            (odd >> 32) as u32 ^ counter[1] ^ key[0],
            odd as u32,
            (even >> 32) as u32 ^ counter[3] ^ key[1],
            even as u32,
        ];
        key = [
            key[0].wrapping_add(0x9e37_79b9),
            key[1].wrapping_add(0xbb67_ae85),
        ];
    }
    counter
}

#[test]
fn reference_has_the_published_random_numbers() {
    // Of the authors' library Random123, file kat_vectors.
    let zeros = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8];
    let ones = [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd];
    let digits = [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
    assert_eq!(philox([0; 4], [0; 2]), zeros);
    assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), ones);
    let counter = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    assert_eq!(philox(counter, [0xa409_3822, 0x299f_31d0]), digits);
}

/// What an invocation's years pay, in 64 bits.
fn values(invocation: u32, seed: u32, years: u32) -> (f64, f64) {
    let drift = (RATE - VOLATILITY * VOLATILITY / 2.0) / 12.0;
    let spread = VOLATILITY / 12f64.sqrt();
    let (mut european, mut asian) = (0.0, 0.0);
    for year in 0..years {
        let (mut price, mut sum) = (SPOT, 0.0);
        for quarter in 0..3 {
            let words = philox([quarter, year, invocation, 0], [seed, 0]);
            for pair in words.chunks(2) {
                let size = f64::from((pair[0] >> 8) + 1) / f64::from(1 << 24);
                let angle = f64::from(pair[1] >> 8) / f64::from(1 << 24) * std::f64::consts::TAU;
                let radius = (-2.0 * size.ln()).sqrt();
                for normal in [radius * angle.cos(), radius * angle.sin()] {
                    price *= (drift + spread * normal).exp();
                    sum += price;
                }
            }
        }
        european += (price - STRIKE).max(0.0);
        asian += (sum / 12.0 - STRIKE).max(0.0);
    }
    let discount = (-RATE).exp() / f64::from(years);
    (european * discount, asian * discount)
}

/// The values of each invocation by the kernel, compiled as the job says.
fn simulated(seed: u32, years: u32, groups: u32) -> Vec<(f64, f64)> {
    let numbers = [SPOT, STRIKE, RATE, VOLATILITY].map(|number| (number as f32).to_bits());
    let parameters = [&[seed, years][..], &numbers].concat();
    let kernel = compiled_for(KERNEL, JOB, 0);
    let words = Pass::new(kernel, &parameters, [groups, 1, 1]).output(&[]);
    let float = |word: u32| f64::from(f32::from_bits(word));
    words
        .chunks(2)
        .map(|pair| (float(pair[0]), float(pair[1])))
        .collect()
}

#[test]
fn simulated_values_are_those_of_64_bits_but_for_rounding() {
    let mut greatest = 0f64;
    for (invocation, found) in (0..).zip(simulated(2010, 16, 2)) {
        let expected = values(invocation, 2010, 16);
        for (found, expected) in [(found.0, expected.0), (found.1, expected.1)] {
            greatest = greatest.max((found - expected).abs() / (expected + 1.0));
        }
    }
    assert!(greatest < 1e-5, "{greatest}");
}

/// The normal distribution, by Simpson's rule.
fn normal(x: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let step = x / 1_000.0;
    let sum: f64 = (0..500)
        .map(|i| f64::from(2 * i) * step)
        .map(|t| density(t) + 4.0 * density(t + step) + density(t + 2.0 * step))
        .sum();
    0.5 + sum * step / 3.0
}

/// Black and Scholes, 1973, for a year.
fn black_scholes(volatility: f64, spot: f64, growth: f64) -> f64 {
    let upper = ((spot / STRIKE).ln() + growth + volatility * volatility / 2.0) / volatility;
    let forward = spot * (growth - RATE).exp();
    forward * normal(upper) - STRIKE * (-RATE).exp() * normal(upper - volatility)
}

/// The mean, and its standard error.
fn estimate(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

#[test]
fn simulated_prices_meet_black_and_scholes() {
    let (european, asian): (Vec<f64>, Vec<f64>) = simulated(2010, 64, 8).into_iter().unzip();
    let exact = black_scholes(VOLATILITY, SPOT, RATE);
    let (price, error) = estimate(&european);
    assert!((price - exact).abs() < 3.0 * error && error < 0.006 * exact);

    // The geometric mean of twelve months has a lognormal distribution too, and is below the arithmetic one.
    let variance = VOLATILITY * VOLATILITY;
    let geometric = VOLATILITY * (13.0f64 * 25.0 / (6.0 * 144.0)).sqrt();
    let growth = (RATE - variance / 2.0) * 13.0 / 24.0 + geometric * geometric / 2.0;
    let least = black_scholes(geometric, SPOT, growth);
    let (price, error) = estimate(&asian);
    assert!(price > least && price < 1.1 * least && error < 0.006 * price);
}
