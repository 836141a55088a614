// SPDX-License-Identifier: Apache-2.0
//! Measures the library's functions of one argument over all arguments: the greatest error in units in the
//! last place, where it is, and the fuel of a call. The reference is the standard library in binary64.
//!
//! `cargo run --release -p assay-kernel --example accuracy [STEP [FUNCTION...]]`: every STEP-th argument, 1 without.

use assay_kernel::{
    Kernel,
    compiler::{Options, compile},
    float,
    machine::{Invocation, LANES, Machine, SliceInputs},
    validate::Limits,
};
use std::{env, num::NonZeroU64, process::ExitCode, thread};

/// A function, the reference, and the error that WGSL allows, where that is a number of units in the last place.
type Case = (&'static str, fn(f64) -> f64, &'static str);

const CASES: [Case; 19] = [
    ("exp", f64::exp, "3 + 2 |x|"),
    ("exp2", f64::exp2, "3 + 2 |x|"),
    ("log", f64::ln, "3, or 2^-21 absolute"),
    ("log2", f64::log2, "3, or 2^-21 absolute"),
    ("sin", f64::sin, "2^-11 absolute, up to pi"),
    ("cos", f64::cos, "2^-11 absolute, up to pi"),
    ("tan", f64::tan, "as sin(x) / cos(x)"),
    ("asin", f64::asin, "as atan2"),
    ("acos", f64::acos, "as atan2"),
    ("atan", f64::atan, "4096"),
    ("sinh", f64::sinh, "as exp"),
    ("cosh", f64::cosh, "as exp"),
    ("tanh", f64::tanh, "as sinh / cosh"),
    ("asinh", f64::asinh, "as log"),
    ("acosh", f64::acosh, "as log"),
    ("atanh", atanh, "as log"),
    ("inverseSqrt", |x| 1.0 / x.sqrt(), "2"),
    ("sqrt", f64::sqrt, "as 1 / inverseSqrt"),
    ("fract", |x| x - x.floor(), "as x - floor(x)"),
];

/// The standard library loses digits near 0.
fn atanh(x: f64) -> f64 {
    0.5 * (2.0 * x / (1.0 - x)).ln_1p()
}

/// The worst argument that was found.
#[derive(Clone, Copy, Default)]
struct Worst {
    error: f64,
    argument: u32,
}

fn kernel(name: &str) -> Kernel {
    let source = format!(
        "@group(0) @binding(0) var<storage, read> arguments: array<f32>;
         @group(0) @binding(1) var<storage, read_write> results: array<f32>;
         @compute @workgroup_size(256)
         fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
             results[id.x] = {name}(arguments[id.x]);
         }}"
    );
    match compile(&source, &Options::default()) {
        Ok(compiled) => compiled.kernel,
        Err(obstacles) => panic!("{obstacles}"),
    }
}

/// How many units in the last place a result is away from the exact value. What is exactly in between the
/// smallest number and 0, or beyond the greatest number, may be either.
fn error(result: f32, exact: f64) -> f64 {
    let smallest = f64::from(f32::from_bits(float::SMALLEST));
    let rounded = exact as f32;
    let is_same = result == rounded || (result.is_nan() && exact.is_nan());
    let vanishes = result == 0.0 && exact.abs() <= smallest;
    if is_same || vanishes {
        // Rounded correctly, but not exact.
        return if rounded.is_finite() && !vanishes {
            (f64::from(result) - exact).abs() / unit(exact)
        } else {
            0.0
        };
    }
    match result.is_finite() && exact.is_finite() {
        true => (f64::from(result) - exact).abs() / unit(exact),
        false => f64::INFINITY,
    }
}

/// The distance between floats around a value.
fn unit(exact: f64) -> f64 {
    let exponent = exact.abs().log2().floor().clamp(-126.0, 127.0);
    (exponent - 23.0).exp2()
}

/// The worst of every `step`-th argument from `first` on, for as many threads as there are.
fn worst(kernel: &Kernel, reference: fn(f64) -> f64, first: u64, stride: u64) -> Worst {
    let mut machine = Machine::new(kernel, &Limits::DEFAULT).expect("a valid kernel");
    let mut worst = Worst::default();
    let mut results = vec![0; LANES];
    let mut next = first;
    while next < 1 << 32 {
        let arguments: Vec<u32> = (0..LANES as u64)
            .map(|lane| (next + lane * stride).min((1 << 32) - 1) as u32)
            .collect();
        next += LANES as u64 * stride;
        let invocation = Invocation {
            grid: [1; 3],
            group: 0,
            parameters: &[],
        };
        machine
            .run(&invocation, &mut SliceInputs(&[&arguments]), &mut results)
            .expect("the arguments are there");
        for (argument, result) in arguments.into_iter().zip(&results) {
            if !float::is_canonical(argument) {
                continue;
            }
            let exact = reference(f64::from(f32::from_bits(argument)));
            let error = error(f32::from_bits(*result), exact);
            if error > worst.error {
                worst = Worst { error, argument };
            }
        }
    }
    worst
}

/// The step and the functions that the arguments ask for.
fn asked(mut arguments: impl Iterator<Item = String>) -> Option<(u64, Vec<Case>)> {
    let step = match arguments.next() {
        Some(step) => step.parse::<NonZeroU64>().ok()?.get(),
        None => 1,
    };
    let named: Option<Vec<Case>> = arguments
        .map(|name| CASES.into_iter().find(|case| case.0 == name))
        .collect();
    let mut cases = named?;
    if cases.is_empty() {
        cases = CASES.to_vec();
    }
    Some((step, cases))
}

fn main() -> ExitCode {
    let Some((step, cases)) = asked(env::args().skip(1)) else {
        eprintln!(
            "usage: accuracy [STEP [FUNCTION...]]: every STEP-th argument, 1 or more, of these:"
        );
        eprintln!("  {}", CASES.map(|case| case.0).join(" "));
        return ExitCode::FAILURE;
    };
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    println!("| function | greatest error, ulp | at | WGSL allows | fuel |");
    println!("| --- | --: | --- | --- | --: |");
    for (name, reference, allowed) in cases {
        let kernel = kernel(name);
        let worst = thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|part| {
                    let kernel = &kernel;
                    scope.spawn(move || worst(kernel, reference, part * step, step * threads))
                })
                .collect();
            let worst = parts.into_iter().map(|part| part.join().expect("it ends"));
            worst
                .max_by(|a, b| a.error.total_cmp(&b.error))
                .unwrap_or_default()
        });
        // Without reading the argument and writing the result.
        let around = 2 * 3 + 7;
        let fuel = assay_kernel::validate::validate(&kernel, &Limits::DEFAULT)
            .map_or(0, |report| report.tile_fuel / LANES as u64);
        println!(
            "| {name} | {:.3} | {:#010x}, {:e} | {allowed} | {} |",
            worst.error,
            worst.argument,
            f32::from_bits(worst.argument),
            fuel.saturating_sub(around)
        );
    }
    ExitCode::SUCCESS
}
