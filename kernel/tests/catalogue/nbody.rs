// SPDX-License-Identifier: Apache-2.0
//! Bodies that attract each other.

use crate::{
    Pass, compiled_for,
    float::{Float, floats},
    words,
};

use std::array::from_fn;

const KERNEL: &str = include_str!("../../../kernels/nbody/kernel.wgsl");
const JOB: &str = include_str!("../../../kernels/nbody/job.json");
const ATOMS: &[u8] = include_bytes!("../../../kernels/nbody/atoms.bin");

/// A step by the kernel, compiled as the job says.
fn stepped(bodies: &[u32], step: f32, softening: f32) -> Vec<u32> {
    let count = bodies.len() / 8;
    let parameters = [count as u32, step.to_bits(), softening.to_bits()];
    let grid = [count.div_ceil(256) as u32, 1, 1];
    let mut output = Pass::new(compiled_for(KERNEL, JOB, 0), &parameters, grid).output(&[bodies]);
    assert!(output.split_off(bodies.len()).iter().all(|word| *word == 0));
    output
}

/// The same step in the same order, one body after the other.
fn expected(bodies: &[u32], step: f32, softening: f32) -> Vec<u32> {
    let bodies: Vec<[Float; 8]> = bodies
        .chunks(8)
        .map(|body| from_fn(|word| Float::from_bits(body[word])))
        .collect();
    let (step, softening) = (Float(step), Float(softening));
    let moved = bodies.iter().flat_map(|body| {
        let mut acceleration = [Float::default(); 3];
        for other in &bodies {
            let way: [Float; 3] = from_fn(|axis| other[axis] - body[axis]);
            let squares = way[0] * way[0] + way[1] * way[1] + way[2] * way[2];
            let inverse = Float(1.0) / (squares + softening).sqrt();
            let pull = other[3] * inverse * inverse * inverse;
            acceleration = from_fn(|axis| acceleration[axis] + pull * way[axis]);
        }
        let velocity: [Float; 3] = from_fn(|axis| body[4 + axis] + step * acceleration[axis]);
        let moved: [Float; 8] = from_fn(|word| match word {
            0..3 => body[word] + step * velocity[word],
            3 => body[3],
            4..7 => velocity[word - 4],
            _ => Float::default(),
        });
        moved.map(Float::bits)
    });
    moved.collect()
}

/// Kinetic and potential energy, and the momentum.
fn energies(bodies: &[u32], softening: f64) -> (f64, f64, [f64; 3]) {
    let bodies: Vec<[f64; 8]> = bodies
        .chunks(8)
        .map(|body| from_fn(|word| f32::from_bits(body[word]).into()))
        .collect();
    let (mut kinetic, mut potential, mut momentum) = (0.0, 0.0, [0.0f64; 3]);
    for (number, body) in bodies.iter().enumerate() {
        kinetic += body[3] * body[4..7].iter().map(|v| v * v).sum::<f64>() / 2.0;
        momentum = from_fn(|axis| momentum[axis] + body[3] * body[4 + axis]);
        for other in &bodies[..number] {
            let squares: f64 = (0..3).map(|axis| (other[axis] - body[axis]).powi(2)).sum();
            potential -= body[3] * other[3] / (squares + softening).sqrt();
        }
    }
    (kinetic, potential, momentum)
}

#[test]
fn step_has_the_bits_of_one_body_after_the_other() {
    for count in [1, 2, 255, 300] {
        let mut bodies = floats(count * 8, -4.0, 4.0);
        for mass in bodies.iter_mut().skip(3).step_by(8) {
            *mass &= 0x7fff_ffff;
        }
        assert_eq!(stepped(&bodies, 0.01, 0.05), expected(&bodies, 0.01, 0.05));
    }
}

#[test]
fn steps_of_atoms_have_the_bits_of_one_after_the_other_and_keep_energy_and_momentum() {
    let mut atoms = words(ATOMS);
    let (_, before, _) = energies(&atoms, 0.25);
    for _ in 0..40 {
        let next = stepped(&atoms, 0.25, 0.25);
        assert_eq!(next, expected(&atoms, 0.25, 0.25));
        atoms = next;
    }
    let (kinetic, potential, momentum) = energies(&atoms, 0.25);
    assert!(kinetic > 0.1 * -before, "they have begun to fall");
    assert!((kinetic + potential - before).abs() < 0.01 * -before);
    assert!(momentum.iter().all(|part| part.abs() < 1e-5));
}
