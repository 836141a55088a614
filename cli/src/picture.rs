// SPDX-License-Identifier: Apache-2.0
//! Pictures as kernels see them: one word a pixel, red in the lowest byte, then green, blue and alpha,
//! rows from the top.

use anyhow::{Context, Result, ensure};
use image::RgbaImage;
use std::path::Path;

/// The bytes of a picture as a job's input, with its width and height.
pub fn read(path: &Path) -> Result<(Vec<u8>, u32, u32)> {
    let picture = image::open(path)
        .with_context(|| format!("cannot read the picture {}", path.display()))?
        .into_rgba8();
    let (width, height) = picture.dimensions();
    Ok((picture.into_raw(), width, height))
}

/// Writes the first `width * height` words of an output as a PNG.
pub fn write(path: &Path, output: &[u8], width: u32, height: u32) -> Result<()> {
    let length = usize::try_from(u64::from(width) * u64::from(height) * 4)?;
    ensure!(
        output.len() >= length,
        "the output has {} bytes, too few for a picture of {width} x {height} pixels",
        output.len(),
    );
    let picture = RgbaImage::from_raw(width, height, output[..length].to_vec())
        .context("the picture's size does not fit its pixels")?;
    picture
        .save(path)
        .with_context(|| format!("cannot write the picture {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_undoes_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.png");
        let pixels: Vec<u8> = (0..2 * 3 * 4).map(|byte| byte * 7).collect();
        let mut output = pixels.clone();
        output.extend([0; 100]);
        write(&path, &output, 2, 3).expect("the output is long enough");
        assert_eq!(read(&path).expect("a picture"), (pixels, 2, 3));
    }

    #[test]
    fn write_refuses_when_the_output_is_too_short() {
        let error = write(Path::new("unused.png"), &[0; 10], 2, 3).expect_err("ten bytes");
        assert!(error.to_string().contains("2 x 3"), "{error}");
    }
}
