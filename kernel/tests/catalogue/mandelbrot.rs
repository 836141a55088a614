// SPDX-License-Identifier: Apache-2.0
//! The Mandelbrot set.

use crate::run_on;

const KERNEL: &str = include_str!("../../../kernels/mandelbrot/kernel.wgsl");

/// Whether a point of the plane stays near for 200 turns, in floating point.
fn stays(cx: f64, cy: f64) -> bool {
    let (mut x, mut y) = (0.0f64, 0.0f64);
    for _ in 0..200 {
        if x * x + y * y > 4.0 {
            return false;
        }
        (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
    }
    true
}

#[test]
fn mandelbrot_is_black_where_floating_point_says_so() {
    let (width, height, pixel) = (80u32, 60u32, 314_573i32);
    let centre = (-0.75f64 * f64::from(1 << 23)) as i32;
    let parameters = [width, centre as u32, 0, pixel as u32, height];
    let picture = run_on(KERNEL, &[], &parameters, 19);
    let unit = f64::from(1 << 23);
    let differing = (0..width * height)
        .filter(|i| {
            let column = f64::from((i % width) as i32 - width as i32 / 2);
            let row = f64::from((i / width) as i32 - height as i32 / 2);
            let cx = (f64::from(centre) + column * f64::from(pixel)) / unit;
            let cy = row * f64::from(pixel) / unit;
            (picture[*i as usize] == 0xff00_0000) != stays(cx, cy)
        })
        .count();
    let black = picture
        .iter()
        .filter(|pixel| **pixel == 0xff00_0000)
        .count();
    assert!((500..1_500).contains(&black), "{black} are black");
    // Thirteen bits are not fifty-three: points on the border may fall on the other side.
    assert!(differing < 40, "{differing} differ");
}
