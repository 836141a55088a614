// SPDX-License-Identifier: Apache-2.0
// A step of bodies that attract each other: each pair is looked at. A workgroup moves 256 bodies; they share what
// they read of 256 others at a time (Nyland, Harris, Prins: Fast N-body simulation with CUDA, 2007).

// Eight words. Lengths, masses and times are in units in which the constant of gravity is 1.
struct Body {
    position: vec3<f32>,
    mass: f32,
    velocity: vec3<f32>,
    unused: f32,
}

struct Parameters {
    // Bodies.
    count: u32,
    // How much time goes by.
    step: f32,
    // The square of a length, more than 0, that is added to the square of each distance: it keeps bodies that
    // come close from being thrown away.
    softening: f32,
}

@group(0) @binding(0) var<storage, read> before: array<Body>;
@group(0) @binding(1) var<uniform> parameters: Parameters;
@group(0) @binding(2) var<storage, read_write> after: array<Body>;

const GROUP: u32 = 256u;

// Position and mass of those that attract now.
var<workgroup> others: array<vec4<f32>, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let body = before[id.x];
    var acceleration = vec3<f32>();
    for (var first = 0u; first < parameters.count; first += GROUP) {
        // Behind the last body, what is read is 0, and a mass of 0 attracts nothing.
        let other = before[first + lane];
        others[lane] = vec4(other.position, other.mass);
        workgroupBarrier();
        for (var i = 0u; i < GROUP; i++) {
            let other = others[i];
            // A body does not attract itself: its way to itself is 0.
            let way = other.xyz - body.position;
            let inverse = 1.0 / sqrt(dot(way, way) + parameters.softening);
            acceleration += other.w * inverse * inverse * inverse * way;
        }
        workgroupBarrier();
    }

    // The new velocity moves it, which keeps the energy near where it was however many steps are taken (the
    // symplectic Euler method).
    let velocity = body.velocity + parameters.step * acceleration;
    let position = body.position + parameters.step * velocity;
    if id.x < parameters.count {
        after[id.x] = Body(position, body.mass, velocity, 0.0);
    }
}
